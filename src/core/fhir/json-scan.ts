import type { Issue } from './issue.ts';
import type { JsonLimits } from './json.ts';
import { keysFrom, noteKey, scanKey } from './json-key.ts';
import { report, type Scan, skipSpace, startScan, unexpected } from './json-scanner.ts';
import { loneSurrogate, scanNumber, scanString } from './json-token.ts';

/** Up to this many keys of one object are compared one by one; beyond it a Set is cheaper. */
const linearKeys = 24;

/**
 * Check a JSON text in one pass without making a value. Grammar: RFC 8259, exactly what JSON.parse takes.
 *
 * @returns Faults and warnings in the order of the text; grammar faults and too much depth end the scan.
 */
export function scanJson(text: string, start: number, limits: JsonLimits): Issue[] {
  const scan = startScan(text, start, limits);
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
  if (++scan.values > scan.limits.values) return tooMany(scan, `The body has more than ${scan.limits.values} values`);
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
  for (let count = 1; ; count++) {
    if (count > scan.limits.members) return tooMany(scan, `A list has more than ${scan.limits.members} items`);
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
    if (scan.hashes.length - first >= scan.limits.members) {
      return tooMany(scan, `An object has more than ${scan.limits.members} properties`);
    }
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

function tooDeep(scan: Scan): boolean {
  const told = `The body nests more than ${scan.limits.depth} objects and arrays inside each other`;
  report(scan, 'json-too-deep', 'too-costly', scan.at, told, 'fatal');
  return false;
}

function tooMany(scan: Scan, told: string): boolean {
  report(scan, 'json-too-many-values', 'too-costly', scan.at, told, 'fatal');
  return false;
}
