/**
 * What a narrative may contain: the formatting of HTML 4.0 chapters 7-11 and 15, links, images and inline styles; no
 * active content, forms, frames or references to style sheets.
 *
 * @see https://hl7.org/fhir/R4/narrative.html#xhtml
 */
const elements = new Set(
  (
    'p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo ' +
    'kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area'
  ).split(' '),
);
const attributes = new Set(
  (
    'title style class id lang xml:lang dir accesskey tabindex span width align valign char charoff abbr axis headers scope ' +
    'rowspan colspan'
  ).split(' '),
);
const elementAttributes = new Set(
  (
    'div.xmlns blockquote.cite q.cite a.charset a.type a.name a.href a.hreflang a.rel a.rev a.shape a.coords img.src ' +
    'img.alt img.longdesc img.height img.width img.usemap img.ismap img.border map.name area.shape area.coords area.href ' +
    'area.nohref area.alt table.summary table.width table.border table.frame table.rules table.cellspacing ' +
    'table.cellpadding pre.xml:space td.nowrap th.nowrap ol.start ol.type ul.type li.value'
  ).split(' '),
);
const namespace = 'http://www.w3.org/1999/xhtml';
/** Elements open at once; the deepest real narratives have some 20. */
const maximalDepth = 200;

const tagPattern = /<(\/?)([A-Za-z][A-Za-z0-9:]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attributePattern = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const entityPattern = /&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#x[0-9a-fA-F]{1,6});/y;

/**
 * Why a text is no narrative by txt-1 and txt-2; undefined when it is one. In one pass over the text.
 */
export function xhtmlFault(text: string): string | undefined {
  const open: string[] = [];
  let hasContent = false;
  let hasRoot = false;
  for (let at = 0; at < text.length; ) {
    const char = text.charCodeAt(at);
    if (char !== 60) {
      const fault = char === 38 ? entityFault(text, at) : undefined;
      if (fault !== undefined) return fault;
      const isSpace = char === 32 || (char >= 9 && char <= 13);
      if (!isSpace && open.length === 0) return 'There is text outside of the div element.';
      hasContent ||= !isSpace;
      at++;
      continue;
    }
    if (text.startsWith('<!--', at)) {
      const close = text.indexOf('-->', at + 4);
      if (close < 0) return 'A comment is never closed.';
      at = close + 3;
      continue;
    }
    tagPattern.lastIndex = at;
    const tag = tagPattern.exec(text);
    if (tag === null) return 'There is a "<" that begins no element; doctypes and instructions are not allowed.';
    const fault = hasRoot && open.length === 0 ? 'There is more than one root element.' : tagFault(tag, open);
    if (fault !== undefined) return fault;
    hasRoot = true;
    hasContent ||= tag[2] === 'img';
    at += tag[0].length;
  }
  if (open.length > 0) return `The element ${open.at(-1)} is never closed.`;
  if (!hasRoot) return 'There is no div element.';
  return hasContent ? undefined : 'There is no content but white space.';
}

function entityFault(text: string, at: number): string | undefined {
  entityPattern.lastIndex = at;
  return entityPattern.test(text) ? undefined : 'There is a "&" that begins no character reference.';
}

function tagFault(tag: RegExpExecArray, open: string[]): string | undefined {
  const [, slash, name = '', given = '', selfClosing] = tag;
  if (slash === '/') {
    if (given !== '' || selfClosing === '/') return `The end tag of ${name} has more than its name.`;
    return open.pop() === name ? undefined : `The end tag of ${name} has no start tag before it.`;
  }
  if (!elements.has(name)) return `The element ${name} is not allowed.`;
  if (open.length === 0 && name !== 'div') return 'The root element should be div.';
  if (open.length >= maximalDepth) return `Elements nest deeper than ${maximalDepth}.`;
  const fault = attributeFault(name, given, open.length === 0);
  if (fault !== undefined) return fault;
  if (selfClosing !== '/') open.push(name);
  return undefined;
}

function attributeFault(name: string, given: string, isRoot: boolean): string | undefined {
  let hasNamespace = false;
  for (const [, key = '', double, single] of given.matchAll(attributePattern)) {
    const value = double ?? single ?? '';
    if (!attributes.has(key.toLowerCase()) && !elementAttributes.has(`${name}.${key}`)) {
      return `The attribute ${key} is not allowed on ${name}.`;
    }
    if (key === 'xmlns') {
      if (value !== namespace) return 'The namespace is not that of XHTML.';
      hasNamespace = true;
    }
    if ((key === 'href' || key === 'src') && /^\s*(?:javascript|vbscript)\s*:/i.test(value)) {
      return `The attribute ${key} has active content.`;
    }
  }
  return isRoot && !hasNamespace ? 'The div element should say the namespace of XHTML.' : undefined;
}
