import { positionAt } from './json-index.ts';
import { report, type Scan, tellsMore, unexpected } from './json-scanner.ts';
import { scanString } from './json-token.ts';

/** Keys that change an object's nature where code copies properties. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads a key and its hash; falls back to the slow reading when an escape stands in it. */
export function scanKey(scan: Scan): boolean {
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
export function noteKey(scan: Scan, first: number, start: number, seen: Set<string> | undefined): void {
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

/** The keys of the innermost open object, which begin at `first`. */
export function keysFrom(scan: Scan, first: number): string[] {
  return scan.starts.slice(first).map((start, at) => keyText(scan.text, start, scan.ends[first + at] ?? 0, true));
}

/** The key between the quotes at `start` and before `end`, its escapes resolved. */
function keyText(text: string, start: number, end: number, mayBeEscaped: boolean): string {
  const written = text.slice(start + 1, end - 1);
  return mayBeEscaped && written.includes('\\') ? JSON.parse(`"${written}"`) : written;
}

function duplicate(scan: Scan, first: number, start: number, key: string): void {
  if (!tellsMore(scan)) return;
  const earlier = scan.starts.findIndex(
    (other, at) => at >= first && keyText(scan.text, other, scan.ends[at] ?? 0, true) === key,
  );
  const { line, column } = positionAt(scan.text, scan.starts[earlier] ?? 0);
  // Only what looks like an element's name is repeated to the sender: a key can hold anything, a patient's name too.
  const name = /^_?[a-z][A-Za-z]{0,39}$/.test(key) ? `'${key}' ` : '';
  const told = `The property ${name}stands twice in one object, first at line ${line}, column ${column}; which one is meant cannot be known`;
  report(scan, 'json-duplicate-key', 'structure', start, told);
}
