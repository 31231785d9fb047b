import type { Task } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { taskParameterSystem } from '../../../src/core/answer/codes.ts';
import { placerTask } from '../../../src/core/answer/placer-task.ts';

const theirs = {
  resourceType: 'Task',
  id: 't-1',
  meta: { versionId: '3' },
  identifier: [{ system: 'urn:placer', value: 'T-1' }],
  status: 'requested',
  statusReason: { text: 'from before' },
  intent: 'order',
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
  focus: { reference: 'ServiceRequest/7' },
  for: { reference: 'Patient/1' },
  requester: { reference: 'Practitioner/2' },
  owner: { reference: 'Organization/3' },
  note: [{ text: 'please call' }],
  input: [{ type: { text: 'theirs' }, valueString: 'x' }],
};
const output = (code: string, reference: string) => ({
  type: { coding: [{ system: taskParameterSystem, code }] },
  valueReference: { reference },
});
const ours: Task = {
  resourceType: 'Task',
  status: 'in-progress',
  intent: 'order',
  businessStatus: { text: 'session-completed' },
  focus: { reference: 'ServiceRequest/ours' },
  requester: { reference: 'Practitioner/other' },
  owner: { reference: 'Organization/us' },
  lastModified: '2026-12-01T10:00:00Z',
  input: [{ type: { text: 'question' }, valueString: 'How many?' }],
  output: [output('session', 'Procedure/1')],
};

describe("a placer's own Task", () => {
  test('changes in what the one who fulfils it may say, and in nothing else', () => {
    const { statusReason: _, ...rest } = theirs;
    expect(placerTask(theirs, ours)).toEqual({
      kind: 'changed',
      task: {
        ...rest,
        status: 'in-progress',
        businessStatus: { text: 'session-completed' },
        lastModified: '2026-12-01T10:00:00Z',
        output: [output('session', 'Procedure/1')],
      },
    });
  });

  test("keeps others' outputs; ours take the place of ours", () => {
    const foreign = { type: { text: 'theirs' }, valueString: 'y' };
    const before = { ...theirs, output: [output('session', 'Procedure/0'), foreign] };
    expect(placerTask(before, ours)).toMatchObject({ task: { output: [foreign, output('session', 'Procedure/1')] } });
    const { output: _, ...without } = ours;
    expect(placerTask(before, without)).toMatchObject({ task: { output: [foreign] } });
    expect(placerTask({ ...theirs, output: [output('session', 'Procedure/0')] }, without)).not.toHaveProperty(
      'task.output',
    );
  });

  test('that tells all of it is left as it is, whenever it was written', () => {
    const first = placerTask(theirs, ours);
    if (first.kind !== 'changed') throw new Error(first.kind);
    expect(placerTask(first.task, { ...ours, lastModified: '2026-12-02T10:00:00Z' })).toEqual({ kind: 'same' });
  });

  test.each(['cancelled', 'rejected', 'completed', 'failed', 'entered-in-error'])(
    'that is %s is not moved out of that',
    (status) => {
      expect(placerTask({ ...theirs, status }, ours)).toEqual({ kind: 'ended', status });
    },
  );

  test('that has ended as ours has is told the reason and the outputs', () => {
    const ended: Task = { ...ours, status: 'cancelled', statusReason: { text: 'withdrawn' } };
    expect(placerTask({ ...theirs, status: 'cancelled' }, ended)).toMatchObject({
      kind: 'changed',
      task: { status: 'cancelled', statusReason: { text: 'withdrawn' } },
    });
  });
});
