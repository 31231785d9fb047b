import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTools, tellIssues } from '../../src/cli/mapping-tools/load-tools.ts';
import { runCase, tellFailure } from '../../src/cli/mapping-tools/run-cases.ts';
import { goldenOf, runsOf } from '../../src/cli/mapping-tools/run-mapping.ts';
import { isFault } from '../../src/core/fhir/issue.ts';
import { createValidator } from '../../src/core/validate/create.ts';
import { readCases } from '../../src/io/mappings/read-cases.ts';

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
    const { output } = goldenOf(runsOf(mapping, golden.input, tools.measures)) as {
      output: { entry: { resource: { meta: { profile: string[] } } }[] };
    };
    for (const { resource } of output.entry) {
      expect(resource.meta.profile).toHaveLength(1);
      expect(validator.validate(resource).filter(isFault)).toEqual([]);
    }
  });
});
