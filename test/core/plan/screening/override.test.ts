import { describe, expect, test } from 'vitest';
import { worstOpen } from '../../../../src/core/plan/screening/finding.ts';
import { carryDecisions, clear, decidedInVersion, override } from '../../../../src/core/plan/screening/override.ts';
import { planScreening } from '../../../../src/core/plan/screening.ts';
import { condition, screened } from './record.ts';

const { findings } = screened([condition('C50'), condition('I10')]);
const [cancer, hypertension] = findings;
if (cancer === undefined || hypertension === undefined) throw new Error('The rules of this test are gone.');
const decision = {
  by: 'Dr. Ada Beispiel',
  at: '2026-11-26T11:00:00Z',
  reason: 'The oncologist agreed on the telephone.',
};

describe('an override', () => {
  test('keeps the finding, with who, when and why, and the finding as it was for the history', () => {
    expect(override(cancer, decision)).toEqual({
      ok: true,
      finding: { ...cancer, state: 'overridden', ...decision },
      before: cancer,
    });
  });

  test.each([
    ['by', { ...decision, by: ' ' }],
    ['at', { ...decision, at: 'yesterday' }],
    ['reason', { ...decision, reason: 'ok' }],
  ])('without %s is refused', (element, incomplete) => {
    const result = override(cancer, incomplete);
    expect(result.ok).toBe(false);
    expect(result.ok ? [] : result.issues.map(({ expression }) => expression)).toEqual([
      `TreatmentPlan.screening.findings.${element}`,
    ]);
  });

  test('no longer stops the plan but still travels with it', () => {
    const overridden = override(cancer, decision);
    const after = overridden.ok ? [overridden.finding, hypertension] : [];
    expect(worstOpen(findings)).toBe('hold');
    expect(worstOpen(after)).toBe('flag');
  });

  test('of one finding leaves another open', () => {
    const both = screened([condition('C50'), condition('D66')]).findings;
    const after = both.map((finding) => {
      const result = finding.ruleId === 'malignancy' ? clear(finding, decision) : undefined;
      return result?.ok ? result.finding : finding;
    });
    expect(worstOpen(after)).toBe('hold');
  });
});

describe('a new screening of the same plan', () => {
  const overridden = override(cancer, decision);
  const kept = overridden.ok
    ? planScreening({ completeness: 'partial', checkedAt: decision.at, findings: [overridden.finding] }).findings
    : [];

  test('keeps what was decided on the same evidence', () => {
    expect(carryDecisions(kept, findings).map(({ state }) => state)).toEqual(['overridden', 'open']);
  });

  test('opens a finding again that has new evidence', () => {
    const more = screened([condition('C50'), condition('C34')]).findings;
    expect(carryDecisions(kept, more).map(({ state }) => state)).toEqual(['open']);
  });

  test('opens a finding again that is at another region', () => {
    const moved = findings.map((finding) => ({ ...finding, region: 'neck' }));
    expect(carryDecisions(kept, moved).map(({ state }) => state)).toEqual(['open', 'open']);
  });

  test('opens a finding again that became worse', () => {
    const worse = screened([condition('C50')], { bodySites: [], techniques: ['mld'] }).findings;
    expect(carryDecisions(kept, worse).map(({ state, disposition }) => `${disposition} ${state}`)).toEqual([
      'reject open',
    ]);
  });
});

describe('a decision on evidence at ServiceRequest.reasonCode[1].coding[0]', () => {
  const place = 'ServiceRequest.reasonCode[1].coding[0]';
  const decided = [{ ...cancer, state: 'overridden' as const, evidence: [place] }];
  const placesOf = (all: typeof decided) => all.flatMap(({ evidence }) => evidence);

  test.each([
    'ServiceRequest.reasonCode[1].coding[0]',
    'ServiceRequest.reasonCode[1].coding[0].code',
    'ServiceRequest.reasonCode[1]',
    'ServiceRequest.reasonCode',
    'ServiceRequest',
  ])('falls with a change at %s', (changed) => {
    expect(placesOf(decidedInVersion(decided, 1, ['ServiceRequest.priority', changed]))).toEqual([
      `version 1: ${place}`,
    ]);
  });

  test.each([
    'ServiceRequest.reasonCode[1].coding[01]',
    'ServiceRequest.reasonCode[1].text',
    'ServiceRequest.reasonCode[10]',
    'ServiceRequest.reasonCode[0].coding[0]',
    'ServiceRequest.reason',
  ])('stands with a change at %s', (changed) => {
    expect(placesOf(decidedInVersion(decided, 1, [changed]))).toEqual([`version 1: ${place}`, place]);
  });

  test('is known in the version that it was made on, whatever changes; what was said of earlier ones stays', () => {
    const before = [{ ...cancer, state: 'overridden' as const, evidence: ['version 1: Bundle.entry[3].resource'] }];
    expect(decidedInVersion(before, 2, ['Bundle.entry[3].resource', 'ServiceRequest'])).toEqual(before);
  });
});
