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

test.each(['stopped', 'rejected'] as const)('an ending that nobody explained (%s) is not fit to be sent', (status) => {
  expect(faults(taskFor({ ...answer, plan: { ...plan, status } }))).toEqual([
    expect.stringContaining('Task.statusReason'),
  ]);
});

test('a Task without its plan number is found faulty, so that this test can fail', () => {
  expect(faults({ ...taskFor(answer), identifier: [] }).length).toBeGreaterThan(0);
});
