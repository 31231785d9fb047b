import { losesDigits } from './json-number.ts';
import { report, type Scan, unexpected } from './json-scanner.ts';

/** Reads a string from its first quote. @returns false when the scan must stop. */
export function scanString(scan: Scan): boolean {
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

export function loneSurrogate(scan: Scan, at: number): void {
  const told = 'Half of a surrogate pair stands alone in a string; it is no character';
  report(scan, 'json-lone-surrogate', 'value', at, told);
}

/** Reads a number as JSON writes it. @returns false when the scan must stop. */
export function scanNumber(scan: Scan): boolean {
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
