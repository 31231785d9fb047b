import { isAbsolute } from './absolute-url.ts';

/**
 * Formats of R4's primitive types, decided in one pass over the text. The regular expressions that the standard
 * publishes are not used: that of base64Binary takes exponential time in JavaScript, so one request could stop a server.
 * @see https://hl7.org/fhir/R4/datatypes.html#primitive
 */

/** What a primitive's JSON must be: the kind of JSON value, then a check of its content. */
interface PrimitiveCheck {
  readonly json: 'string' | 'number' | 'boolean';
  readonly isValid: (value: never) => boolean;
  /** What the type wants, ending the sentence "It should be …". */
  readonly wants: string;
}

const maxInteger = 2_147_483_647;
/** "strings SHALL NOT exceed 1 MB": https://hl7.org/fhir/R4/datatypes.html#string */
const maxStringLength = 1_048_576;

export const primitives: Readonly<Record<string, PrimitiveCheck>> = {
  boolean: { json: 'boolean', isValid: () => true, wants: 'true or false' },
  integer: { json: 'number', isValid: isInteger, wants: 'a whole number between -2147483648 and 2147483647' },
  unsignedInt: {
    json: 'number',
    isValid: (value: number) => isInteger(value) && value >= 0,
    wants: 'a whole number of 0 or more',
  },
  positiveInt: {
    json: 'number',
    isValid: (value: number) => isInteger(value) && value > 0,
    wants: 'a whole number of 1 or more',
  },
  decimal: { json: 'number', isValid: Number.isFinite, wants: 'a number' },
  string: { json: 'string', isValid: isText, wants: 'text with something else than white space, of at most 1 MB' },
  markdown: { json: 'string', isValid: isText, wants: 'text with something else than white space, of at most 1 MB' },
  xhtml: { json: 'string', isValid: (value: string) => value.length > 0, wants: 'a div element of XHTML' },
  code: {
    json: 'string',
    isValid: isCode,
    wants: 'a code: text without space at its ends and with single spaces inside',
  },
  id: { json: 'string', isValid: isId, wants: '1 to 64 letters, digits, "-" and "."' },
  uri: { json: 'string', isValid: isUri, wants: 'a URI without white space' },
  url: { json: 'string', isValid: isUri, wants: 'a URL without white space' },
  canonical: {
    json: 'string',
    isValid: isCanonical,
    wants: 'an absolute URL, with |version where needed, or #id of a contained resource',
  },
  oid: { json: 'string', isValid: isOid, wants: 'an OID such as urn:oid:1.2.3' },
  uuid: { json: 'string', isValid: isUuid, wants: 'a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520' },
  date: { json: 'string', isValid: isDate, wants: 'a date: YYYY, YYYY-MM or YYYY-MM-DD' },
  dateTime: {
    json: 'string',
    isValid: isDateTime,
    wants: 'a date, or a date with time and time zone such as 2026-11-26T09:00:00Z',
  },
  instant: { json: 'string', isValid: isInstant, wants: 'a date with time to the second and time zone' },
  time: { json: 'string', isValid: isTime, wants: 'a time: hh:mm:ss' },
  base64Binary: { json: 'string', isValid: isBase64, wants: 'base64 text' },
};

export function isPrimitive(type: string): boolean {
  return Object.hasOwn(primitives, type);
}

/** Whether a JSON value is a well-formed value of this primitive type. */
export function isValidPrimitive(type: string, value: unknown): boolean {
  const check = primitives[type];
  return check !== undefined && typeof value === check.json && check.isValid(value as never);
}

function isInteger(value: number): boolean {
  return Number.isInteger(value) && value >= -maxInteger - 1 && value <= maxInteger;
}

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || unit === 0xa0;
}

/** From this length on, a regular expression of one class is quicker than a loop, four times so for a narrative. */
const longText = 24;
const control = /[\0-\x08\x0b\x0c\x0e-\x1f]/;
const space = /[\t-\r \u00a0]/;

/** Not empty, not only white space, no control characters besides tab, line feed and carriage return. */
function isText(value: string): boolean {
  const { length } = value;
  if (length === 0 || length > maxStringLength) return false;
  // Most texts begin with a letter, and so have content.
  if (isSpace(value.charCodeAt(0)) && !hasContent(value)) return false;
  if (length >= longText) return !control.test(value);
  for (let at = 0; at < length; at += 1) {
    const unit = value.charCodeAt(at);
    if (unit < 32 && unit !== 9 && unit !== 10 && unit !== 13) return false;
  }
  return true;
}

function hasContent(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) if (!isSpace(value.charCodeAt(at))) return true;
  return false;
}

function hasSpace(value: string): boolean {
  if (value.length >= longText) return space.test(value);
  for (let at = 0; at < value.length; at += 1) if (isSpace(value.charCodeAt(at))) return true;
  return false;
}

/** "No whitespace other than single spaces": https://hl7.org/fhir/R4/datatypes.html#code */
function isCode(value: string): boolean {
  if (value.length === 0) return false;
  let previousIsSpace = true;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    const space = isSpace(unit);
    if (space && (previousIsSpace || unit !== 32)) return false;
    previousIsSpace = space;
  }
  return !previousIsSpace;
}

function isId(value: string): boolean {
  if (value.length === 0 || value.length > 64) return false;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    const isLetter = (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
    if (!isLetter && !(unit >= 48 && unit <= 57) && unit !== 45 && unit !== 46) return false;
  }
  return true;
}

/** R4 only forbids white space; urn:uuid: and urn:oid: have a form of their own to keep. */
function isUri(value: string): boolean {
  if (value.length === 0 || value.length > maxStringLength) return false;
  if (hasSpace(value)) return false;
  if (value.charCodeAt(0) !== 117 || !value.startsWith('urn:')) return true;
  if (value.startsWith('urn:uuid:')) return isUuid(value);
  return value.startsWith('urn:oid:') ? isOid(value) : true;
}

/** "Canonical URLs are always absolute", or name a contained resource: https://hl7.org/fhir/R4/references.html#canonical */
function isCanonical(value: string): boolean {
  return isUri(value) && (value.startsWith('#') || isAbsolute(value));
}

function isOid(value: string): boolean {
  if (!value.startsWith('urn:oid:') || value.length > 256) return false;
  const arcs = value.slice(8).split('.');
  if (arcs.length < 2 || !'012'.includes(arcs[0] ?? 'x') || arcs[0]?.length !== 1) return false;
  return arcs.every((arc) => /^(0|[1-9][0-9]*)$/.test(arc));
}

function isUuid(value: string): boolean {
  return /^urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(value);
}

function isDate(value: string): boolean {
  return value.length <= 10 && dateLength(value) === value.length;
}

/** Length of the date that the text begins with; 0 when it begins with none. */
function dateLength(value: string): 0 | 4 | 7 | 10 {
  const year = digits(value, 0, 4);
  if (year < 1) return 0;
  if (value.charCodeAt(4) !== 45) return 4;
  const month = digits(value, 5, 2);
  if (month < 1 || month > 12) return 0;
  if (value.charCodeAt(7) !== 45) return 7;
  const day = digits(value, 8, 2);
  return day >= 1 && day <= daysOf(year, month) ? 10 : 0;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The number written at `from` with exactly `count` digits; -1 when something else stands there. */
function digits(value: string, from: number, count: number): number {
  let number = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

function isDateTime(value: string): boolean {
  return value.length <= 10 ? isDate(value) : isInstant(value);
}

function isInstant(value: string): boolean {
  if (dateLength(value) !== 10 || value.charCodeAt(10) !== 84) return false;
  const end = timeLength(value, 11);
  return end > 0 && isZone(value, end);
}

function isTime(value: string): boolean {
  return value.length > 0 && timeLength(value, 0) === value.length;
}

/** Where the time that starts at `from` ends; 0 when none stands there. 60 seconds are a leap second. */
function timeLength(value: string, from: number): number {
  const hour = digits(value, from, 2);
  const minute = digits(value, from + 3, 2);
  const second = digits(value, from + 6, 2);
  const isTimeOfDay = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!isTimeOfDay || value.charCodeAt(from + 2) !== 58 || value.charCodeAt(from + 5) !== 58) return 0;
  if (value.charCodeAt(from + 8) !== 46) return from + 8;
  let end = from + 9;
  while (digits(value, end, 1) >= 0) end += 1;
  return end > from + 9 ? end : 0;
}

function isZone(value: string, from: number): boolean {
  if (value.charCodeAt(from) === 90) return value.length === from + 1;
  const sign = value.charCodeAt(from);
  const hour = digits(value, from + 1, 2);
  const minute = digits(value, from + 4, 2);
  if ((sign !== 43 && sign !== 45) || value.charCodeAt(from + 3) !== 58 || value.length !== from + 6) return false;
  return hour >= 0 && minute >= 0 && minute < 60 && (hour < 14 || (hour === 14 && minute === 0));
}

/** RFC 4648 groups of four, white space allowed between characters; one pass, no backtracking. */
function isBase64(value: string): boolean {
  let count = 0;
  let padding = 0;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    if (isSpace(unit)) continue;
    if (unit === 61) padding += 1;
    else if (padding > 0 || !isBase64Unit(unit)) return false;
    count += 1;
  }
  return count > 0 && count % 4 === 0 && padding <= 2;
}

function isBase64Unit(unit: number): boolean {
  const isLetter = (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
  return isLetter || (unit >= 48 && unit <= 57) || unit === 43 || unit === 47;
}
