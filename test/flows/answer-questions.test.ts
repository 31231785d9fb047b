import type { TaskInput } from '@medplum/fhirtypes';
import { beforeEach, describe, expect, test } from 'vitest';
import { updateTask } from '../../src/flows/answer-questions.ts';
import type { PlanRecord } from '../../src/flows/records.ts';
import { demoOrder, demoWorld, withCondition } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
let record: PlanRecord;
const open = { occurrenceTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk' } } };
beforeEach(async () => {
  world = demoWorld();
  record = await world.order(demoOrder(open));
});

const now = () => world.planOf(record.referralId);
const questionSystem = 'https://tactus.example/fhir/CodeSystem/question';
const answer = (code: string, value: Partial<TaskInput>): TaskInput => ({
  type: { coding: [{ system: questionSystem, code }] },
  ...value,
});

/** The Task as the placer sends it back, with changes. */
async function put(changes: Readonly<Record<string, unknown>>, expected: readonly number[] | 'any' = 'any') {
  const task = { ...(await world.task(record.referralId)), ...changes };
  return updateTask(world.changing, { partner: 'demo-hospital', referralId: record.referralId, task, expected });
}
const outcome = async (changed: ReturnType<typeof put>) => {
  const told = await changed;
  return told.kind === 'refused' ? [told.status, ...told.issues.map(({ code }) => code)] : told.kind;
};

describe('the questions of a plan that waits', () => {
  test('are asked in the Task', async () => {
    expect(record.plan.status).toBe('held');
    const task = await world.task(record.referralId);
    expect([task.status, task.businessStatus?.coding?.[0]?.code, task.input?.length]).toEqual([
      'received',
      'awaiting-information',
      1,
    ]);
  });

  test.each(['input', 'output'])('are answered in Task.%s; the plan is decided anew and goes on', async (element) => {
    const told = await put({ [element]: [answer('session-count', { valuePositiveInt: 6 })] });
    expect(told.kind).toBe('done');
    const { plan, questions, reasons } = await now();
    expect([plan.status, plan.dosage.sessions, questions, reasons]).toEqual(['accepted', 6, [], []]);
    expect(world.events(plan.planId)).toEqual(['held', 'answered']);
    expect((await world.task(record.referralId)).status).toBe('accepted');
  });

  test('stay open after an answer that cannot be read, and the refusal says what would be right', async () => {
    const told = await put({ input: [answer('session-count', { valuePositiveInt: 61 })] });
    expect(told).toMatchObject({
      status: 422,
      issues: [{ code: 'answer-invalid', expression: 'Task.input[0].value' }],
    });
    expect((await now()).plan.status).toBe('held');
    expect(await outcome(put({ input: [answer('session-count', { valuePositiveInt: 60 })] }))).toBe('done');
  });

  test('need an answer', async () => {
    expect(await outcome(put({}))).toEqual([422, 'answer-missing']);
  });

  test('whether massage is safe: true goes on, false rejects', async () => {
    const thrombosis = withCondition('I80.2', 'resolved');
    for (const [number, valueBoolean, status] of [
      ['R-2', true, 'accepted'],
      ['R-3', false, 'rejected'],
    ] as const) {
      record = await world.order(demoOrder(thrombosis, number));
      expect(record.plan.status).toBe('held');
      await put({ input: [answer('clearance', { valueBoolean })], requester: undefined });
      const { plan, reasons } = await now();
      expect([plan.status, reasons]).toEqual([status, valueBoolean ? [] : ['contraindication-reported']]);
    }
  });

  test('an order on hold stays held when its questions are answered', async () => {
    await world.amend(demoOrder({ ...open, status: 'on-hold' }));
    expect(await outcome(put({ input: [answer('session-count', { valuePositiveInt: 6 })] }))).toBe('done');
    const { plan, reasons } = await now();
    expect([plan.status, plan.dosage.sessions, reasons]).toEqual(['held', 6, ['order-on-hold']]);
  });

  test('what was answered stays when the order is amended and still does not say it', async () => {
    await put({ input: [answer('session-count', { valuePositiveInt: 6 })] });
    await world.amend(demoOrder({ ...open, priority: 'urgent' }));
    const { plan } = await now();
    expect([plan.status, plan.dosage.sessions, plan.priority]).toEqual(['accepted', 6, 'urgent']);
  });

  test('and the order goes before the answer when it says it after all', async () => {
    await put({ input: [answer('session-count', { valuePositiveInt: 6 })] });
    await world.amend(
      demoOrder({ occurrenceTiming: { repeat: { count: 9, frequency: 2, period: 1, periodUnit: 'wk' } } }),
    );
    expect((await now()).plan.dosage.sessions).toBe(9);
  });
});

describe('a Task that its placer changes', () => {
  test('rests on the version that was read', async () => {
    const input = [answer('session-count', { valuePositiveInt: 6 })];
    expect(await outcome(put({ input }, [record.version + 1]))).toEqual([412, 'version-stale']);
    expect(await outcome(put({ input }, [record.version]))).toBe('done');
  });

  test.each(['accepted', 'in-progress', 'completed', 'rejected', 'on-hold', 'failed'])(
    'cannot be moved to %s by the placer; both facts are named',
    async (status) => {
      const told = await put({ status, businessStatus: undefined });
      expect(told).toMatchObject({ status: 422, issues: [{ code: 'task-move' }] });
      const message = told.kind === 'refused' ? (told.issues[0]?.message ?? '') : '';
      expect(message).toContain('"received"');
      expect(message).toContain(`"${status}"`);
    },
  );

  test('whose status and business status contradict each other is refused with both named', async () => {
    const coding = { system: 'https://tactus.example/fhir/CodeSystem/business-status', code: 'outcome-final' };
    const told = await put({ businessStatus: { coding: [coding] } });
    expect(told).toMatchObject({ status: 422, issues: [{ code: 'task-contradiction' }] });
    const message = told.kind === 'refused' ? (told.issues[0]?.message ?? '') : '';
    expect(message).toContain('"received"');
    expect(message).toContain('"outcome-final"');
  });

  test('is about what it was about', async () => {
    const changes = {
      focus: { reference: 'ServiceRequest/else' },
      for: { reference: 'Patient/else' },
      input: [answer('session-count', { valuePositiveInt: 6 })],
    };
    expect(await outcome(put(changes))).toEqual([422, 'task-fixed', 'task-fixed']);
  });

  test('may be cancelled before work began', async () => {
    expect(await outcome(put({ status: 'cancelled', businessStatus: undefined }))).toBe('done');
    expect((await now()).plan.status).toBe('cancelled');
  });

  test('may not be cancelled after the first session: that is a request, and the refusal says how', async () => {
    await put({ input: [answer('session-count', { valuePositiveInt: 6 })] });
    await world.session(record.plan.planId);
    const told = await put({ status: 'cancelled', businessStatus: undefined });
    expect(told).toMatchObject({ status: 422, issues: [{ code: 'task-move' }] });
    expect(told.kind === 'refused' && told.issues[0]?.message).toContain('abort');
    expect((await now()).plan.status).toBe('in-progress');
  });

  test('asks nothing once the plan is accepted', async () => {
    record = await world.order(demoOrder({}, 'R-2'));
    const input = [answer('session-count', { valuePositiveInt: 6 })];
    expect(await outcome(put({ input }))).toEqual([422, 'nothing-asked']);
  });

  test('is not there for another hospital, nor before its plan is made', async () => {
    const task = { ...(await world.task(record.referralId)) };
    const update = { partner: 'another', referralId: record.referralId, task, expected: 'any' as const };
    expect((await updateTask(world.changing, update)).kind).toBe('unknown');
    const received = await world.receive(demoOrder({}, 'R-9'));
    if (!('referral' in received)) throw new Error('The order was not received.');
    const early = { ...update, partner: 'demo-hospital', referralId: received.referral.id };
    expect(await updateTask(world.changing, early)).toMatchObject({ status: 409, issues: [{ code: 'plan-pending' }] });
  });
});
