import type { Issue } from './issue.ts';
import type { JsonLimits } from './json.ts';
import { positionAt } from './json-index.ts';
import { losesDigits } from './json-number.ts';

/** More faults than this in one text help nobody. */
const faultLimit = 20;

/** Keys that change an object's nature where code copies properties. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Up to this many keys of one object are compared one by one; beyond it a Set is cheaper. */
const linearKeys = 24;

interface Scan {
  readonly text: string;
  readonly limits: JsonLimits;
  readonly issues: Issue[];
  at: number;
  /** Of the key just read: a hash of its characters, and whether it holds an escape. */
  hash: number;
  escaped: boolean;
  /** Keys of all open objects, the innermost last. */
  readonly hashes: number[];
  readonly starts: number[];
  readonly ends: number[];
}

/**
 * Check a JSON text in one pass without making a value. Grammar: RFC 8259, exactly what JSON.parse takes.
 *
 * @returns Faults and warnings in the order of the text; grammar faults and too much depth end the scan.
 */
export function scanJson(text: string, start: number, limits: JsonLimits): Issue[] {
  const scan: Scan = { text, limits, issues: [], at: start, hash: 0, escaped: false, hashes: [], starts: [], ends: [] };
  if (!text.isWellFormed()) loneSurrogate(scan, text.search(/\p{Surrogate}/u));
  skipSpace(scan);
  if (scan.at >= text.length) {
    report(scan, 'json-empty', 'structure', scan.at, 'The body is empty; it should be one JSON object');
  } else if (scanValue(scan, 0)) {
    skipSpace(scan);
    if (scan.at < text.length) unexpected(scan, 'the end of the text');
  }
  return scan.issues;
}

/** @returns false when the scan must stop. */
function scanValue(scan: Scan, depth: number): boolean {
  const code = scan.text.charCodeAt(scan.at);
  if (code === 0x22) return scanString(scan);
  if (code === 0x7b || code === 0x5b) {
    if (depth >= scan.limits.depth) return tooDeep(scan);
    return code === 0x7b ? scanObject(scan, depth + 1) : scanArray(scan, depth + 1);
  }
  if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return scanNumber(scan);
  for (const word of ['true', 'false', 'null']) {
    if (word.charCodeAt(0) === code && scan.text.startsWith(word, scan.at)) {
      scan.at += word.length;
      return true;
    }
  }
  return unexpected(scan, 'a value');
}

function scanArray(scan: Scan, depth: number): boolean {
  scan.at++;
  skipSpace(scan);
  if (scan.text.charCodeAt(scan.at) === 0x5d) {
    scan.at++;
    return true;
  }
  for (;;) {
    if (!scanValue(scan, depth)) return false;
    skipSpace(scan);
    const code = scan.text.charCodeAt(scan.at);
    if (code !== 0x2c && code !== 0x5d) return unexpected(scan, 'a comma or the end of the array');
    scan.at++;
    if (code === 0x5d) return true;
    skipSpace(scan);
  }
}

function scanObject(scan: Scan, depth: number): boolean {
  const first = scan.hashes.length;
  let seen: Set<string> | undefined;
  scan.at++;
  skipSpace(scan);
  if (scan.text.charCodeAt(scan.at) === 0x7d) {
    scan.at++;
    return true;
  }
  for (;;) {
    const start = scan.at;
    if (!scanKey(scan)) return false;
    if (scan.hashes.length - first >= linearKeys) seen ??= new Set(keysFrom(scan, first));
    noteKey(scan, first, start, seen);
    skipSpace(scan);
    if (scan.text.charCodeAt(scan.at) !== 0x3a) return unexpected(scan, 'a colon');
    scan.at++;
    skipSpace(scan);
    if (!scanValue(scan, depth)) return false;
    skipSpace(scan);
    const code = scan.text.charCodeAt(scan.at);
    if (code !== 0x2c && code !== 0x7d) return unexpected(scan, 'a comma or the end of the object');
    scan.at++;
    if (code === 0x7d) break;
    skipSpace(scan);
  }
  scan.hashes.length = scan.starts.length = scan.ends.length = first;
  return true;
}

/** Reads a key and its hash; falls back to the slow reading when an escape stands in it. */
function scanKey(scan: Scan): boolean {
  const { text, at: start } = scan;
  if (text.charCodeAt(start) !== 0x22) return unexpected(scan, 'a property name in double quotes');
  let hash = 0;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      scan.at = at + 1;
      scan.hash = hash;
      scan.escaped = false;
      return true;
    }
    if (code === 0x5c || code < 0x20) break;
    hash = (Math.imul(hash, 31) + code) | 0;
  }
  if (!scanString(scan)) return false;
  hash = 0;
  const key = keyText(text, start, scan.at, true);
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  scan.hash = hash;
  scan.escaped = true;
  return true;
}

/** Keeps the key that was just read, and reports it when it is forbidden or stands in its object already. */
function noteKey(scan: Scan, first: number, start: number, seen: Set<string> | undefined): void {
  const { text, at: end, hash } = scan;
  const length = end - start - 2;
  if (scan.escaped || length === 9 || length === 11) {
    const key = keyText(text, start, end, scan.escaped);
    if (forbiddenKeys.has(key)) {
      report(scan, 'json-forbidden-key', 'security', start, `The property name '${key}' is not allowed in any object`);
    }
  }
  if (seen !== undefined) {
    const key = keyText(text, start, end, scan.escaped);
    if (seen.has(key)) duplicate(scan, first, start, key);
    seen.add(key);
  } else {
    for (let other = first; other < scan.hashes.length; other++) {
      if (scan.hashes[other] !== hash) continue;
      const key = keyText(text, start, end, scan.escaped);
      if (keyText(text, scan.starts[other] ?? 0, scan.ends[other] ?? 0, true) === key) {
        duplicate(scan, first, start, key);
        break;
      }
    }
  }
  scan.hashes.push(hash);
  scan.starts.push(start);
  scan.ends.push(end);
}

function keysFrom(scan: Scan, first: number): string[] {
  return scan.starts.slice(first).map((start, at) => keyText(scan.text, start, scan.ends[first + at] ?? 0, true));
}

/** The key between the quotes at `start` and before `end`, its escapes resolved. */
function keyText(text: string, start: number, end: number, mayBeEscaped: boolean): string {
  const written = text.slice(start + 1, end - 1);
  return mayBeEscaped && written.includes('\\') ? JSON.parse(`"${written}"`) : written;
}

function scanString(scan: Scan): boolean {
  const { text } = scan;
  const start = scan.at;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      scan.at = at + 1;
      if (at - start - 1 > scan.limits.stringLength) {
        const told = `The string has ${at - start - 1} characters; at most ${scan.limits.stringLength} are allowed`;
        report(scan, 'json-string-too-long', 'too-long', start, told);
      }
      return true;
    }
    if (code === 0x5c) {
      scan.at = at;
      at = scanEscape(scan);
      if (at < 0) return false;
    } else if (code < 0x20) {
      scan.at = at;
      return unexpected(scan, 'an escaped control character');
    }
  }
  scan.at = text.length;
  return unexpected(scan, 'the end of the string');
}

/** @returns Where the escape ends (its last character), or -1 when it is none. */
function scanEscape(scan: Scan): number {
  const { text, at } = scan;
  const code = text.charCodeAt(at + 1);
  if (code !== 0x75) {
    if (at + 1 < text.length && '"\\/bfnrt'.includes(text.charAt(at + 1))) return at + 1;
    unexpected(scan, 'one of the escapes that JSON knows');
    return -1;
  }
  const unit = hexAt(text, at + 2);
  if (unit < 0) {
    unexpected(scan, 'four hexadecimal digits after \\u');
    return -1;
  }
  if (unit === 0) report(scan, 'json-nul', 'value', at, 'The character NUL (\\u0000) is not allowed in a string');
  if (unit >= 0xd800 && unit <= 0xdfff) {
    const next = text.startsWith('\\u', at + 6) ? hexAt(text, at + 8) : -1;
    if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) return at + 11;
    loneSurrogate(scan, at);
  }
  return at + 5;
}

function hexAt(text: string, at: number): number {
  const digits = text.slice(at, at + 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function scanNumber(scan: Scan): boolean {
  const { text } = scan;
  const start = scan.at;
  let at = start;
  if (text.charCodeAt(at) === 0x2d) at++;
  const whole = at;
  at = skipDigits(text, at);
  let wrong = at === whole || (text.charCodeAt(whole) === 0x30 && at > whole + 1);
  if (text.charCodeAt(at) === 0x2e) {
    const fraction = at + 1;
    at = skipDigits(text, fraction);
    wrong ||= at === fraction;
  }
  const mark = text.charCodeAt(at);
  const exponent = mark === 0x65 || mark === 0x45;
  if (exponent) {
    const sign = text.charCodeAt(at + 1);
    const digits = at + (sign === 0x2b || sign === 0x2d ? 2 : 1);
    at = skipDigits(text, digits);
    wrong ||= at === digits;
  }
  scan.at = wrong ? start : at;
  if (wrong) return unexpected(scan, 'a number as JSON writes it, such as -0.5 or 12');
  // 15 digits always survive; https://tc39.es/ecma262/#sec-tostring
  if (exponent || at - start > 15) checkPrecision(scan, start, text.slice(start, at));
  return true;
}

function checkPrecision(scan: Scan, start: number, written: string): void {
  if (!Number.isFinite(Number(written))) {
    report(scan, 'json-number-range', 'value', start, 'The number is larger than can be held (about 1.8e308)');
  } else if (losesDigits(written)) {
    const told =
      'The number has more digits than can be computed with (about 16); it is kept as sent, and rounded in use';
    report(scan, 'json-number-precision', 'value', start, told, 'warning');
  }
}

function skipDigits(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) at++;
  return at;
}

function skipSpace(scan: Scan): void {
  const { text } = scan;
  let { at } = scan;
  for (let code = text.charCodeAt(at); code <= 0x20; code = text.charCodeAt(at)) {
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    at++;
  }
  scan.at = at;
}

function duplicate(scan: Scan, first: number, start: number, key: string): void {
  if (scan.issues.length >= faultLimit) return;
  const earlier = scan.starts.findIndex(
    (other, at) => at >= first && keyText(scan.text, other, scan.ends[at] ?? 0, true) === key,
  );
  const { line, column } = positionAt(scan.text, scan.starts[earlier] ?? 0);
  // Only what looks like an element's name is repeated to the sender: a key can hold anything, a patient's name too.
  const name = /^_?[a-z][A-Za-z]{0,39}$/.test(key) ? `'${key}' ` : '';
  const told = `The property ${name}stands twice in one object, first at line ${line}, column ${column}; which one is meant cannot be known`;
  report(scan, 'json-duplicate-key', 'structure', start, told);
}

function tooDeep(scan: Scan): boolean {
  const told = `The body nests more than ${scan.limits.depth} objects and arrays inside each other`;
  report(scan, 'json-too-deep', 'too-costly', scan.at, told, 'fatal');
  return false;
}

function loneSurrogate(scan: Scan, at: number): void {
  const told = 'Half of a surrogate pair stands alone in a string; it is no character';
  report(scan, 'json-lone-surrogate', 'value', at, told);
}

function unexpected(scan: Scan, wanted: string): boolean {
  const found = scan.at >= scan.text.length ? 'The text ends' : 'Something else stands';
  report(scan, 'json-syntax', 'structure', scan.at, `${found} where ${wanted} is expected`, 'fatal');
  return false;
}

function report(
  scan: Scan,
  code: string,
  type: Issue['type'],
  at: number,
  told: string,
  severity: Issue['severity'] = 'error',
): void {
  if (scan.issues.length >= faultLimit) return;
  const { line, column } = positionAt(scan.text, at);
  const message = `${told} (line ${line}, column ${column}).`;
  scan.issues.push({ severity, code, type, expression: '', message, line, column });
}
