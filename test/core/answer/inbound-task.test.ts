import { describe, expect, test } from 'vitest';
import { checkInboundTask } from '../../../src/core/answer/inbound-task.ts';
import { taskFor } from '../../../src/core/answer/task.ts';
import { planStatuses } from '../../../src/core/plan/treatment-plan.ts';
import { anchor, anchors, answer, plan } from './answer-parts.ts';

const bser = 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS';
const ours = 'https://tactus.example/fhir/CodeSystem/business-status';
const check = (status: string, system: string, code: string) =>
  checkInboundTask({ resourceType: 'Task', status, businessStatus: { coding: [{ system, code }] } }, anchors);

test("BSeR's own example, requested and fulfilled at once, is refused with both facts", () => {
  const [issue, ...more] = check('requested', bser, '7.0');
  expect(more).toEqual([]);
  expect(issue).toMatchObject({
    severity: 'error',
    code: 'task-contradiction',
    type: 'business-rule',
    expression: 'Task.businessStatus.coding[0]',
  });
  expect(issue?.message).toBe(
    'Task.status is "requested" and Task.businessStatus is "7.0" (Fulfilment completed); both cannot be true. With this business status the status is completed. Correct one of them and send the Task again.',
  );
});

describe('a status and a number of BSeR', () => {
  test.each([
    ['received', '2.0'],
    ['requested', '2.0'],
    ['accepted', '3.0'],
    ['rejected', '4.0'],
    ['in-progress', '5.1'],
    ['in-progress', '5.1.2'],
    ['in-progress', '5.2'],
    ['cancelled', '6.0'],
    ['completed', '7.0'],
  ])('agree: %s %s', (status, code) => {
    expect(check(status, bser, code)).toEqual([]);
  });

  test.each([
    ['completed', '2.0'],
    ['requested', '3.0'],
    ['accepted', '4.0'],
    ['accepted', '5.1.1'],
    ['completed', '5.2'],
    ['in-progress', '6.0'],
    ['in-progress', '7.0'],
  ])('contradict: %s %s', (status, code) => {
    expect(check(status, bser, code).map((issue) => issue.code)).toEqual(['task-contradiction']);
  });
});

describe('a status and a business status of ours', () => {
  test.each([
    ['received', 'awaiting-information', true],
    ['completed', 'awaiting-information', false],
    ['requested', 'outcome-final', false],
    ['completed', 'outcome-final', true],
    ['rejected', 'referred-onward', true],
    ['accepted', 'referred-onward', false],
    ['rejected', 'session-completed', false],
  ])('%s %s agree: %s', (status, code, agree) => {
    expect(check(status, ours, code).length === 0).toBe(agree);
  });
});

test('a code that its system does not have is told', () => {
  expect(check('requested', bser, '9.9').map(({ code, type }) => [code, type])).toEqual([
    ['unknown-code', 'code-invalid'],
  ]);
  expect(check('requested', ours, 'waiting').map(({ code }) => code)).toEqual(['unknown-code']);
});

test.each([
  ['requested', 'http://terminology.hl7.org.au/CodeSystem/task-business-status', 'service-booked'],
  ['completed', 'http://example.org/ph/CodeSystem/ereferral-workflow', 'accepted'],
])('%s %s %s is left alone: its system is not known here', (status, system, code) => {
  expect(check(status, system, code)).toEqual([]);
});

test('a Task without a business status, or with a text only, contradicts nothing', () => {
  expect(checkInboundTask({ resourceType: 'Task', status: 'requested' }, anchors)).toEqual([]);
  expect(
    checkInboundTask({ resourceType: 'Task', status: 'requested', businessStatus: { text: 'done' } }, anchors),
  ).toEqual([]);
});

test('no answer of ours contradicts itself', () => {
  for (const id of ['own', 'au', 'nl', 'bser'] as const) {
    for (const status of planStatuses) {
      const task = taskFor({ ...answer, plan: { ...plan, status }, anchor: anchor(id) });
      expect(checkInboundTask({ ...task }, anchors), `${id} ${status}`).toEqual([]);
    }
  }
});
