import { beforeEach, describe, expect, test } from 'vitest';
import { type CancelResult, decideCancellation, requestCancellation } from '../../src/flows/cancel.ts';
import type { PlanRecord } from '../../src/flows/records.ts';
import { stopCourse, stopReasons } from '../../src/flows/stop.ts';
import { demoOrder, demoWorld, missed } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
let record: PlanRecord;
beforeEach(async () => {
  world = demoWorld();
  record = await world.order(demoOrder());
});

const ask = (referralId = record.referralId, partner = 'demo-hospital') =>
  requestCancellation(world.changing, { partner, referralId, reason: 'Moved away.' });
const stateOf = (result: CancelResult) => (result.kind === 'told' ? result.cancellation.state : result.kind);
const decide = (accept: boolean) =>
  decideCancellation(
    world.changing,
    record.plan.planId,
    { accept, by: 'Grete Beispiel', reason: accept ? 'As asked.' : 'The last session is today.' },
    undefined,
  );
const now = () => world.planOf(record.referralId);
const summaries = () => [...world.store.deliveries.values()].filter(({ kind }) => kind === 'summary');

describe('a request to cancel', () => {
  test('before the first session cancels the plan and is accepted; nothing is summed up', async () => {
    const told = await ask();
    expect(stateOf(told)).toBe('accepted');
    const { plan, reasons } = await now();
    expect([plan.status, reasons]).toEqual(['cancelled', ['order-revoked']]);
    expect((await world.task(record.referralId)).status).toBe('cancelled');
    expect(summaries()).toEqual([]);
  });

  test('before the worker has come makes the plan and cancels it', async () => {
    const received = await world.receive(demoOrder({}, 'R-2'));
    if (!('referral' in received)) throw new Error('The order was not received.');
    expect(stateOf(await ask(received.referral.id))).toBe('accepted');
    expect((await world.planOf(received.referral.id)).plan.status).toBe('cancelled');
    await world.plan(received.referral.id);
    expect(world.store.planRecords.size).toBe(2);
  });

  test('is one request however often it is sent', async () => {
    const first = await ask();
    const again = await ask();
    expect(again).toMatchObject({ kind: 'told', isNew: false });
    expect(again.kind === 'told' && first.kind === 'told' && again.cancellation.taskId).toBe(
      first.kind === 'told' ? first.cancellation.taskId : '',
    );
  });

  test('of an order that is not there, or is of another hospital, is unknown', async () => {
    expect(stateOf(await ask('nothing'))).toBe('unknown');
    expect(stateOf(await ask(record.referralId, 'another'))).toBe('unknown');
  });

  describe('after the first session', () => {
    beforeEach(async () => {
      await world.session(record.plan.planId);
    });

    test('waits for the clinic, and the hospital sees that it does', async () => {
      expect(stateOf(await ask())).toBe('requested');
      expect((await now()).plan.status).toBe('in-progress');
      const task = await world.task(record.referralId);
      expect([task.status, task.businessStatus?.coding?.[0]?.code]).toEqual(['in-progress', 'cancellation-requested']);
    });

    test('that the clinic accepts ends the course with its summary, in one commit', async () => {
      await ask();
      await decide(true);
      const { plan, reasons, cancellations } = await now();
      expect([plan.status, reasons, cancellations?.[0]?.state]).toEqual([
        'cancelled',
        ['cancellation-accepted'],
        'accepted',
      ]);
      expect(cancellations?.[0]?.decided).toMatchObject({ by: 'Grete Beispiel', reason: 'As asked.' });
      expect(summaries().map(({ id, state }) => [id, state])).toEqual([[`${plan.planId}-summary`, 'pending']]);
      expect(world.store.outbox).toContainEqual(expect.objectContaining({ subject: `${plan.planId}-summary` }));
    });

    test('that the clinic rejects lets the course go on; it can be asked again', async () => {
      await ask();
      await decide(false);
      const { plan, cancellations } = await now();
      expect([plan.status, cancellations?.[0]?.state]).toEqual(['in-progress', 'rejected']);
      expect((await world.task(record.referralId)).businessStatus?.coding?.[0]?.code).toBe('session-completed');
      expect(stateOf(await ask())).toBe('requested');
      expect((await now()).cancellations?.map(({ taskId }) => taskId.split('-abort-')[1])).toEqual(['1', '2']);
    });

    test('an outcome may still come while it waits, and the last session answers it', async () => {
      await ask();
      for (const seq of [2, 3, 4, 5]) await world.session(record.plan.planId, { seq });
      expect((await now()).cancellations?.[0]?.state).toBe('requested');
      await world.session(record.plan.planId, { seq: 6 });
      const { plan, cancellations } = await now();
      expect([plan.status, cancellations?.[0]?.state, cancellations?.[0]?.decided?.by]).toEqual([
        'completed',
        'rejected',
        'tactus',
      ]);
    });

    test('of a course that is complete is rejected at once', async () => {
      for (const seq of [2, 3, 4, 5, 6]) await world.session(record.plan.planId, { seq });
      expect(stateOf(await ask())).toBe('rejected');
      expect(await ask()).toMatchObject({ kind: 'told', isNew: false });
      expect((await now()).plan.status).toBe('completed');
    });
  });

  test('that nobody made cannot be answered', async () => {
    expect(await decide(true)).toMatchObject({ kind: 'refused', status: 409, issues: [{ code: 'no-cancellation' }] });
  });
});

describe('a course that the clinic stops', () => {
  const stop = (expected?: number) =>
    stopCourse(world.changing, record.plan.planId, { by: 'Grete Beispiel', reason: 'patient-declined' }, expected);

  test('before the first session has a reason and no summary', async () => {
    await stop();
    const { plan, reasons } = await now();
    expect([plan.status, reasons]).toEqual(['stopped', ['patient-declined']]);
    const task = await world.task(record.referralId);
    expect([task.status, task.statusReason?.coding?.[0]?.code]).toEqual(['failed', 'patient-declined']);
    expect(summaries()).toEqual([]);
    expect(world.events(plan.planId)).toEqual(['accepted', 'stopped']);
  });

  test('after a session sends its summary, once', async () => {
    await world.session(record.plan.planId);
    await stop();
    expect(summaries()).toHaveLength(1);
    expect(await stop()).toMatchObject({ kind: 'refused', status: 422, issues: [{ code: 'plan-ended' }] });
    expect(summaries()).toHaveLength(1);
  });

  test('while it waits for an answer ends too', async () => {
    await world.amend(demoOrder({ status: 'on-hold' }));
    await stop();
    expect((await now()).plan.status).toBe('stopped');
  });

  test('rests on the version that was read', async () => {
    expect(await stop(record.version + 1)).toMatchObject({ kind: 'refused', status: 412 });
    expect((await stop(record.version)).kind).toBe('done');
  });

  test('has one of the reasons that the door takes', async () => {
    const { StopSchema } = await import('../../src/io/http/clinic-endings.ts');
    expect(StopSchema.properties.reason.enum).toEqual(stopReasons);
  });
});

describe('the summary of a course', () => {
  test('is sent when the last session of those prescribed was done, and not before', async () => {
    for (const seq of [1, 2, 3, 4, 5]) await world.session(record.plan.planId, { seq });
    expect(summaries()).toEqual([]);
    await world.session(record.plan.planId, { seq: 6 });
    expect(summaries()).toHaveLength(1);
  });

  test('is not sent to a hospital whose file wants none', async () => {
    const plan = { ...record.plan, reporting: { ...record.plan.reporting, finalSummary: false } };
    await world.store.commit({
      plan: { record: { ...record, plan, version: 2 }, expect: 1 },
      history: [],
      outbox: [],
    });
    for (const seq of [1, 2, 3, 4, 5, 6]) await world.session(record.plan.planId, { seq });
    expect((await now()).plan.status).toBe('completed');
    expect(summaries()).toEqual([]);
  });

  test('conforms to its profile, with the numbers of the series and what became of the goals', async () => {
    await world.session(record.plan.planId);
    await world.session(record.plan.planId, { seq: 2, ...missed });
    for (const seq of [3, 4, 5, 6, 7]) await world.session(record.plan.planId, { seq });
    const done = await now();
    const referral = await world.store.referral(record.referralId);
    if (referral === undefined) throw new Error('The referral is gone.');
    const sessions = await world.store.sessionsOfPlan(record.plan.planId);
    const told = { kind: 'outcome' as const, sessionId: 's', resources: [{ type: 'Observation', id: '17' }] };
    const made = world.makeSummary(
      { ...done, outcomes: [told] },
      referral,
      sessions.map(({ session }) => session),
    );
    if (!made.ok) throw new Error(made.issues[0]?.message);
    expect(world.catalog.validator.validate(made.bundle).filter(({ severity }) => severity === 'error')).toEqual([]);
    const [report, goal] = made.bundle.entry?.map(({ resource }) => resource) ?? [];
    expect(report).toMatchObject({
      resourceType: 'DiagnosticReport',
      extension: [{ valuePositiveInt: 6 }, { valueUnsignedInt: 6 }, { valueUnsignedInt: 1 }],
      result: [{ reference: 'Observation/17' }],
    });
    expect(goal).toMatchObject({ resourceType: 'Goal', achievementStatus: { coding: [{ code: 'achieved' }] } });
  });
});
