import { describe, expect, test } from 'vitest';
import { clearanceQuestion, missingFrom } from '../../../src/core/answer/question.ts';
import { type AnswerRequest, taskFor } from '../../../src/core/answer/task.ts';
import type { TreatmentPlan } from '../../../src/core/plan/treatment-plan.ts';
import { anchor, answer, plan } from './answer-parts.ts';

const with_ = (change: Partial<TreatmentPlan>, more: Partial<AnswerRequest> = {}) =>
  taskFor({ ...answer, plan: { ...plan, ...change }, ...more });
const finding = (ruleId: string, disposition: 'reject' | 'hold' | 'flag') => ({
  ruleId,
  disposition,
  evidence: ['ServiceRequest.contained[0].code.coding[0]'],
  state: 'open' as const,
});
const screening = (...findings: readonly ReturnType<typeof finding>[]) => ({
  ...plan.screening,
  findings: [...findings],
});

test('the answer to an accepted referral names order, patient, prescriber and both numbers', () => {
  expect(taskFor(answer)).toEqual({
    resourceType: 'Task',
    meta: { profile: ['https://tactus.example/fhir/StructureDefinition/massage-fulfilment-task'] },
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'FILL' }] },
        system: 'https://tactus.example/fhir/sid/plan',
        value: 'plan-1',
      },
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] },
        system: 'https://demo-hospital.example/sid/referral',
        value: 'R-1',
      },
    ],
    basedOn: [taskFor(answer).focus],
    status: 'accepted',
    businessStatus: {
      coding: [
        {
          system: 'https://tactus.example/fhir/CodeSystem/business-status',
          code: 'awaiting-scheduling',
          display: 'The first appointment is being made',
        },
      ],
    },
    intent: 'order',
    priority: 'routine',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus: {
      reference: 'ServiceRequest/order-1',
      type: 'ServiceRequest',
      identifier: { system: 'https://demo-hospital.example/sid/referral', value: 'R-1' },
    },
    for: {
      reference: 'Patient/7',
      identifier: { system: 'https://demo-hospital.example/sid/patient', value: 'P-7' },
      type: 'Patient',
    },
    authoredOn: '2026-11-26T09:00:00.000Z',
    lastModified: '2026-11-26T10:00:00.000Z',
    requester: { reference: 'Practitioner/3', display: 'Dr. Ada Beispiel' },
  });
});

test('the same request gives the same Task, and is not changed', () => {
  const before = structuredClone({ ...answer, anchor: undefined, rules: undefined });
  expect(taskFor(answer)).toEqual(taskFor(answer));
  expect({ ...answer, anchor: undefined, rules: undefined }).toEqual(before);
});

describe('a Task that stands here', () => {
  test('has the id of the referral, and references of the hospital as absolute ones', () => {
    const task = taskFor({ ...answer, at: 'here' });
    expect([task.id, task.focus?.reference, task.for?.reference, task.requester?.reference]).toEqual([
      'referral-1',
      'ServiceRequest/referral-1',
      'http://127.0.0.1:8090/fhir/Patient/7',
      'http://127.0.0.1:8090/fhir/Practitioner/3',
    ]);
  });

  test.each(['#patient', 'urn:uuid:6f1e4a1e-5d9d-4b39-9c1b-111111111111'])(
    'leaves out %s, which means nothing outside the order',
    (reference) => {
      const task = with_({ patient: { ...plan.patient, reference } }, { at: 'here' });
      expect(task.for).toEqual({
        identifier: { system: 'https://demo-hospital.example/sid/patient', value: 'P-7' },
        type: 'Patient',
      });
    },
  );
});

test('an order that came without an id is named by its number at the hospital', () => {
  const task = with_({ source: { ...plan.source, serverBase: 'https://tactus.example/fhir' } });
  expect(task.focus).toEqual({
    type: 'ServiceRequest',
    identifier: { system: 'https://demo-hospital.example/sid/referral', value: 'R-1' },
  });
});

describe('a plan that waits for an answer', () => {
  const held = { status: 'held' as const, dosage: {}, bodySites: [], scope: 'unknown' as const };
  const questions = missingFrom({ ...plan, ...held }, { asks: ['session-count', 'body-region', 'technique'] });
  const task = with_(held, { questions, reasons: ['missing-information'] });

  test('is received, awaiting information, and says so in a sentence', () => {
    expect([task.status, task.businessStatus?.coding?.[0]?.code, task.statusReason?.coding?.[0]?.code]).toEqual([
      'received',
      'awaiting-information',
      'missing-information',
    ]);
    expect(task.statusReason?.text).toBe(
      'The order does not say everything that the treatment needs; please answer the questions.',
    );
  });

  test('asks each question as an input', () => {
    expect(
      task.input?.map(({ type, valueString }) => [type.coding?.map(({ code }) => code).join(' '), valueString]),
    ).toEqual([
      ['question session-count', 'How many sessions are prescribed? Please answer with a whole number from 1 to 60.'],
      ['question body-region', 'Which region of the body shall be treated? Please answer with a coded body site.'],
    ]);
  });

  test('for a contraindication is on hold, with the sentence of its rule', () => {
    const holding = with_(
      { status: 'held', screening: screening(finding('malignancy', 'hold')) },
      { reasons: ['contraindication-reported'], questions: [clearanceQuestion(['malignancy'])] },
    );
    expect([holding.status, holding.businessStatus?.coding?.[0]?.code]).toEqual(['on-hold', 'awaiting-information']);
    expect(holding.statusReason?.text).toBe(
      "The record has an active malignant disease: please send the oncologist's clearance.",
    );
  });
});

describe('a refusal', () => {
  test('tells every reason as a code and the sentence of the variant that decided', () => {
    const task = with_(
      {
        status: 'rejected',
        screening: screening(finding('high-risk-pregnancy', 'reject'), finding('pregnancy', 'flag')),
      },
      { reasons: ['contraindication-reported', 'intent-not-order'] },
    );
    expect(task.status).toBe('rejected');
    expect(task.statusReason?.coding?.map(({ code }) => code)).toEqual([
      'contraindication-reported',
      'intent-not-order',
    ]);
    expect(task.statusReason?.text).toBe(
      'The record has preterm labour: this referral cannot be accepted; preterm contractions are no reason for massage. The request is not meant as an order (intent order or original-order); please send it as one.',
    );
  });

  test('for a red flag does not repeat other findings', () => {
    const task = with_(
      {
        status: 'rejected',
        screening: screening(finding('cauda-equina-syndrome', 'reject'), finding('disc-prolapse', 'hold')),
      },
      { reasons: ['red-flag'] },
    );
    expect(task.statusReason?.text).toBe(
      'The record has a cauda equina syndrome: this is an emergency and no case for massage.',
    );
  });

  test('without a told reason has a sentence and the code of another reason, none that is invented', () => {
    expect(with_({ status: 'stopped' }).statusReason).toEqual({
      coding: [{ system: 'https://tactus.example/fhir/CodeSystem/status-reason', code: 'other' }],
      text: 'The course ended before all sessions.',
    });
    expect(with_({ status: 'expired' }).statusReason?.coding?.[0]?.code).toBe('prescription-expired');
  });
});

describe('what came of it', () => {
  const outcomes = [
    { procedure: 'Procedure/1', observations: ['Observation/1', 'Observation/2'] },
    { procedure: 'Procedure/2', observations: [] },
  ];
  const values = (task: ReturnType<typeof taskFor>) =>
    task.output?.map(({ type, valueReference, valueRatio }) => [
      type.coding?.[0]?.code,
      valueReference?.reference ??
        `${valueRatio?.numerator?.value}/${valueRatio?.denominator?.value} ${valueRatio?.denominator?.code}`,
    ]);

  test('is a Procedure a session, its Observations, and the progress', () => {
    expect(values(with_({ status: 'in-progress', progress: { delivered: 2, notDone: 0 } }, { outcomes }))).toEqual([
      ['session', 'Procedure/1'],
      ['measurement', 'Observation/1'],
      ['measurement', 'Observation/2'],
      ['session', 'Procedure/2'],
      ['progress', '2/6 {session}'],
    ]);
  });

  test('has no progress where nobody said how many sessions', () => {
    expect(values(with_({ status: 'in-progress', dosage: {} }, { outcomes: outcomes.slice(1) }))).toEqual([
      ['session', 'Procedure/2'],
    ]);
  });

  test('ends with the summary', () => {
    const task = with_(
      { status: 'completed', progress: { delivered: 6, notDone: 1 } },
      { summary: 'DiagnosticReport/9' },
    );
    expect([task.status, values(task)]).toEqual([
      'completed',
      [
        ['progress', '6/6 {session}'],
        ['summary', 'DiagnosticReport/9'],
      ],
    ]);
  });

  test('is nothing before the first session', () => {
    expect(taskFor(answer).output).toBeUndefined();
  });
});

test('a BSeR partner reads its number beside our business status, in one element', () => {
  const task = with_({ status: 'in-progress' }, { anchor: anchor('bser'), event: 'visit-scheduled' });
  expect(task.businessStatus?.coding?.map(({ code }) => code)).toEqual(['visit-scheduled', '5.1.1']);
});

test('no name, note or code of the patient stands in an answer', () => {
  const text = JSON.stringify(
    with_({ status: 'rejected', notes: [{ text: 'Mrs Muster is anxious.' }], patientInstruction: 'Bring towels.' }),
  );
  expect(text).not.toMatch(/Muster|towels|M54/);
});
