import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery, OutboxEntry, PlanRecord, SessionRecord } from '../../../src/flows/records.ts';
import type { LeasedDelivery, Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, delivery, nothing, plan, referral, session, start, wake } from './examples.ts';

/** A plan with a session whose outcome and answer are to be sent: read in one go, leased in one go, settled in one go. */
const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

interface Kept {
  readonly record: PlanRecord;
  readonly done: SessionRecord;
  readonly outcome: Delivery;
  readonly answer: Delivery;
}

async function kept(): Promise<Kept> {
  const order = referral({ id: randomUUID(), placer: { system: 'urn:north', value: randomUUID() } });
  const record = plan({ referralId: order.id });
  const { planId } = record.plan;
  const done = session(planId);
  const outcome = delivery({ planId, sessionId: done.session.sessionId });
  const answer = delivery({ id: `answer-${planId}`, kind: 'answer', planId, wantedVersion: 1 });
  await store.commit({ referral: { record: order, expect: 0 }, ...nothing });
  await store.commit({
    plan: { record, expect: 0 },
    session: { record: done },
    deliveries: [outcome, answer],
    ...nothing,
  });
  await outbox();
  return { record, done, outcome, answer };
}

async function outbox(): Promise<OutboxEntry[]> {
  const rows: OutboxEntry[] = [];
  await store.takeOutbox(at(1e6), 10_000, async (taken) => void rows.push(...taken));
  return rows;
}

async function bothLeased({ outcome }: Kept): Promise<readonly [LeasedDelivery, LeasedDelivery]> {
  const [one, other] = await store.lease([outcome.id], start, 60);
  if (one === undefined || other === undefined) throw new Error('outcome and answer were not both leased');
  return [one, other];
}

const proof = [{ type: 'Procedure', id: '1', status: 201, identifier: 'session-1' }];
const taskProof = [{ type: 'Task', id: '2', status: 200, identifier: 'plan-1' }];

function settleBoth(
  { record }: Kept,
  own: LeasedDelivery,
  leased: LeasedDelivery,
  sentVersion: number,
): Promise<boolean> {
  const answer = { leased, body: { resourceType: 'Task' }, proof: taskProof, sentVersion };
  return store.settle(own, { kind: 'sent', body: {}, proof, sentVersion: 0, answer }, at(1), {
    plan: { record: { ...record, version: 2 }, expect: 1 },
    ...nothing,
  });
}

describe('a course', () => {
  it('is the plan, its sessions by number, and the session that is asked for', async () => {
    const { record, done } = await kept();
    const { planId } = record.plan;
    const second = session(planId, 2);
    await store.commit({ session: { record: second }, ...nothing });
    const { sessionId } = done.session;
    expect(await store.course(planId, sessionId)).toEqual({ record, sessions: [done, second], known: done });
  });

  it('knows a session of another plan by its id, and does not count it as its own', async () => {
    const [one, other] = [await kept(), await kept()];
    const course = await store.course(one.record.plan.planId, other.done.session.sessionId);
    expect(course).toEqual({ record: one.record, sessions: [one.done], known: other.done });
  });

  it('of a plan that is not here is undefined, although the session is', async () => {
    const { done } = await kept();
    expect(await store.course('no-such-plan', done.session.sessionId)).toBeUndefined();
  });
});

describe('the lease of an outcome', () => {
  it('brings what it is made of, and the answer of its plan', async () => {
    const one = await kept();
    const leased = await store.lease([one.outcome.id], start, 60);
    expect(leased.map(({ delivery: { kind, attempts } }) => [kind, attempts])).toEqual([
      ['outcome', 1],
      ['answer', 1],
    ]);
    expect(leased[0]?.session).toEqual(one.done);
    const made = leased.filter(({ plan: record }) => record !== undefined);
    expect(made).toHaveLength(1);
    expect(made[0]?.plan).toEqual(one.record);
    expect(made[0]?.referral).toMatchObject({ id: one.record.referralId, version: 1 });
  });

  it('leaves an answer alone that another worker has, and answers of other plans', async () => {
    const [one, other] = [await kept(), await kept()];
    await store.lease([one.answer.id], start, 60);
    const leased = await store.lease([one.outcome.id], start, 60);
    expect(leased.map(({ delivery: { id } }) => id)).toEqual([one.outcome.id]);
    expect((await store.delivery(other.answer.id))?.attempts).toBe(0);
  });

  it('takes the answer even where the outcome was superseded, which then would have nobody to go with', async () => {
    const one = await kept();
    await store.commit({ supersede: [one.outcome.id], ...nothing });
    const leased = await store.lease([one.outcome.id], start, 60);
    expect(leased.map(({ delivery: { kind } }) => kind)).toEqual(['answer']);
    expect(leased[0]?.plan).toEqual(one.record);
  });

  it('of a plan that is not here comes without one', async () => {
    const lost = delivery({ planId: randomUUID() });
    await store.commit({ deliveries: [lost], ...nothing });
    expect(await store.lease([lost.id], start, 60)).toEqual([
      { delivery: expect.objectContaining({ id: lost.id }), lease: 1 },
    ]);
  });
});

describe('an answer that went along with an outcome', () => {
  it('is sent when it told the version that is written with it', async () => {
    const one = await kept();
    const [own, answer] = await bothLeased(one);
    expect(await settleBoth(one, own, answer, 2)).toBe(true);
    expect(await store.delivery(one.outcome.id)).toMatchObject({ state: 'sent', proof });
    expect(await store.delivery(one.answer.id)).toMatchObject({
      state: 'sent',
      wantedVersion: 2,
      body: { resourceType: 'Task' },
      proof: taskProof,
      sentAt: at(1),
    });
    expect(await outbox()).toEqual([]);
  });

  it('stays pending with a next step when it told an older one', async () => {
    const one = await kept();
    const [own, answer] = await bothLeased(one);
    expect(await settleBoth(one, own, answer, 1)).toBe(true);
    expect(await store.delivery(one.answer.id)).toMatchObject({
      state: 'pending',
      wantedVersion: 2,
      dueAt: at(1),
      attempts: 0,
    });
    expect(await outbox()).toEqual([wake('delivery', one.answer.id, { dueAt: at(1) })]);
    expect(await store.lease([one.answer.id], at(1), 60)).toHaveLength(1);
  });

  it('stays pending when its lease was lost, and whoever has it keeps it', async () => {
    const one = await kept();
    const [own, answer] = await bothLeased(one);
    const [thief] = await store.lease([one.answer.id], at(60), 60);
    expect(await settleBoth(one, own, answer, 2)).toBe(true);
    expect(await store.delivery(one.answer.id)).toMatchObject({ state: 'pending', wantedVersion: 2, proof: [] });
    expect(await store.lease([one.answer.id], at(61), 60)).toEqual([]);
    if (thief === undefined) throw new Error('the answer was not leased anew');
    const told = { kind: 'sent', body: {}, proof: taskProof, sentVersion: 2 } as const;
    expect(await store.settle(thief, told, at(62), nothing)).toBe(true);
    expect((await store.delivery(one.answer.id))?.state).toBe('sent');
  });

  it('is not touched when the lease of the outcome was lost', async () => {
    const one = await kept();
    const [own, answer] = await bothLeased(one);
    await store.lease([one.outcome.id], at(60), 60);
    expect(await settleBoth(one, own, answer, 2)).toBe(false);
    expect(await store.delivery(one.answer.id)).toMatchObject({ state: 'pending', wantedVersion: 1 });
    expect((await store.plan(one.record.plan.planId))?.version).toBe(1);
  });

  it('is not touched when the plan has changed, and neither is the outcome', async () => {
    const one = await kept();
    const [own, answer] = await bothLeased(one);
    await store.commit({ plan: { record: { ...one.record, version: 2 }, expect: 1 }, ...nothing });
    await expect(settleBoth(one, own, answer, 2)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect((await store.delivery(one.outcome.id))?.state).toBe('pending');
    expect(await store.delivery(one.answer.id)).toMatchObject({ state: 'pending', proof: [] });
  });
});
