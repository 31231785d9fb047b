import type { Task } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { placerUpdate } from '../../../src/core/answer/placer-update.ts';

const current: Task = {
  resourceType: 'Task',
  status: 'accepted',
  intent: 'order',
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
  focus: { reference: 'ServiceRequest/1' },
  for: { reference: 'Patient/1' },
};
const before = { status: 'accepted', begun: false } as const;
const begun = { status: 'in-progress', begun: true } as const;

describe('what a placer wants of our Task', () => {
  test.each([
    ['the same again', {}, before, 'answer'],
    ['nothing said about the status', { status: undefined }, before, 'answer'],
    ['its end before work began', { status: 'cancelled' }, before, 'cancel'],
    ['its end after work began', { status: 'cancelled' }, begun, 'refused task-move'],
    [
      'its end after the end',
      { status: 'cancelled' },
      { status: 'stopped', begun: false } as const,
      'refused task-move',
    ],
    ['to move it on', { status: 'in-progress' }, before, 'refused task-move'],
    ['another order', { focus: { reference: 'ServiceRequest/2' } }, before, 'refused task-fixed'],
    [
      'another patient and an end',
      { for: { reference: 'Patient/2' }, status: 'cancelled' },
      before,
      'refused task-fixed',
    ],
    ['an owner', { owner: { reference: 'Organization/1' } }, before, 'refused task-fixed'],
    ['both', { intent: 'plan', status: 'failed' }, before, 'refused task-fixed task-move'],
    [
      'the same with keys in another order',
      { code: { coding: [{ code: 'fulfill', system: 'http://hl7.org/fhir/CodeSystem/task-code' }] } },
      before,
      'answer',
    ],
    ['a note', { note: [{ text: 'Thank you.' }] }, before, 'answer'],
  ])('%s', (_, changes, plan, verdict) => {
    const wanted = placerUpdate(current, { ...current, ...changes }, plan);
    const codes = wanted.kind === 'refused' ? wanted.issues.map(({ code }) => code) : [];
    expect([wanted.kind, ...codes].join(' ')).toBe(verdict);
  });

  test('a status that is none is not repeated in the refusal', () => {
    const wanted = placerUpdate(current, { ...current, status: 'Mrs. Example' }, before);
    expect(wanted.kind === 'refused' && wanted.issues[0]?.message).toContain('"something else"');
  });
});
