import type { Issue } from './issue.ts';
import type { JsonLimits } from './json.ts';
import { positionAt } from './json-index.ts';

/** More faults than this in one text help nobody. */
const faultLimit = 20;

/** Where a scan is, and what it found; see json-scan.ts. */
export interface Scan {
  readonly text: string;
  readonly limits: JsonLimits;
  readonly issues: Issue[];
  at: number;
  /** Values seen so far. */
  values: number;
  /** Of the key just read: a hash of its characters, and whether it holds an escape. */
  hash: number;
  escaped: boolean;
  /** Keys of all open objects, the innermost last. */
  readonly hashes: number[];
  readonly starts: number[];
  readonly ends: number[];
}

export function startScan(text: string, start: number, limits: JsonLimits): Scan {
  return { text, limits, issues: [], at: start, values: 0, hash: 0, escaped: false, hashes: [], starts: [], ends: [] };
}

export function skipSpace(scan: Scan): void {
  const { text } = scan;
  let { at } = scan;
  for (let code = text.charCodeAt(at); code <= 0x20; code = text.charCodeAt(at)) {
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    at++;
  }
  scan.at = at;
}

/** Whether more faults are still told; beyond the limit none costs work. */
export function tellsMore(scan: Scan): boolean {
  return scan.issues.length < faultLimit;
}

/** Something else stands than the grammar wants. @returns false: the scan must stop. */
export function unexpected(scan: Scan, wanted: string): boolean {
  const found = scan.at >= scan.text.length ? 'The text ends' : 'Something else stands';
  report(scan, 'json-syntax', 'structure', scan.at, `${found} where ${wanted} is expected`, 'fatal');
  return false;
}

export function report(
  scan: Scan,
  code: string,
  type: Issue['type'],
  at: number,
  told: string,
  severity: Issue['severity'] = 'error',
): void {
  if (!tellsMore(scan)) return;
  const { line, column } = positionAt(scan.text, at);
  const message = `${told} (line ${line}, column ${column}).`;
  scan.issues.push({ severity, code, type, expression: '', message, line, column });
}
