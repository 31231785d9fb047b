import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { isObject } from '../../../src/core/validate/json.ts';
import type { ValidatorOptions } from '../../../src/core/validate/run.ts';
import { r4Definitions } from '../../core/validate/r4-definitions.ts';

interface Case {
  readonly name: string;
  readonly module: string;
  readonly kind: 'base' | 'profile';
  readonly convertedFromXml?: boolean;
  readonly resource: unknown;
  readonly profile?: string;
  readonly supporting: readonly string[];
  readonly expected: { readonly valid: boolean; readonly errors: readonly { expression?: string; text: string }[] };
}

/** What the figures mean: `recall` of what HL7 calls invalid we refuse; `falseRejects` of what it calls valid. */
export interface Figures {
  readonly cases: number;
  readonly agree: number;
  readonly recall: number;
  readonly falseRejects: number;
  readonly crashes: number;
}

/** HL7's own run had example URLs and unknown extensions refused, and displays checked: the same is asked of ours. */
const strictness: ValidatorOptions = {
  unknownExtension: 'error',
  wrongDisplay: 'error',
  refuseExampleUrls: true,
  now: () => '2026-11-26T00:00:00Z',
};

/** `npm run conformance -- validator DIR [--disagreements]`: exit 0 when it could be asked, 2 when not. */
export async function run(args: readonly string[]): Promise<number> {
  const dir = args.find((arg) => !arg.startsWith('--'));
  if (dir === undefined) {
    console.error('Usage: npm run conformance -- validator DIR [--disagreements], where DIR holds cases.jsonl.');
    return 2;
  }
  const figures = runValidator(dir, { disagreements: args.includes('--disagreements'), print: console.log });
  console.log(JSON.stringify(figures));
  return 0;
}

/** Run every case of a folder with `cases.jsonl` and `definitions.jsonl`. */
export function runValidator(
  dir: string,
  options: { disagreements?: boolean; print?: (line: string) => void } = {},
): Figures {
  const files = new Map(
    readLines(join(dir, 'definitions.jsonl'))
      .map((line) => line as { file: string; resource: unknown })
      .map((line) => [line.file, line.resource]),
  );
  let [agree, invalid, caught, valid, refused, crashes] = [0, 0, 0, 0, 0, 0];
  const cases = readLines(join(dir, 'cases.jsonl')) as Case[];
  // HL7's run had the same definitions loaded for a case with and without its profile.
  const supporting = new Map<string, readonly string[]>();
  for (const one of cases) supporting.set(one.name, [...(supporting.get(one.name) ?? []), ...one.supporting]);
  for (const one of cases) {
    const verdict = judge({ ...one, supporting: supporting.get(one.name) ?? [] }, files);
    if (verdict.crash !== undefined) crashes += 1;
    if (one.expected.valid) valid += 1;
    else invalid += 1;
    if (!verdict.valid && !one.expected.valid) caught += 1;
    if (!verdict.valid && one.expected.valid) refused += 1;
    if (verdict.valid === one.expected.valid) agree += 1;
    else if (options.disagreements) options.print?.(describe(one, verdict));
  }
  const part = (count: number, of: number) => (of === 0 ? 1 : Math.round((count / of) * 1000) / 1000);
  return {
    cases: cases.length,
    agree: part(agree, cases.length),
    recall: part(caught, invalid),
    falseRejects: part(refused, valid),
    crashes,
  };
}

interface Verdict {
  readonly valid: boolean;
  readonly reasons: readonly string[];
  readonly crash?: string;
}

function judge(one: Case, files: ReadonlyMap<string, unknown>): Verdict {
  const names = [...one.supporting, ...(one.profile === undefined ? [] : [one.profile])];
  const extra = names.flatMap((name) => files.get(name) ?? []);
  const profile =
    one.kind === 'profile' && one.profile !== undefined ? (files.get(one.profile) as { url: string }).url : undefined;
  try {
    const validator = createValidator(r4Definitions(extra), strictness);
    const resource = one.convertedFromXml ? withoutLeftovers(one.resource) : one.resource;
    const faults = validator.validate(resource, { profiles: profile === undefined ? [] : [profile] }).filter(isFault);
    return {
      valid: faults.length === 0,
      reasons: faults.map((issue) => `${issue.code} ${issue.expression}: ${issue.message}`),
    };
  } catch (error) {
    return {
      valid: false,
      reasons: [],
      crash: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** The conversion from XML left an empty `_name: {}` where the XML had a comment; JSON that is sent has no such thing. */
function withoutLeftovers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLeftovers);
  if (!isObject(value)) return value;
  const isLeftover = ([key, inner]: [string, unknown]) =>
    key.startsWith('_') && isObject(inner) && Object.keys(inner).length === 0;
  const kept = Object.entries(value).filter((entry) => !isLeftover(entry));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutLeftovers(inner)]));
}

function describe(one: Case, verdict: Verdict): string {
  const ours = verdict.crash ?? (verdict.reasons.slice(0, 3).join(' | ') || 'no fault');
  const theirs =
    one.expected.errors
      .slice(0, 2)
      .map((error) => `${error.expression ?? ''}: ${error.text}`)
      .join(' | ') || 'valid';
  return `${one.name} (${one.module}, ${one.kind})\n  HL7: ${theirs}\n  ours: ${ours}`;
}

function readLines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);
}
