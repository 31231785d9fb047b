/** XML as this comparison needs it: elements with attributes and text, no processing instructions, no DTD. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const tag =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** @throws Error when the text is not well-formed, as far as this reader knows XML. */
export function parseXml(text: string): XmlElement {
  const root = { name: '', attributes: {}, children: [] as XmlElement[], text: '' };
  const open = [root];
  for (const [whole, close, name, attributes = '', empty, characters] of text.replace(/^\uFEFF/, '').matchAll(tag)) {
    const parent = open.at(-1) ?? root;
    if (characters !== undefined) parent.text += decoded(characters).trim();
    if (name === undefined) continue;
    if (close === '/') {
      if (open.pop()?.name !== name) throw new Error(`${whole} closes nothing`);
      continue;
    }
    const found: Record<string, string> = {};
    for (const [, key = '', double, single] of attributes.matchAll(attribute))
      found[key] = decoded(double ?? single ?? '');
    const element = { name, attributes: found, children: [] as XmlElement[], text: '' };
    parent.children.push(element);
    if (empty !== '/') open.push(element);
  }
  const [element] = root.children;
  if (element === undefined || open.length !== 1) throw new Error('this is no well-formed XML document');
  return element;
}

function decoded(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/** An element in one form, whatever its spelling: attributes in order, namespaces of prefixes left out. */
export function canonicalXml(element: XmlElement): unknown {
  const attributes = Object.entries(element.attributes).filter(([name]) => !name.startsWith('xmlns:'));
  return [
    element.name,
    attributes.sort(([a], [b]) => (a < b ? -1 : 1)),
    element.text,
    element.children.map(canonicalXml),
  ];
}
