import { isFault } from '../../core/fhir/issue.ts';
import type { EngineMapping } from '../../core/mapping/engine.ts';
import { newLoader } from '../../core/mapping/load.ts';
import type { MappingSource } from '../../core/mapping/mapping.ts';
import { type Mutant, mutants } from '../../core/mapping/mutants.ts';
import { mappingEnvironment } from '../../core/plan/mapping-run.ts';
import type { GoldenCase } from '../../io/mappings/read-cases.ts';
import type { MappingTools } from './load-tools.ts';
import { runCase } from './run-cases.ts';
import { runsOf } from './run-mapping.ts';

/** What became of all small changes of the mappings. */
export interface MutationResult {
  readonly mutants: number;
  /** Refused when loading: the checks of the language noticed them. */
  readonly refused: number;
  /** Noticed by a case. */
  readonly noticed: number;
  readonly unnoticed: readonly {
    readonly place: string;
    readonly kind: Mutant['kind'];
    readonly description: string;
  }[];
}

/**
 * Change the mappings in one small way after the other, and see whether a case notices.
 *
 * @param only Only changes whose place (`file:line`) contains this.
 * @param progress Told after each hundred.
 */
export function mutate(
  tools: MappingTools,
  sources: readonly MappingSource[],
  cases: readonly GoldenCase[],
  only: string,
  progress: (done: number, all: number) => void,
): MutationResult {
  const all = sources.flatMap(mutants).filter(({ place }) => place.includes(only));
  const reach = reachOf(tools, cases);
  const load = newLoader(tools.definitions);
  const unnoticed: MutationResult['unnoticed'][number][] = [];
  let refused = 0;
  for (const [index, mutant] of all.entries()) {
    if (index > 0 && index % 100 === 0) progress(index, all.length);
    const changed = sources.map((source) => (source.file === mutant.source.file ? mutant.source : source));
    const { mappings, issues } = load(changed);
    if (issues.some(isFault)) refused += 1;
    else if (!isNoticed(tools, mappings, reach, mutant, cases)) {
      unnoticed.push({ place: mutant.place, kind: mutant.kind, description: mutant.description });
    }
  }
  return { mutants: all.length, refused, noticed: all.length - refused - unnoticed.length, unnoticed };
}

/** A case that never comes to a rule, or never uses a row, cannot notice that it changed: it need not run. */
interface Reach {
  /** `file:line` of the rules that each case comes to. */
  readonly rules: ReadonlyMap<GoldenCase, ReadonlySet<string>>;
  /** Concept map rows that each case uses, `url#system|code -> …`. */
  readonly rows: ReadonlyMap<GoldenCase, ReadonlySet<string>>;
  /** Lines of rules by file, in order. */
  readonly lines: ReadonlyMap<string, readonly number[]>;
}

function reachOf({ mappings, measures }: MappingTools, cases: readonly GoldenCase[]): Reach {
  const rules = new Map<GoldenCase, Set<string>>();
  const rows = new Map<GoldenCase, Set<string>>();
  const lines = new Map<string, Set<number>>();
  for (const golden of cases) {
    const mapping = mappings.get(golden.mapping);
    if (mapping === undefined) continue;
    const places = new Map(mapping.coverable.rules.map((rule) => [rule.index, rule] as const));
    for (const { file, place } of places.values()) lines.set(file, (lines.get(file) ?? new Set()).add(place.line));
    const comeTo = new Set<string>();
    const used = new Set<string>();
    for (const { inputs } of runsOf(mapping, golden.input, measures)) {
      const run = mapping.coverage(inputs, mappingEnvironment('2026-01-15T09:00:00Z', golden.name));
      for (const index of [...run.fired, ...run.skipped]) {
        const rule = places.get(index);
        if (rule !== undefined) comeTo.add(`${rule.file}:${rule.place.line}`);
      }
      for (const row of run.rows) used.add(row);
    }
    rules.set(golden, comeTo);
    rows.set(golden, used);
  }
  const sorted = [...lines].map(([file, found]) => [file, [...found].sort((a, b) => a - b)] as const);
  return { rules, rows, lines: new Map(sorted) };
}

function isNoticed(
  tools: MappingTools,
  mappings: ReadonlyMap<string, EngineMapping>,
  reach: Reach,
  mutant: Mutant,
  cases: readonly GoldenCase[],
): boolean {
  return candidates(reach, mutant, cases).some(
    (golden) => !runCase(golden, mappings.get(golden.mapping), tools.measures).passed,
  );
}

function candidates(reach: Reach, mutant: Mutant, cases: readonly GoldenCase[]): readonly GoldenCase[] {
  const [file = '', line = ''] = mutant.place.split(':');
  if (mutant.kind === 'row-removed') {
    const code = /^row (.*) of concept map "(.*)" removed$/.exec(mutant.description);
    return cases.filter((golden) =>
      [...(reach.rows.get(golden) ?? [])].some(
        (row) => row.startsWith(code?.[2] ?? '') && row.includes(`|${code?.[1]} -> `),
      ),
    );
  }
  // A condition may stand some lines below the beginning of its rule.
  const rule = (reach.lines.get(file) ?? []).filter((start) => start <= Number(line)).at(-1);
  return cases.filter((golden) => reach.rules.get(golden)?.has(`${file}:${rule}`) === true);
}

/** The result as text. */
export function tellMutation({ mutants: all, refused, noticed, unnoticed }: MutationResult): string {
  const lines = unnoticed.map(({ place, kind, description }) => `  ${place}: ${kind}: ${description}`);
  const head = `${all} mutants: ${refused} refused when loading, ${noticed} noticed by a case, ${unnoticed.length} unnoticed.`;
  return [head, ...lines, ''].join('\n');
}
