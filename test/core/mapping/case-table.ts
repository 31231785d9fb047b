import { expect, test } from 'vitest';
import type { EngineMapping } from '../../../src/core/mapping/engine.ts';
import { type EngineMappings, loadMappings } from '../../../src/core/mapping/load.ts';
import type { MappingEnvironment, MappingSource } from '../../../src/core/mapping/mapping.ts';
import { r4Models } from './models.ts';
import { seeded, vary } from './vary.ts';

/** One feature, or one misuse, of the mapping language. */
export interface LanguageCase {
  /** A sentence about the language. */
  readonly name: string;
  /** Rules of a group from `from` to `to`, or the whole text of a map where it begins with `map` or `///`. */
  readonly map: string;
  readonly from?: string;
  readonly to?: string;
  /** Further files that belong to it. */
  readonly with?: readonly MappingSource[];
  readonly input?: unknown;
  /** What comes out. */
  readonly output?: unknown;
  /** The codes of what stops the map when it runs. */
  readonly failure?: readonly string[];
  /** `code:line` of the errors (or, without failure and output, of the warnings) that loading tells. */
  readonly issues?: readonly string[];
  /** Words that the first issue or failure says. */
  readonly says?: string;
  readonly reports?: readonly string[];
}

export function textOf(one: Pick<LanguageCase, 'map' | 'from' | 'to'>): string {
  if (/^\s*(map|\/\/\/|\{)/.test(one.map)) return one.map;
  const { from = 'Patient', to = 'Patient' } = one;
  return `map "http://example.org/m" = "m"\ngroup g(source src : ${from}, target tgt : ${to}) {\n${one.map}\n}\n`;
}

/** Ids in the order of asking, and a clock that stands still. */
export function environment(): MappingEnvironment {
  let count = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
  return { now: '2026-11-26T09:00:00Z', newId, constants: { partnerSystem: 'http://partner.example' } };
}

export function load(one: LanguageCase): EngineMappings {
  return loadMappings([{ file: 'm.map', text: textOf(one) }, ...(one.with ?? [])], r4Models());
}

/** Frozen all through: a map that changed its input would throw. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(Object.freeze(value))) frozen(inner);
  return value;
}

/** How often the input of a case is changed to see that all ways of running stay of one mind. */
const variations = 25;

/** One test a case: loading tells what it should, and all ways of running give what they should. */
export function testCases(cases: readonly LanguageCase[]): void {
  for (const one of cases) test(one.name, () => check(one));
}

function check(one: LanguageCase): void {
  const { mappings, issues } = load(one);
  const runs = one.output !== undefined || one.failure !== undefined;
  const told = issues.filter(
    (issue) => issue.severity === (runs || one.issues === undefined ? 'error' : issue.severity),
  );
  expect(told.map((issue) => `${issue.code}:${issue.line}`)).toEqual(runs ? [] : (one.issues ?? []));
  if (!runs) {
    if (one.says !== undefined) expect(issues[0]?.message).toContain(one.says);
    return;
  }
  const mapping = mappings.get('m');
  if (mapping === undefined) throw new Error('the map was not loaded');
  for (const way of ['run', 'interpret', 'trace', 'interpretTrace'] as const) checkRun(one, mapping, way);
  const [source] = mapping.inputs;
  const random = seeded(one.name.length);
  for (let i = 0; i <= variations; i++) {
    const input = vary(one.input ?? { resourceType: 'Patient' }, random, i);
    expectAgreement(mapping, { [source?.name ?? '']: frozen(input) });
  }
}

/** Compiled code and the interpreter, which is the reference, give the same output, errors, reports and trace. */
export function expectAgreement(mapping: EngineMapping, input: Readonly<Record<string, unknown>>): void {
  const traced = mapping.interpretTrace(input, environment());
  expect(mapping.trace(input, environment())).toEqual(traced);
  const { trace, dropped, ...plain } = traced;
  expect(mapping.interpret(input, environment())).toEqual(plain);
  expect(mapping.run(input, environment())).toEqual(plain);
}

function checkRun(
  one: LanguageCase,
  mapping: EngineMapping,
  way: 'run' | 'interpret' | 'trace' | 'interpretTrace',
): void {
  const [source] = mapping.inputs;
  const [target] = mapping.outputs;
  const result = mapping[way](
    { [source?.name ?? '']: frozen(structuredClone(one.input ?? { resourceType: 'Patient' })) },
    environment(),
  );
  if (result.ok) {
    expect({ way, failure: undefined, output: result.outputs[target?.name ?? ''] }).toEqual({
      way,
      failure: one.failure,
      output: one.output,
    });
    expect(result.reports.map((report) => `${report.kind}: ${report.message}`)).toEqual(one.reports ?? []);
    return;
  }
  expect({
    way,
    failures: result.failures.map((failure) => failure.code),
    messages: one.failure ? [] : result.failures.map((failure) => failure.message),
  }).toEqual({ way, failures: one.failure, messages: [] });
  if (one.says !== undefined) expect(result.failures[0]?.message).toContain(one.says);
}
