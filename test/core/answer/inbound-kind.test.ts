import { describe, expect, test } from 'vitest';
import { answerCancellation, readInboundTask } from '../../../src/core/answer/inbound-kind.ts';
import { planStatuses } from '../../../src/core/plan/treatment-plan.ts';
import { anchors } from './answer-parts.ts';

const code = (value: string) => ({
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: value }] },
});
const focus = (reference: string, more: object = {}) => ({ focus: { reference, ...more } });
const read = (task: Readonly<Record<string, unknown>>) =>
  readInboundTask({ resourceType: 'Task', status: 'requested', ...task }, anchors);
const faults = (task: Readonly<Record<string, unknown>>) => read(task).issues.map((issue) => issue.code);

describe('a Task asks to carry out an order', () => {
  test.each([
    ['by its code', { ...code('fulfill'), ...focus('ServiceRequest/5') }],
    ['without a code', focus('https://demo-hospital.example/fhir/ServiceRequest/5/_history/2')],
    [
      'with a code of another system',
      { code: { coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }, ...focus('ServiceRequest/5') },
    ],
    ['that it contains', { ...code('fulfill'), ...focus('#order') }],
    [
      'that it names by its type',
      { ...code('fulfill'), focus: { type: 'ServiceRequest', identifier: { value: 'R-1' } } },
    ],
  ])('%s', (_, task) => {
    expect(read(task)).toMatchObject({ kind: 'order', focus: task.focus, issues: [] });
  });
});

test('a Task asks to stop one that we fulfil', () => {
  expect(read({ ...code('abort'), ...focus('Task/7') })).toMatchObject({
    kind: 'cancellation',
    focus: { reference: 'Task/7' },
  });
});

describe('a Task is refused', () => {
  test.each([
    [
      'that asks the placer to withdraw its order',
      { ...code('abort'), ...focus('ServiceRequest/5') },
      'task-not-ours-to-cancel',
    ],
    [
      'about something else than an order',
      { ...code('fulfill'), ...focus('CommunicationRequest/5') },
      'task-focus-unsupported',
    ],
    ['that stops something else than a Task', { ...code('abort'), ...focus('Procedure/5') }, 'task-focus-unsupported'],
    ['about nothing', code('fulfill'), 'task-focus-unsupported'],
    ['with another task code', { ...code('approve'), ...focus('ServiceRequest/5') }, 'task-code-unsupported'],
    [
      'that contradicts itself',
      {
        ...focus('ServiceRequest/5'),
        businessStatus: {
          coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '7.0' }],
        },
      },
      'task-contradiction',
    ],
  ])('%s', (_, task, expected) => {
    expect([read(task).kind, faults(task)]).toEqual(['refused', [expected]]);
  });
});

test('inputs that are not read are named; answers are not among them', () => {
  const answer = {
    type: { coding: [{ system: 'https://tactus.example/fhir/CodeSystem/question', code: 'session-count' }] },
    valueInteger: 6,
  };
  const task = { ...focus('ServiceRequest/5'), input: [answer, { type: { text: 'Clinical data' }, valueString: 'x' }] };
  expect(read(task).issues.map(({ severity, expression }) => `${severity} ${expression}`)).toEqual([
    'information Task.input[1]',
  ]);
});

test('a cancellation is accepted until the plan has ended', () => {
  expect(planStatuses.filter((status) => answerCancellation(status) === 'rejected')).toEqual([
    'rejected',
    'completed',
    'stopped',
    'cancelled',
    'expired',
  ]);
});
