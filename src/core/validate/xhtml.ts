import { htmlEntities } from './html-entities.ts';

/** Elements of HTML 4.0 chapters 7-11 (not 9.4) and 15, links and images: https://hl7.org/fhir/R4/narrative.html */
const elements = new Set(
  'a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'.split(
    ' ',
  ),
);
const attributes = new Set(
  'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width xml:lang xml:space xmlns idref ismap nohref usemap'.split(
    ' ',
  ),
);

/**
 * Check the text of a narrative in one pass.
 *
 * @returns What is wrong, as sentences; empty when it is well-formed and safe.
 * @see https://hl7.org/fhir/R4/narrative.html#security txt-1 and txt-2
 */
export function checkXhtml(source: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  let hasContent = false;
  let roots = 0;
  let at = 0;
  while (at < source.length && faults.length < 10) {
    const next = source.indexOf('<', at);
    const content = source.slice(at, next < 0 ? source.length : next);
    if (content.trim() !== '') {
      if (open.length === 0) faults.push('The narrative has text outside its div element; put it inside.');
      else hasContent = true;
      checkEntities(content, faults);
    }
    if (next < 0) break;
    if (source.startsWith('<!--', next)) {
      const end = source.indexOf('-->', next + 4);
      if (end < 0) faults.push('The narrative has a comment without an end; close it with -->.');
      at = end < 0 ? source.length : end + 3;
      continue;
    }
    const end = endOfTag(source, next);
    if (end < 0) {
      faults.push('The narrative has a tag without an end; close it with >.');
      break;
    }
    const tag = source.slice(next + 1, end);
    at = end + 1;
    if (tag.startsWith('!') || tag.startsWith('?')) {
      if (!(tag.startsWith('?xml ') && next === 0))
        faults.push('The narrative has a declaration; remove it, only elements and text are allowed.');
    } else if (tag.startsWith('/')) {
      const name = tag.slice(1);
      const opened = open.pop();
      if (opened !== name && opened !== name.trim())
        faults.push(
          'The narrative closes an element that is not the open one; write end tags in the opposite order of their start tags.',
        );
    } else {
      const name = startTag(tag, open.length === 0, faults);
      if (open.length === 0) roots += 1;
      if (name === 'img') hasContent = true;
      if (!tag.endsWith('/')) open.push(name);
    }
  }
  if (faults.length === 0 && open.length > 0)
    faults.push('The narrative does not close all of its elements; add the end tags, in XHTML every element has one.');
  if (faults.length === 0 && roots !== 1) faults.push('The narrative must be one div element; put all of it into one.');
  if (faults.length === 0 && !hasContent)
    faults.push('The narrative has no content (txt-2); write some, or leave the narrative out.');
  return faults;
}

/** Whether an image of a well-formed narrative is fetched from another server, which then knows who reads what. */
export function hasOutsideImage(source: string): boolean {
  for (let at = source.indexOf('<img'); at >= 0; at = source.indexOf('<img', at + 4)) {
    const tag = source.slice(at + 4, endOfTag(source, at));
    if (/^\s*(?:https?:)?\/\//i.test(readAttributes(tag.replace(/\/$/, ''), []).get('src') ?? '')) return true;
  }
  return false;
}

/** Position of the `>` that ends the tag; quoted text may hold others. */
function endOfTag(source: string, from: number): number {
  let quote = 0;
  for (let at = from + 1; at < source.length; at += 1) {
    const unit = source.charCodeAt(at);
    if (quote !== 0) {
      if (unit === quote) quote = 0;
    } else if (unit === 34 || unit === 39) quote = unit;
    else if (unit === 62) return at;
  }
  return -1;
}

function startTag(tag: string, isRoot: boolean, faults: string[]): string {
  // Most tags have no attributes, and most narratives begin alike: of those nothing has to be taken apart.
  if (isRoot && tag === 'div xmlns="http://www.w3.org/1999/xhtml"') return 'div';
  if (!isRoot && elements.has(tag)) return tag;
  const body = tag.endsWith('/') ? tag.slice(0, -1) : tag;
  const name = /^[A-Za-z0-9:]{1,64}/.exec(body)?.[0] ?? '';
  if (isRoot && name !== 'div') faults.push('The narrative must be a div element; put all of it into one.');
  else if (!elements.has(name))
    faults.push(`The narrative has the element '${name}', which is not allowed; remove it, only plain formatting is.`);
  const found = readAttributes(body.slice(name.length), faults);
  if (isRoot && found.get('xmlns') !== 'http://www.w3.org/1999/xhtml')
    faults.push('The narrative\'s div must have xmlns="http://www.w3.org/1999/xhtml"; add it.');
  for (const [key, value] of found) checkAttribute(name, key, value, faults);
  return name;
}

function readAttributes(source: string, faults: string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const pattern = /\s*([A-Za-z_:][A-Za-z0-9_:.-]{0,63})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/y;
  let at = 0;
  while (faults.length < 10) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) break;
    at = pattern.lastIndex;
    const [, key = '', double, single] = match;
    if (found.has(key)) faults.push(`The narrative has the attribute '${key}' twice on one element; keep one.`);
    found.set(key, double ?? single ?? '');
  }
  if (faults.length < 10 && source.slice(at).trim() !== '') {
    faults.push('The narrative has an attribute that is not well-formed; write name="value".');
  }
  return found;
}

function checkAttribute(element: string, key: string, value: string, faults: string[]): void {
  if (!attributes.has(key) && !key.startsWith('xmlns:') && !key.startsWith('data-')) {
    faults.push(`The narrative has the attribute '${key}', which is not allowed; remove it.`);
  }
  if (value.includes('<')) faults.push(`The narrative has '<' in the attribute '${key}'; write &lt;.`);
  checkEntities(value, faults);
  if (element === 'a' && key === 'href') checkLink(value, faults);
  if (element === 'img' && key === 'src' && /^\s{0,9}(?:javascript|vbscript):/i.test(value))
    faults.push('The narrative has an image that is a script; remove it.');
}

/** Links lead to pages, mail, telephones, or places inside. */
function checkLink(value: string, faults: string[]): void {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]{0,31}):/.exec(value.trim())?.[1]?.toLowerCase();
  if (scheme === undefined || ['http', 'https', 'mailto', 'tel', 'ftp', 'data', 'cid'].includes(scheme)) return;
  faults.push(`The narrative links by '${scheme}:', which no reader can follow; use http, https, mailto or tel.`);
}

function checkEntities(content: string, faults: string[]): void {
  for (let at = content.indexOf('&'); at >= 0; at = content.indexOf('&', at + 1)) {
    const end = content.slice(at, at + 34).indexOf(';');
    const name = end < 0 ? '' : content.slice(at + 1, at + end);
    if (name.startsWith('#') ? /^#(?:[0-9]{1,7}|x[0-9A-Fa-f]{1,6})$/.test(name) : htmlEntities.has(name)) continue;
    faults.push(
      /^[A-Za-z][A-Za-z0-9]{1,30}$/.test(name)
        ? `The narrative has the entity '&${name};', which nobody declared; write the character itself.`
        : "The narrative has a bare '&'; write &amp;.",
    );
    return;
  }
}
