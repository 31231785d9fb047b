import { Fault } from './fault.ts';

interface Escaping {
  readonly write: (text: string) => string;
  readonly read: (text: string) => string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" };

const markup: Escaping = {
  write: (text) =>
    text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '&#39;'),
  read: (text) =>
    text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, name: string) => entities[name] ?? numbered(name) ?? whole),
};

const formats: Readonly<Record<string, Escaping>> = {
  text: { write: (text) => text, read: (text) => text },
  html: markup,
  xml: markup,
  json: { write: (text) => JSON.stringify(text).slice(1, -1), read: readJson },
  uri: { write: (text) => encodeURIComponent(text), read: readUri },
};

function numbered(name: string): string | undefined {
  const code = name.startsWith('#x')
    ? Number.parseInt(name.slice(2), 16)
    : name.startsWith('#')
      ? Number(name.slice(1))
      : Number.NaN;
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function readJson(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw new Fault('mapping-transform-failed', 'The text is not escaped as JSON.');
  }
}

function readUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault('mapping-transform-failed', 'The text is not escaped as a URI.');
  }
}

/** A sentence when a format is not known; undefined when all are. */
export function escapeFault(names: readonly (string | number | boolean | undefined)[]): string | undefined {
  const unknown = names.find((name) => name !== undefined && !Object.hasOwn(formats, String(name)));
  return unknown === undefined
    ? undefined
    : `escape() knows ${Object.keys(formats).join(', ')}, not "${String(unknown)}".`;
}

/** A text with the escaping of one format replaced by that of another; `plain`: the text has no escaping yet. */
export function escapeText(text: string, from: string, to: string, plain: boolean): string {
  const read = plain ? formats.text : formats[from];
  return (formats[to] ?? markup).write((read ?? markup).read(text));
}
