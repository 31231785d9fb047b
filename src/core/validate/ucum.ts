import { ucum } from '@atomic-ehr/ucum';

/** Longer codes are not judged: the longest that the standard lists has 34 characters. */
const lengthLimit = 256;
/** Codes that are remembered; a sender cannot fill the memory. */
const memory = 2000;
const known = new Map<string, boolean>();

/** Units that the library lacks: seconds of arc, and gram percent. https://ucum.org/ucum#section-Tables-of-Terminal-Symbols */
const more = new Set(["''", 'g%']);

/** Whether a text is a unit of UCUM, in the case-sensitive form that FHIR uses. https://ucum.org/ucum */
export function isUcum(code: string): boolean {
  if (code.length > lengthLimit) return true;
  const before = known.get(code);
  if (before !== undefined) return before;
  const found = more.has(code) || isUnit(code);
  // Units come from senders, too: made-up ones must not keep the real ones out for good.
  if (known.size >= memory) known.clear();
  known.set(code, found);
  return found;
}

function isUnit(code: string): boolean {
  const plain = withoutAnnotations(code);
  if (plain === undefined || /\s/.test(plain)) return false;
  try {
    return ucum.validate(plain).valid;
  } catch {
    return false;
  }
}

/**
 * Texts in braces mean nothing to the unit: alone they stand for 1, behind a unit they add nothing. Undefined when a brace
 * is not closed. https://ucum.org/ucum#para-curly
 */
function withoutAnnotations(code: string): string | undefined {
  let plain = '';
  for (let at = 0; at < code.length; at += 1) {
    const character = code.charAt(at);
    if (character === '}') return undefined;
    if (character !== '{') {
      plain += character;
      continue;
    }
    const end = code.indexOf('}', at);
    if (end < 0 || code.slice(at + 1, end).includes('{')) return undefined;
    if (plain === '' || /[/.(]$/.test(plain)) plain += '1';
    at = end;
  }
  return plain;
}
