import { Fault, kindOf } from './fault.ts';

const patterns: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/,
  dateTime:
    /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$/,
  instant:
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  time: /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/,
  id: /^[A-Za-z0-9\-.]{1,64}$/,
  code: /^\S+( \S+)*$/,
  oid: /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/,
  uuid: /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  base64Binary: /^(\s*[0-9a-zA-Z+/=]){4,}\s*$/,
  uri: /^\S*$/,
  url: /^\S*$/,
  canonical: /^\S*$/,
};
const texts = new Set(['string', 'markdown', 'xhtml', ...Object.keys(patterns)]);
const numbers = new Set(['integer', 'positiveInt', 'unsignedInt', 'decimal', 'integer64']);

/** Types that `cast` knows. */
export function isCastable(type: string): boolean {
  return texts.has(type) || numbers.has(type) || type === 'boolean';
}

/**
 * A primitive as another type, by the rules of https://hl7.org/fhir/R4/datatypes.html#primitive.
 * @throws Fault `mapping-cast` where the value cannot be one of that type: nothing is guessed.
 */
export function cast(value: unknown, type: string): string | number | boolean {
  if (typeof value === 'object' || value === undefined)
    throw new Fault('mapping-cast', `Only a primitive can be cast to ${type}, not ${kindOf(value)}.`);
  const found = type === 'boolean' ? toBoolean(value) : numbers.has(type) ? toNumber(value, type) : toText(value, type);
  if (found === undefined) throw new Fault('mapping-cast', `The value (${kindOf(value)}) is no ${type}.`);
  return found;
}

function toBoolean(value: unknown): boolean | undefined {
  if (value === true || value === 'true' || value === 1 || value === '1') return true;
  if (value === false || value === 'false' || value === 0 || value === '0') return false;
  return undefined;
}

function toNumber(value: unknown, type: string): number | undefined {
  if (typeof value === 'boolean') return undefined;
  const text = String(value).trim();
  if (!/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  if (type === 'decimal') return number;
  const min = type === 'positiveInt' ? 1 : type === 'unsignedInt' ? 0 : -2147483648;
  const max = type === 'integer64' ? Number.MAX_SAFE_INTEGER : 2147483647;
  return Number.isInteger(number) && number >= min && number <= max ? number : undefined;
}

function toText(value: unknown, type: string): string | undefined {
  const text = String(value);
  // A date with a time is a date once the time is taken away; the other way round nothing may be invented.
  if (type === 'date' && patterns.dateTime?.test(text)) return text.slice(0, 10);
  const pattern = patterns[type];
  return pattern === undefined || (isToken(type) && isPlain(text)) || pattern.test(text) ? text : undefined;
}

/** Types of which any letters without a blank are a value. */
function isToken(type: string): boolean {
  return type === 'code' || type === 'uri' || type === 'url' || type === 'canonical';
}

/** Whether a text is some printable ASCII without blanks, as nearly all codes are: seen quicker than by a pattern. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (letter <= 0x20 || letter >= 0x7f) return false;
  }
  return text.length > 0;
}
