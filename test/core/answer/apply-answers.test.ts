import { describe, expect, test } from 'vitest';
import { type AnswerEntry, applyAnswers } from '../../../src/core/answer/apply-answers.ts';
import { clearanceQuestion, missingFrom, toTaskInput } from '../../../src/core/answer/question.ts';
import type { TreatmentPlan } from '../../../src/core/plan/treatment-plan.ts';
import { plan, rules } from './answer-parts.ts';

const open: TreatmentPlan = {
  ...plan,
  status: 'held',
  dosage: {},
  bodySites: [],
  scope: 'unknown',
  service: { ...plan.service, technique: [] },
};
const told = { by: 'Dr. Ada Beispiel', at: '2026-11-27T08:00:00Z', element: 'input' as const, rules };
const to = (code: string, value: Omit<AnswerEntry, 'type'>): AnswerEntry => ({
  type: {
    coding: [
      { system: 'https://tactus.example/fhir/CodeSystem/task-parameter', code: 'question' },
      { system: 'https://tactus.example/fhir/CodeSystem/question', code },
    ],
  },
  ...value,
});
const concept = (system: string, code: string) => ({ valueCodeableConcept: { coding: [{ system, code }] } });
const twiceAWeek = { valueTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk' as const } } };
const technique = concept('https://tactus.example/fhir/CodeSystem/massage-technique', 'mld');

/** The part of the plan that changed, or the sentences about what was wrong. */
function applied(entries: readonly AnswerEntry[], before: TreatmentPlan = open) {
  const result = applyAnswers(before, entries, told);
  if (!result.ok) return result.issues.map(({ expression, message }) => `${expression}: ${message}`);
  const { dosage, bodySites, service, screening } = result.plan;
  return { dosage, bodySites, technique: service.technique, completeness: screening.completeness };
}

test('all answers together fill everything that was open', () => {
  const entries = [
    to('session-count', { valuePositiveInt: 6 }),
    to('frequency', twiceAWeek),
    to('body-region', concept('http://snomed.info/sct', '72696002')),
    to('technique', technique),
    to('screening', { valueBoolean: true }),
  ];
  expect(applied(entries)).toEqual({
    dosage: { sessions: 6, frequency: { times: 2, period: 1, unit: 'wk' } },
    bodySites: [{ site: 'knee', laterality: 'unknown' }],
    technique: ['mld'],
    completeness: 'complete',
  });
  const result = applyAnswers(open, entries, told);
  const asks = ['session-count', 'frequency', 'body-region', 'technique', 'screening'] as const;
  expect(result.ok ? missingFrom(result.plan, { asks: [...asks] }) : undefined).toEqual([]);
});

test('a reason and a date may be told later too', () => {
  const bare = { ...open, indications: [], authoredOn: undefined } as unknown as TreatmentPlan;
  const result = applyAnswers(
    bare,
    [
      to('indication', concept('http://hl7.org/fhir/sid/icd-10-cm', 'M54.5')),
      to('order-date', { valueDate: '2026-11-25' }),
    ],
    told,
  );
  expect(result.ok ? [result.plan.indications, result.plan.authoredOn] : result).toEqual([
    [{ codings: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'M54.5' }], phase: 'unknown' }],
    '2026-11-25',
  ]);
  expect(applied([to('indication', concept('http://hl7.org/fhir/sid/icd-10-cm', 'M54.5'))])).toEqual([
    expect.stringContaining('changed order'),
  ]);
  expect(applied([to('indication', { valueCodeableConcept: { coding: [{ code: 'M54.5' }] } })], bare)).toEqual([
    expect.stringContaining('a code and its system'),
  ]);
});

describe('the number of sessions', () => {
  test.each([
    ['positiveInt', { valuePositiveInt: 60 }, 60],
    ['integer', { valueInteger: 1 }, 1],
    ['Quantity without unit', { valueQuantity: { value: 12 } }, 12],
    [
      'Quantity in sessions',
      { valueQuantity: { value: 12, system: 'http://unitsofmeasure.org', code: '{session}' } },
      12,
    ],
  ])('may come as %s', (_, value, sessions) => {
    expect(applied([to('session-count', value)])).toMatchObject({ dosage: { sessions } });
  });

  test.each([
    ['0', { valueInteger: 0 }],
    ['61', { valuePositiveInt: 61 }],
    ['2.5', { valueQuantity: { value: 2.5 } }],
    ['12 minutes', { valueQuantity: { value: 12, system: 'http://unitsofmeasure.org', code: 'min' } }],
    ['at least 6', { valueQuantity: { value: 6, comparator: '>=' as const } }],
    ['yes', { valueBoolean: true }],
  ])('is not %s', (_, value) => {
    expect(applied([to('session-count', value)])).toEqual([
      'Task.input[0].value: The answer to the question "session-count" must be a whole number from 1 to 60 (valuePositiveInt).',
    ]);
  });
});

describe('the frequency', () => {
  test.each([
    ['of 15 times', { frequency: 15, period: 1, periodUnit: 'wk' }],
    ['without a period', { frequency: 2, periodUnit: 'wk' }],
    ['by the month', { frequency: 2, period: 1, periodUnit: 'mo' }],
  ])('%s is not understood', (_, repeat) => {
    const entry = to('frequency', { valueTiming: { repeat } } as Omit<AnswerEntry, 'type'>);
    expect(applied([entry])).toEqual([
      'Task.input[0].value: The answer to the question "frequency" must be a Timing with repeat.frequency, period, and periodUnit d or wk.',
    ]);
  });
});

test.each([
  ['body-region', concept('http://snomed.info/sct', '1'), 'massage-body-site'],
  ['technique', concept('http://snomed.info/sct', '1'), 'massage-technique'],
  ['screening', { valueInteger: 1 }, 'true or false'],
  ['screening', { valueBoolean: false }, 'changed order'],
  ['clearance', { valueInteger: 1 }, 'true or false'],
])('an answer to %s that cannot be read is told with what would be right', (code, value, words) => {
  const [issue] = applied([to(code, value)]) as string[];
  expect(issue).toContain('Task.input[0].value');
  expect(issue).toContain(words);
});

describe('what the order says already', () => {
  test.each([
    ['session-count', { valuePositiveInt: 8 }],
    ['frequency', { valueTiming: { repeat: { frequency: 3, period: 1, periodUnit: 'wk' as const } } }],
    ['body-region', concept('http://snomed.info/sct', '72696002')],
    ['technique', technique],
  ])('is not changed by an answer to %s', (code, value) => {
    expect(applied([to(code, value)], plan)).toEqual([expect.stringContaining('send a changed order instead')]);
  });

  test('may be answered with the same again', () => {
    expect(applied([to('session-count', { valuePositiveInt: 6 })], plan)).toMatchObject({ dosage: plan.dosage });
    expect(applied([to('frequency', twiceAWeek)], plan)).toMatchObject({ dosage: plan.dosage });
  });
});

test('one answer that cannot be read leaves the others unapplied, and all faults are told', () => {
  const issues = applied([
    to('session-count', { valuePositiveInt: 6 }),
    to('technique', { valueBoolean: true }),
    to('frequency', { valueBoolean: true }),
  ]);
  expect(issues).toHaveLength(2);
});

test('a Task that only repeats the questions answers nothing', () => {
  const entries = missingFrom(open, { asks: ['session-count'] }).map(toTaskInput);
  const result = applyAnswers(open, entries, told);
  expect(result.ok ? [] : result.issues.map(({ code }) => code)).toEqual(['answer-missing']);
});

test('entries of other kinds are left alone', () => {
  const other: AnswerEntry = { type: { text: 'Anything' }, valueBoolean: true };
  expect(applied([other, to('session-count', { valuePositiveInt: 6 })])).toMatchObject({ dosage: { sessions: 6 } });
});

describe('a clearance', () => {
  const finding = (ruleId: string, disposition: 'reject' | 'hold') => ({
    ruleId,
    disposition,
    evidence: ['x'],
    state: 'open' as const,
  });
  const held = {
    ...open,
    screening: { ...open.screening, findings: [finding('malignancy', 'hold'), finding('sepsis', 'reject')] },
  };

  test('is asked about the rules that hold', () => {
    expect(clearanceQuestion(['malignancy'])).toMatchObject({
      code: 'clearance',
      answerType: 'boolean',
      ruleIds: ['malignancy'],
    });
  });

  test('clears what holds, by name and time, and nothing that rejects', () => {
    const result = applyAnswers(held, [to('clearance', { valueBoolean: true })], told);
    expect(result.ok ? result.plan.screening.findings.map(({ state, by, at }) => [state, by, at]) : undefined).toEqual([
      ['cleared', told.by, told.at],
      ['open', undefined, undefined],
    ]);
  });

  test('that is denied ends the referral', () => {
    expect(applyAnswers(held, [to('clearance', { valueBoolean: false })], told)).toMatchObject({
      ok: true,
      isDeclined: true,
    });
  });
});
