import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { r4Definitions } from './r4-definitions.ts';

/**
 * Cases of ours, both sides of each border: a file a field, `*.definitions.jsonl` with the profiles that its cases name.
 * `issues` has each fault as `code-or-rule expression`, nothing where the resource is valid.
 */
interface Case {
  readonly name: string;
  readonly issues: readonly string[];
  readonly profiles?: readonly string[];
  readonly resource: unknown;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'cases');
const fields = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl') && !name.endsWith('.definitions.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length));

describe.each(fields)('%s', (field) => {
  const definitions = join(folder, `${field}.definitions.jsonl`);
  // Everything that the standard leaves to a receiver is held strictly.
  const validator = createValidator(r4Definitions(existsSync(definitions) ? lines(definitions) : []), {
    unknownExtension: 'error',
    wrongDisplay: 'error',
    now: () => '2026-11-26T09:00:00Z',
  });
  const cases = lines(join(folder, `${field}.jsonl`)) as Case[];

  it('has cases that are accepted and cases that are refused', () => {
    const refused = cases.filter((one) => one.issues.length > 0).length;
    expect(Math.min(refused, cases.length - refused)).toBeGreaterThan(10);
  });

  it.each(cases.map((one) => ({ verdict: one.issues[0] ?? 'accepted', ...one })))(
    '$name: $verdict',
    ({ resource, profiles = [], issues }) => {
      const faults = validator.validate(resource, { profiles }).filter(isFault);
      const told = faults.map((issue) => `${issue.code === 'invariant' ? issue.rule : issue.code} ${issue.expression}`);
      expect([...new Set(told)].sort()).toEqual(issues);
      expect(validator.accepts(resource, profiles)).toBe(issues.length === 0);
      if (issues.length > 0) expect(validator.acceptsFast(resource, profiles)).toBe(false);
    },
  );
});

function lines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
