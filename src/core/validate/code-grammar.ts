import { isUcum } from './ucum.ts';

/** Whether a code is one of a system whose codes are made by a grammar, or are few; undefined for other systems. */
export function grammarOf(system: string): ((code: string) => boolean) | undefined {
  return Object.hasOwn(grammars, system) ? grammars[system] : undefined;
}

// Languages with two letters: https://www.iana.org/assignments/language-subtag-registry
const languages = new Set(
  (
    'aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo ' +
    'es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji ' +
    'jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb ' +
    'nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ' +
    'ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu'
  ).split(' '),
);

/** https://www.rfc-editor.org/rfc/rfc5646#section-2.1 No language of four letters or more was ever registered. */
function isLanguage(code: string): boolean {
  if (!/^[A-Za-z]{1,3}(?:-[A-Za-z0-9]{1,8}){0,8}$/.test(code)) return false;
  const [primary = '', ...others] = code.toLowerCase().split('-');
  // `x-…` is private use; `i-…` are old registrations.
  if (primary.length === 1) return (primary === 'x' || primary === 'i') && others.length > 0;
  return primary.length === 3 || languages.has(primary);
}

/** https://www.rfc-editor.org/rfc/rfc6838#section-4.2, with parameters */
function isMediaType(code: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+-]{0,126}(?:;.{1,500})?$/.test(code);
}

/** ISO 4217, as JavaScript knows it, with the codes for tests and for no currency. */
const currencies = new Set([...Intl.supportedValuesOf('currency'), 'XTS', 'XXX']);

const grammars: Readonly<Record<string, (code: string) => boolean>> = {
  'urn:ietf:bcp:47': isLanguage,
  'urn:ietf:bcp:13': isMediaType,
  'urn:iso:std:iso:4217': (code) => currencies.has(code),
  'http://unitsofmeasure.org': isUcum,
};
