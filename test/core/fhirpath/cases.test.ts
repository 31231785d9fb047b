import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileFhirPath } from '../../../src/core/fhirpath/compile.ts';
import { type FhirPathEnvironment, FhirPathError } from '../../../src/core/fhirpath/expression.ts';

/** `refused`: does not compile. `error`: compiles, and fails on the data. */
type Expected = readonly unknown[] | 'error' | 'refused';
type Row = readonly [expression: string, expected: Expected, input?: string];
interface Chapter {
  readonly chapter: string;
  readonly source: string;
  readonly cases: readonly Row[];
}

const folder = new URL('./cases/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const inputs = read('inputs.json') as Readonly<Record<string, unknown>>;
const chapters = readdirSync(folder)
  .filter((name) => name !== 'inputs.json')
  .map((name) => read(name) as Chapter);

const environment = (resource: unknown): FhirPathEnvironment => ({
  resource,
  now: '2026-11-26T23:30:00.000+13:00',
  variables: { given: ['value'] },
  memberOf: (_, valueSet) => (valueSet === 'urn:known' ? true : undefined),
  conformsTo: (_, profile) => (profile === 'urn:known' ? true : undefined),
});

describe.each(chapters)('$chapter', ({ cases }) => {
  test.each(cases.map(([expression, expected, input]) => ({ expression, expected, input })))('$expression', (row) => {
    const { expression, expected, input } = row;
    if (expected === 'refused') {
      expect(() => compileFhirPath(expression)).toThrow(FhirPathError);
      return;
    }
    const compiled = compileFhirPath(expression);
    const focus = input === undefined ? undefined : inputs[input];
    if (input !== undefined && focus === undefined) throw new Error(`The input ${input} is missing.`);
    const evaluate = () => compiled.evaluate(focus, environment(focus));
    if (expected === 'error') expect(evaluate).toThrow(FhirPathError);
    else expect(evaluate()).toEqual(expected);
  });
});

test('the case tables hold every function of the language', async () => {
  const { functions } = await import('../../../src/core/fhirpath/functions/registry.ts');
  const text = chapters.flatMap(({ cases }) => cases.map(([expression]) => expression)).join('\n');
  const untested = [...functions.keys()].filter((name) => !text.includes(`${name}(`));
  expect(untested).toEqual([]);
});
