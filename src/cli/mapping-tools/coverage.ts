import type { EngineMapping } from '../../core/mapping/engine.ts';
import { mappingEnvironment } from '../../core/plan/mapping-run.ts';
import type { MeasureTable } from '../../core/plan/measure.ts';
import type { Definitions } from '../../core/validate/validator.ts';
import type { CoverageException, GoldenCase } from '../../io/mappings/read-cases.ts';
import { mustSupportOf, presentIn, type TargetElement } from './must-support.ts';
import { runsOf } from './run-mapping.ts';

/** How much of one kind there is, and what of it no case reaches. */
export interface Reached {
  readonly total: number;
  readonly reached: number;
  readonly missing: readonly string[];
}

/** What the golden cases of one mapping reach. */
export interface MappingCoverage {
  readonly mapping: string;
  readonly cases: number;
  readonly rules: Reached;
  /** Rules with a condition or an optional source: both that they ran and that they did not. */
  readonly branches: Reached;
  readonly rows: Reached;
  /** Elements of the target that must be supported, without those that are argued away. */
  readonly mustSupport: Reached;
  /** Argued away in `cases/<mapping>/exceptions.json`. */
  readonly exceptions: readonly CoverageException[];
  /** Source elements that stand in a case and that no rule ever reads. */
  readonly neverRead: readonly string[];
}

/** CI holds these: issue 4, "Tools for the engineer". */
export const required = { rules: 1, mustSupport: 0.95 } as const;

/** What the cases of one mapping reach. */
export function coverageOfCases(
  mapping: EngineMapping,
  cases: readonly GoldenCase[],
  exceptions: readonly CoverageException[],
  measures: MeasureTable,
  definitions: Definitions,
): MappingCoverage {
  const fired = new Set<number>();
  const skipped = new Set<number>();
  const rows = new Set<string>();
  const read = new Set<string>();
  const dropped = new Set<string>();
  const wanted = new Map<string, TargetElement>();
  const present = new Set<string>();
  for (const [index, runnable] of cases.flatMap(({ input }) => runsOf(mapping, input, measures)).entries()) {
    const run = mapping.coverage(runnable.inputs, mappingEnvironment('2026-01-15T09:00:00Z', String(index)));
    add(fired, run.fired);
    add(skipped, run.skipped);
    add(rows, run.rows);
    add(read, run.read);
    add(dropped, run.dropped);
    if (!run.result.ok) continue;
    for (const element of mustSupportOf(mapping, run.result.outputs, definitions)) wanted.set(element.name, element);
    for (const name of presentIn(mapping, run.result.outputs, definitions)) present.add(name);
  }
  const { coverable } = mapping;
  const isArgued = (name: string): boolean =>
    exceptions.some(({ element }) => name === element || name.startsWith(`${element}.`));
  const placeOf = (index: number): string => {
    const rule = coverable.rules.find((one) => one.index === index);
    return rule === undefined
      ? String(index)
      : `${rule.file}:${rule.place.line} ${rule.place.group}.${rule.place.rule}`;
  };
  const branches = [...coverable.branching].flatMap((index) => [
    `ran: ${placeOf(index)}`,
    `did nothing: ${placeOf(index)}`,
  ]);
  const taken = new Set([
    ...[...fired].map((index) => `ran: ${placeOf(index)}`),
    ...[...skipped].map((index) => `did nothing: ${placeOf(index)}`),
  ]);
  return {
    mapping: mapping.name,
    cases: cases.length,
    rules: reachedOf(
      coverable.rules.map(({ index }) => placeOf(index)),
      new Set([...fired].map(placeOf)),
    ),
    branches: reachedOf(branches, taken),
    rows: reachedOf([...coverable.rows], rows),
    mustSupport: reachedOf(
      [...wanted.keys()].filter((name) => !isArgued(name)),
      present,
    ),
    exceptions,
    // What is contained is read through the context: core/plan/referral-context.ts.
    neverRead: [...dropped]
      .filter((path) => !read.has(path) && !/^(referral\.contained|context\.entry\.id$)/.test(path))
      .sort(),
  };
}

function add<T>(to: Set<T>, from: Iterable<T>): void {
  for (const one of from) to.add(one);
}

function reachedOf(all: readonly string[], found: ReadonlySet<string>): Reached {
  const unique = [...new Set(all)];
  const missing = unique.filter((one) => !found.has(one));
  return { total: unique.length, reached: unique.length - missing.length, missing };
}

/** Whether CI may go on. */
export function isCovered({ rules, mustSupport }: MappingCoverage): boolean {
  const share = ({ reached, total }: Reached): number => (total === 0 ? 1 : reached / total);
  return share(rules) >= required.rules && share(mustSupport) >= required.mustSupport;
}

/** A table, and below it what is missing. */
export function tellCoverage(all: readonly MappingCoverage[]): string {
  const kinds = ['rules', 'branches', 'rows', 'mustSupport'] as const;
  const cell = ({ reached, total }: Reached): string =>
    `${reached}/${total} ${total === 0 ? '100.0' : ((100 * reached) / total).toFixed(1)} %`.padStart(18);
  const head = `${'mapping'.padEnd(22)}${'cases'.padStart(6)}${kinds.map((kind) => kind.padStart(18)).join('')}`;
  const lines = all.map(
    (one) =>
      `${one.mapping.padEnd(22)}${String(one.cases).padStart(6)}${kinds.map((kind) => cell(one[kind])).join('')}`,
  );
  const missing = all.flatMap((one) => [
    ...kinds.flatMap((kind) => one[kind].missing.map((what) => `  ${one.mapping}, ${kind}: ${what}`)),
    ...one.neverRead.map((path) => `  ${one.mapping}, source never read: ${path}`),
  ]);
  return [head, ...lines, ...(missing.length === 0 ? [] : ['', 'Not reached:', ...missing]), ''].join('\n');
}
