import { describe, expect, test } from 'vitest';
import { checkTreatmentPlan } from '../../../src/core/plan/check.ts';
import { completePlan } from '../../../src/core/plan/complete.ts';
import { examplePlan } from './examples.ts';

/** What a mapping gives: no empty list, no empty object. */
function mapped(): Record<string, unknown> {
  const { goals, modifications, notes, dosage, performerRequirement, ...rest } = structuredClone(examplePlan);
  return { ...rest, patient: { reference: 'Patient/p1' }, service: { codings: [{ code: '25' }], category: 'medical' } };
}

describe('a plan as a mapping gives it', () => {
  test('gets the empty lists and objects that its readers count on', () => {
    const plan = completePlan(mapped());
    expect(plan).toMatchObject({
      goals: [],
      modifications: [],
      notes: [],
      dosage: {},
      performerRequirement: { kinds: [], qualifications: [] },
      patient: { reference: 'Patient/p1', identifiers: [] },
      service: { codings: [{ code: '25' }], category: 'medical', technique: [] },
    });
    expect(checkTreatmentPlan(plan)).toEqual([]);
  });

  test('gets no value: what must be told and is not stays missing', () => {
    const plan = mapped();
    delete plan.priority;
    delete plan.source;
    expect(checkTreatmentPlan(completePlan(plan)).map(({ expression }) => expression)).toEqual([
      'TreatmentPlan.source',
      'TreatmentPlan.priority',
    ]);
  });

  test('tells a technique and an identifier once that the order tells twice, and notes as often as they are there', () => {
    const note = { text: 'same' };
    const number = { system: 'https://hospital.example/patients', value: '1' };
    const plan = completePlan({
      ...mapped(),
      notes: [note, note],
      patient: { identifiers: [number, { ...number }] },
      service: { codings: [], text: 'x', category: 'medical', technique: ['mld', 'mld', 'classic'] },
    });
    expect(plan).toMatchObject({
      notes: [note, note],
      patient: { identifiers: [number] },
      service: { technique: ['mld', 'classic'] },
    });
  });

  test('anything else is given back as it is', () => {
    for (const value of [undefined, null, 5, 'x', []]) expect(completePlan(value)).toEqual(value);
  });
});
