import type { Locate } from '../validate/validator.ts';
import type { Issue } from './issue.ts';
import { indexJson, type JsonIndex } from './json-index.ts';
import { scanJson } from './json-scan.ts';

/** What a text may hold before it is refused. */
export interface JsonLimits {
  /** Objects and arrays inside each other. The deepest R4 example has 13; walkers of ours recurse no deeper. */
  readonly depth: number;
  /** UTF-16 units of one string as written. R4: "Note that strings SHALL NOT exceed 1MB (1024*1024 characters) in size". */
  readonly stringLength: number;
  /** Values in all: what comes after the gate costs work for each of them. */
  readonly values: number;
  /** Properties of one object, and items of one list. */
  readonly members: number;
}

/** For texts that an engineer hands in. */
export const jsonLimits: JsonLimits = { depth: 64, stringLength: 1024 * 1024, values: 10_000_000, members: 1_000_000 };

/**
 * For texts from strangers: orders have some hundred values, a Bundle of 1 MB about 40,000; R4's largest type has about 60
 * elements, and no list of an order comes near two thousand.
 */
export const strangerLimits: JsonLimits = { ...jsonLimits, values: 100_000, members: 2000 };

export type ParsedJson =
  | {
      readonly ok: true;
      /** What `JSON.parse` makes of the text. */
      readonly value: unknown;
      /** Where an element stands in the text, by its FHIRPath; the index is built when it is first asked. */
      readonly locate: Locate;
      /** The element as it was written (`1.00` stays `1.00`); undefined when it does not exist. */
      readonly source: (expression: string) => string | undefined;
      /** Warnings: numbers that lose digits as a JavaScript number. */
      readonly issues: readonly Issue[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Read a JSON text that a stranger sent. JSON.parse alone is not safe for that: it lets the last of two equal keys win
 * (`{"status":"active","status":"revoked"}`), makes an own property of `__proto__`, reads 1e400 as Infinity, takes
 * lone surrogates and NUL, which PostgreSQL cannot store, and nests until every later walk overflows the stack.
 *
 * One linear pass looks for all of that, then JSON.parse makes the value; positions are computed only when asked for.
 *
 * @param text The text; a byte order mark at its start is ignored, as RFC 8259 §8.1 allows. That the bytes were valid
 *   UTF-8 is the caller's check, where bytes are known.
 * @returns All faults that can be told apart (at most 20, each with line and column), or the value.
 */
export function parseJson(text: string, limits: JsonLimits = jsonLimits): ParsedJson {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const issues = scanJson(text, start, limits);
  if (issues.some((issue) => issue.severity !== 'warning')) return { ok: false, issues };
  const value: unknown = JSON.parse(start === 0 ? text : text.slice(start));
  let index: JsonIndex | undefined;
  const indexed = () => {
    index ??= indexJson(text, start);
    return index;
  };
  return {
    ok: true,
    value,
    locate: (expression) => indexed().locate(expression),
    source: (expression) => indexed().source(expression),
    issues,
  };
}
