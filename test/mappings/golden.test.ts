import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { coverageOfCases, isCovered } from '../../src/cli/mapping-tools/coverage.ts';
import { loadTools, tellIssues } from '../../src/cli/mapping-tools/load-tools.ts';
import { runCase, tellFailure } from '../../src/cli/mapping-tools/run-cases.ts';
import { runsOf } from '../../src/cli/mapping-tools/run-mapping.ts';
import { isFault } from '../../src/core/fhir/issue.ts';
import { createValidator } from '../../src/core/validate/create.ts';
import { readCases, readExceptions } from '../../src/io/mappings/read-cases.ts';

const tools = loadTools();
const cases = readCases(join(tools.folder, 'cases'));

test('the mappings load without an issue', () => {
  expect(tellIssues(tools.issues)).toBe('');
});

test('there are cases of both mappings', () => {
  const count = (name: string) => cases.filter(({ mapping }) => mapping === name).length;
  expect(count('referral-to-plan')).toBeGreaterThanOrEqual(60);
  expect(count('session-to-outcome')).toBeGreaterThanOrEqual(30);
});

describe('golden cases', () => {
  test.each(cases.map((golden) => [`${golden.mapping}: ${golden.name}`, golden] as const))('%s', (_, golden) => {
    const result = runCase(golden, tools.mappings.get(golden.mapping), tools.measures);
    expect(result.passed ? '' : tellFailure(result)).toBe('');
  });
});

describe('what leaves conforms to its profile', () => {
  const validator = createValidator(tools.definitions);
  const outcomes = cases.filter(
    ({ mapping, name }) => mapping === 'session-to-outcome' && !name.startsWith('refused-'),
  );

  test.each(outcomes.map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    const mapping = tools.mappings.get(golden.mapping);
    if (mapping === undefined) throw new Error('session-to-outcome is missing');
    for (const one of runsOf(mapping, golden.input, tools.measures)) {
      const ran = one.run();
      if (!ran.ok) throw new Error(tellIssues(ran.issues));
      const { entry = [] } = ran.output as Bundle;
      expect(entry.length).toBeGreaterThan(0);
      for (const { resource } of entry) {
        expect(resource?.meta?.profile).toHaveLength(1);
        expect(validator.validate(resource).filter(isFault)).toEqual([]);
      }
    }
  });
});

describe('the cases reach', () => {
  test.each(['referral-to-plan', 'session-to-outcome'])('every rule, every row and what %s must support', (name) => {
    const mapping = tools.mappings.get(name);
    if (mapping === undefined) throw new Error(`${name} is missing`);
    const own = cases.filter((golden) => golden.mapping === name);
    const exceptions = readExceptions(join(tools.folder, 'cases'), name);
    const coverage = coverageOfCases(mapping, own, exceptions, tools.measures, tools.definitions);
    expect(coverage.rules.missing).toEqual([]);
    expect(coverage.rows.missing).toEqual([]);
    expect(coverage.mustSupport.missing).toEqual([]);
    expect(isCovered(coverage)).toBe(true);
    expect(exceptions.every(({ why }) => why.length > 20)).toBe(true);
  });
});
