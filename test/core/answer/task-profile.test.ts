import { describe, expect, test } from 'vitest';
import { anchors as anchorIds } from '../../../src/core/answer/partner.ts';
import { clearanceQuestion, missingFrom } from '../../../src/core/answer/question.ts';
import { taskFor } from '../../../src/core/answer/task.ts';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { planStatuses } from '../../../src/core/plan/treatment-plan.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { anchor, answer, plan } from './answer-parts.ts';

/** Promise 5: nothing leaves that does not conform. Every answer that can be computed is held to its profile. */
const validator = createValidator(loadDefinitions());
const profiles = ['https://tactus.example/fhir/StructureDefinition/massage-fulfilment-task'];
const faults = (task: unknown) =>
  validator
    .validate(task, { profiles })
    .filter(isFault)
    .map(({ expression, message }) => `${expression}: ${message}`);

const reasons: Readonly<Partial<Record<(typeof planStatuses)[number], readonly string[]>>> = {
  held: ['missing-information'],
  rejected: ['contraindication-reported'],
  stopped: ['patient-declined'],
  cancelled: ['patient-declined'],
};
const questions = missingFrom(
  { ...plan, dosage: {}, bodySites: [], scope: 'unknown', service: { ...plan.service, technique: [] } },
  { asks: ['session-count', 'frequency', 'body-region', 'technique', 'screening'] },
);

describe.each(anchorIds)('an answer for a partner of anchor %s conforms to its profile', (id) => {
  test.each(planStatuses)('when the plan is %s', (status) => {
    const request = {
      ...answer,
      anchor: anchor(id),
      plan: { ...plan, status, progress: { delivered: 1, notDone: 0 } },
      reasons: reasons[status] ?? [],
      questions: status === 'held' ? [...questions, clearanceQuestion(['malignancy'])] : [],
      outcomes: [{ procedure: 'Procedure/1', observations: ['Observation/1'] }],
      summary: 'DiagnosticReport/1',
    };
    expect(faults(taskFor(request))).toEqual([]);
    expect(faults(taskFor({ ...request, at: 'here' }))).toEqual([]);
  });
});

test('an ending that says why by itself conforms without a told reason', () => {
  expect(faults(taskFor({ ...answer, plan: { ...plan, status: 'expired' } }))).toEqual([]);
});

test.each(['stopped', 'rejected', 'cancelled'] as const)('an ending that nobody explained (%s) conforms', (status) => {
  const task = taskFor({ ...answer, plan: { ...plan, status } });
  expect([faults(task), task.statusReason?.coding?.[0]?.code]).toEqual([[], 'other']);
});

test('a number that BSeR does not have is found faulty', () => {
  const task = taskFor({ ...answer, anchor: anchor('bser'), plan: { ...plan, status: 'rejected' } });
  const [coding] = task.businessStatus?.coding ?? [];
  expect(coding?.code).toBe('4.0');
  const faulty = { ...task, businessStatus: { coding: [{ ...coding, code: '4.1' }] } };
  expect(faults(faulty)).toEqual([expect.stringContaining('Task.businessStatus')]);
});

test('a Task without its plan number is found faulty, so that this test can fail', () => {
  expect(faults({ ...taskFor(answer), identifier: [] }).length).toBeGreaterThan(0);
});
