import { isTranslation } from './concept-table.ts';
import type { MappingResult } from './mapping.ts';
import type { MapPlan, RuleInfo, RulePlan } from './plan.ts';
import { elementPath, type ReadPlaces, type TraceLog } from './trace.ts';
import { rowName } from './translate.ts';

/** What one run of a mapping made use of. Paths are those of elements, without indexes. */
export interface CoverageRun {
  readonly result: MappingResult;
  /** Rules that ran, by their number in `rules`. */
  readonly fired: ReadonlySet<number>;
  /** Rules that were come to and did nothing: their source was absent or their condition did not hold. */
  readonly skipped: ReadonlySet<number>;
  /** Rows of concept maps that were used, named as in a trace. */
  readonly rows: ReadonlySet<string>;
  /** Elements of the inputs that some rule read, and those that none did. */
  readonly read: ReadonlySet<string>;
  readonly dropped: ReadonlySet<string>;
  /** Elements of the outputs that some rule set. */
  readonly set: ReadonlySet<string>;
}

/** What there is to cover in a mapping. */
export interface Coverable {
  readonly rules: readonly RuleInfo[];
  /** Rules that can do nothing as well: with a condition, or with a source that may be absent. */
  readonly branching: ReadonlySet<number>;
  readonly rows: ReadonlySet<string>;
}

/** What there is to cover, from the plan of the map and of all that it calls. */
export function coverableOf(plan: MapPlan): Coverable {
  const used = new Map<number, RuleInfo>();
  const branching = new Set<number>();
  const rows = new Set<string>();
  const walk = (rule: RulePlan): void => {
    used.set(rule.info.index, rule.info);
    if (
      rule.sources.some(
        (source) => source.steps.length > 0 || source.where !== undefined || source.filter !== undefined,
      )
    )
      branching.add(rule.info.index);
    for (const { transform } of rule.targets) {
      if (transform.kind !== 'translate') continue;
      for (const group of transform.table.groups)
        for (const [code, found] of group.rows)
          for (const row of found)
            if (isTranslation(row)) rows.add(rowName(transform.table, group.source, code, group.target, row.code));
    }
    for (const inner of rule.rules) walk(inner);
  };
  for (const group of plan.reached) for (const rule of group.rules) walk(rule);
  return { rules: [...used.values()].sort((a, b) => a.index - b.index), branching, rows };
}

/** What a traced run made use of. */
export function coverageOf(
  result: MappingResult,
  log: TraceLog,
  targets: readonly string[],
  places: ReadPlaces,
): CoverageRun {
  const numbers = (counts: readonly (number | undefined)[]): ReadonlySet<number> =>
    new Set(counts.flatMap((count, index) => (count === undefined ? [] : [index])));
  return {
    result,
    fired: numbers([...log.fired]),
    skipped: numbers([...log.skipped]),
    rows: new Set(log.rows.keys()),
    read: new Set(places.read.map(elementPath)),
    dropped: new Set(places.dropped.map(elementPath)),
    set: new Set(targets.map(elementPath)),
  };
}
