import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlanFacts } from '../../../../src/core/plan/screening/facts.ts';
import { screen } from '../../../../src/core/plan/screening.ts';
import { at, now, onset, order, type Resource, rules, status } from './record.ts';
import { ruleTable } from './rule-table.ts';

const rank = { reject: 3, hold: 2, flag: 1, none: 0 } as const;

/** Every record of the rule table, alone or changed in status, date and region. */
const records = Object.values(ruleTable)
  .flatMap(({ hits }) => hits.map(([, record]) => record))
  .filter(({ resourceType }) => resourceType !== 'Basic');

const changes: fc.Arbitrary<Resource> = fc.constantFrom(
  {},
  status('active'),
  status('relapse'),
  status('resolved'),
  onset('2026-11-25'),
  onset('2020-01-01'),
  onset('2026-10'),
  at('72696002'),
  at('45048000'),
  at('999999999'),
  { verificationStatus: { coding: [{ code: 'refuted' }] } },
);

const record = fc
  .tuple(fc.constantFrom(...records), changes)
  .map(([one, change]) => (one.resourceType === 'Condition' ? { ...one, ...change } : one));

const facts: fc.Arbitrary<PlanFacts> = fc.record({
  bodySites: fc.array(
    fc.record({
      site: fc.constantFrom('lumbar', 'knee', 'neck', 'abdomen', 'lower-limb', 'other'),
      laterality: fc.constantFrom('left', 'right', 'unknown'),
    }),
    { maxLength: 3 },
  ),
  techniques: fc.subarray(['classic', 'mld', 'deep-tissue']),
  scope: fc.constantFrom('local', 'full-body', 'unknown'),
  phases: fc.subarray(['post-op', 'pre-op', 'chronic']),
});

const settings = fc.subarray(['hold-first-trimester']);

test('one more contraindication never makes a decision milder, and takes no finding away', () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 6 }),
      record,
      fc.nat(),
      facts,
      settings,
      (before, added, place, plan, on) => {
        const after = [...before];
        after.splice(place % (before.length + 1), 0, added);
        const run = (contained: readonly Resource[]) =>
          screen({ referral: order(contained), facts: plan, rules, now, settings: on });
        const [less, more] = [run(before), run(after)];
        expect(rank[more.disposition]).toBeGreaterThanOrEqual(rank[less.disposition]);
        for (const { ruleId, disposition } of less.findings) {
          const worst = Math.max(
            ...more.findings.filter((one) => one.ruleId === ruleId).map((one) => rank[one.disposition]),
            0,
          );
          expect(worst).toBeGreaterThanOrEqual(rank[disposition]);
        }
      },
    ),
    { numRuns: 2000, seed: 20261126 },
  );
});

test('the order in which records come changes nothing', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), facts, (contained, plan) => {
      const decided = (all: readonly Resource[]) => {
        const { disposition, findings } = screen({ referral: order(all), facts: plan, rules, now });
        return { disposition, findings: findings.map(({ ruleId, disposition: each }) => `${ruleId} ${each}`) };
      };
      expect(decided([...contained].reverse())).toEqual(decided(contained));
    }),
    { numRuns: 500, seed: 20261126 },
  );
});
