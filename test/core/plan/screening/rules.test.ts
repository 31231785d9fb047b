import { describe, expect, test } from 'vitest';
import type { ScreeningResult } from '../../../../src/core/plan/screening.ts';
import { screen } from '../../../../src/core/plan/screening.ts';
import { lumbar, now, order, ruleIssues, rules, screened } from './record.ts';
import { type Miss, ruleTable } from './rule-table.ts';

function run([record, facts = lumbar, more = {}]: Miss): ScreeningResult {
  return screen({ referral: order([record], more), facts, rules, now });
}

describe('each rule', () => {
  test('has a row in the table with a hit and a miss on each side', () => {
    expect(Object.keys(ruleTable).sort()).toEqual([...rules.rules.keys()].sort());
    for (const [rule, { hits, misses }] of Object.entries(ruleTable)) {
      expect(hits.length, rule).toBeGreaterThanOrEqual(1);
      expect(misses.length, rule).toBeGreaterThanOrEqual(2);
    }
  });

  for (const [rule, { hits, misses }] of Object.entries(ruleTable)) {
    test.each(hits.map((hit, index) => [index, hit] as const))(`${rule} finds its case %i`, (_, hit) => {
      const [disposition, record, facts, more] = hit;
      const findings = run([record, facts, more]).findings.filter(({ ruleId }) => ruleId === rule);
      expect(findings.map((finding) => finding.disposition)).toEqual([disposition]);
      expect(findings[0]?.evidence.length).toBeGreaterThan(0);
    });

    test.each(misses.map((miss, index) => [index, miss] as const))(
      `${rule} leaves alone its neighbour %i`,
      (_, miss) => {
        expect(run(miss).findings.filter(({ ruleId }) => ruleId === rule)).toEqual([]);
      },
    );
  }

  test('is told to be unsigned as long as no clinician has signed it', () => {
    const unsigned = [...rules.rules.values()].filter(({ reviewedBy }) => reviewedBy === '').length;
    expect(ruleIssues.map(({ severity, code }) => `${severity} ${code}`)).toEqual(
      Array.from({ length: unsigned }, () => 'warning rule-unsigned'),
    );
  });

  test('that is found decides no milder than beside any other one', () => {
    const rank = { reject: 3, hold: 2, flag: 1, none: 0 };
    const rows = Object.values(ruleTable).flatMap(({ hits }) => hits.slice(0, 1));
    for (const [one, a, facts] of rows) {
      for (const [, b] of rows) {
        expect(rank[screened([a, b], facts).disposition]).toBeGreaterThanOrEqual(
          a.resourceType === 'Basic' ? 0 : rank[one],
        );
      }
    }
  });
});
