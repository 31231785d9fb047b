import { expect, test } from 'vitest';
import { prescriberSentence, therapistSheet } from '../../../../src/core/plan/screening/tell.ts';
import { planScreening } from '../../../../src/core/plan/screening.ts';
import { condition, medicine, rules, screened, treats } from './record.ts';

const result = screened(
  [
    condition('S82.0'),
    medicine('B01AF01'),
    condition('128053003', { clinicalStatus: { coding: [{ code: 'resolved' }] } }),
  ],
  treats('neck'),
);
const screening = planScreening(result);

test("the therapist's page has every finding as a sentence, and the duties, from the plan alone", () => {
  const sheet = therapistSheet({ screening, notes: [{ text: 'Please be careful.' }] }, rules);
  expect(
    sheet.findings.map(({ finding, sentence }) => `${finding.ruleId} ${finding.disposition}: ${sentence}`),
  ).toEqual([
    "deep-vein-thrombosis hold: Past deep vein thrombosis: treat only after the prescriber's clearance, no deep work on the legs.",
    'anticoagulant flag: Anticoagulant: nothing deep, look for bruises.',
    'fracture flag: Fracture: leave the region out.',
  ]);
  expect(sheet.duties.map(({ code }) => code)).toEqual([
    'check-bruises',
    'screen-before-first-session',
    'read-free-text',
  ]);
});

test('it says the same as the screening said', () => {
  const said = result.findings.map(({ prescriber }) => prescriber);
  expect(screening.findings.map((finding) => prescriberSentence(finding, rules))).toEqual(said);
});

test('a finding of a rule that is gone has no sentence, and breaks nothing', () => {
  const gone = { ...screening, findings: screening.findings.map((finding) => ({ ...finding, ruleId: 'gone' })) };
  expect(therapistSheet({ screening: gone, notes: [] }, rules).findings).toEqual([]);
});
