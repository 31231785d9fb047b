import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PlanFacts } from '../../../../src/core/plan/screening/facts.ts';
import { type ScreeningResult, screen } from '../../../../src/core/plan/screening.ts';
import { found, now, type Resource, rules } from './record.ts';

/** Patients as they come: several records at once. cases/mixed.json holds whole orders and what must be decided. */
interface MixedCase {
  readonly name: string;
  readonly referral: Resource;
  readonly facts: PlanFacts;
  readonly expected: {
    readonly disposition: ScreeningResult['disposition'];
    readonly findings: readonly string[];
    readonly completeness: ScreeningResult['completeness'];
    readonly modifications?: readonly string[];
  };
}

const cases = JSON.parse(readFileSync(new URL('./cases/mixed.json', import.meta.url), 'utf8')) as readonly MixedCase[];

test.each(cases.map((one) => [one.name, one] as const))('%s', (_, { referral, facts, expected }) => {
  const result = screen({ referral, facts, rules, now });
  const { disposition, findings, completeness, modifications } = expected;
  expect({ disposition: result.disposition, completeness: result.completeness, findings: found(result) }).toEqual({
    disposition,
    completeness,
    findings,
  });
  if (modifications === undefined) return;
  expect(result.modifications.map(({ code, region }) => (region === undefined ? code : `${code} ${region}`))).toEqual(
    modifications,
  );
});

test('there are at least 24 of them', () => {
  expect(cases.length).toBeGreaterThanOrEqual(24);
});
