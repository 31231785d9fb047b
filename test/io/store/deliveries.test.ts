import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery, OutboxEntry } from '../../../src/flows/records.ts';
import type { LeasedDelivery, Settlement, Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, delivery, nothing, plan, start, wake } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

const proof = [{ type: 'Procedure', id: '1', status: 201, identifier: 'session-1' }];
const issue = { severity: 'error', code: 'ehr-503', expression: [], text: 'The hospital answered 503.' } as never;
const sent = (sentVersion = 0): Settlement => ({ kind: 'sent', body: { type: 'transaction' }, proof, sentVersion });

async function pending(changes: Partial<Delivery> = {}): Promise<Delivery> {
  const one = delivery({ planId: randomUUID(), ...changes });
  await store.commit({ deliveries: [one], ...nothing });
  return one;
}

async function leased(id: string, now = start, seconds = 60): Promise<LeasedDelivery> {
  const [one] = await store.lease([id], now, seconds);
  if (!one) throw new Error(`delivery ${id} was not leased`);
  return one;
}

async function outbox(): Promise<OutboxEntry[]> {
  const rows: OutboxEntry[] = [];
  await store.takeOutbox(at(1e6), 10_000, async (taken) => {
    rows.push(...taken);
  });
  return rows;
}

describe('a lease', () => {
  it('gives each delivery to one worker, in the order of the pack, and counts the attempt', async () => {
    const ids = (await Promise.all(Array.from({ length: 30 }, () => pending()))).map((one) => one.id);
    const packs = await Promise.all(Array.from({ length: 8 }, () => store.lease(ids, start, 60)));
    expect(packs.flat().map((one) => one.delivery.id)).toHaveLength(30);
    expect(new Set(packs.flat().map((one) => one.delivery.id)).size).toBe(30);
    for (const { delivery: one } of packs.flat()) expect(one.attempts).toBe(1);
    const again = [...ids].reverse();
    expect((await store.lease(again, at(60), 60)).map((one) => one.delivery.id)).toEqual(again);
  });

  it.each([
    { what: 'is not due yet', changes: { dueAt: at(1) } },
    { what: 'was sent', changes: { state: 'sent' } },
    { what: 'waits for a person', changes: { state: 'waiting' } },
    { what: 'was superseded', changes: { state: 'superseded' } },
  ] as const)('is not given for a delivery that $what', async ({ changes }) => {
    const one = await pending(changes);
    expect(await store.lease([one.id], start, 60)).toEqual([]);
    expect((await store.delivery(one.id))?.attempts).toBe(0);
  });

  it('that is given back untried counts as no attempt, one that failed as one', async () => {
    const one = await pending();
    const again = { kind: 'again', dueAt: at(5), issues: [] } as const;
    expect(await store.settle(await leased(one.id), { ...again, isUntried: true }, at(1), nothing)).toBe(true);
    expect(await store.delivery(one.id)).toMatchObject({ attempts: 0, state: 'pending', dueAt: at(5) });
    expect(await store.settle(await leased(one.id, at(5)), again, at(6), nothing)).toBe(true);
    expect(await store.delivery(one.id)).toMatchObject({ attempts: 1, state: 'pending', dueAt: at(5) });
  });

  it('lasts until its end and not longer', async () => {
    const one = await pending();
    await leased(one.id, start, 10);
    expect(await store.lease([one.id], at(9.999), 10)).toEqual([]);
    expect(await store.lease([one.id], at(10), 10)).toHaveLength(1);
  });

  it('that was taken over can settle nothing', async () => {
    const record = plan();
    await store.commit({ plan: { record, expect: 0 }, ...nothing });
    const one = await pending({ planId: record.plan.planId });
    const frozen = await leased(one.id, start, 10);
    const next = await leased(one.id, at(11), 10);
    await outbox();
    const then = {
      plan: { record: { ...record, version: 2 }, expect: 1 },
      history: [{ at: at(12), about: 'delivery', id: one.id, event: 'sent', by: 'tactus', detail: {} }],
      deliveries: [delivery({ planId: record.plan.planId })],
      outbox: [wake('plans', record.plan.planId)],
    } as const;
    expect(await store.settle(frozen, sent(), at(12), then)).toBe(false);
    expect((await store.delivery(one.id))?.state).toBe('pending');
    expect((await store.plan(record.plan.planId))?.version).toBe(1);
    expect(await store.history('delivery', one.id)).toEqual([]);
    expect(await store.deliveriesOfPlan(record.plan.planId)).toHaveLength(1);
    expect(await outbox()).toEqual([]);
    expect(await store.settle(next, sent(), at(12), then)).toBe(true);
    expect(await store.settle(next, sent(), at(13), nothing)).toBe(false);
    expect((await store.plan(record.plan.planId))?.version).toBe(2);
    expect(await store.history('delivery', one.id)).toHaveLength(1);
    expect(await outbox()).toEqual(then.outbox);
  });

  it('that has ended still settles when nobody took it over', async () => {
    const one = await pending();
    expect(await store.settle(await leased(one.id, start, 10), sent(), at(100), nothing)).toBe(true);
  });
});

describe('an attempt', () => {
  it('that was sent leaves the proof', async () => {
    const one = await pending();
    expect(await store.settle(await leased(one.id), sent(), at(2), nothing)).toBe(true);
    const told = { state: 'sent', sentAt: at(2), body: { type: 'transaction' }, proof, issues: [] };
    expect(await store.delivery(one.id)).toMatchObject(told);
    expect(await outbox()).toEqual([]);
  });

  it('that is to be made again is due later and has its next step', async () => {
    const one = await pending({ priority: 0 });
    await outbox();
    const settlement: Settlement = { kind: 'again', dueAt: at(30), issues: [issue] };
    expect(await store.settle(await leased(one.id), settlement, at(1), nothing)).toBe(true);
    expect(await store.delivery(one.id)).toMatchObject({
      state: 'pending',
      dueAt: at(30),
      attempts: 1,
      issues: [issue],
    });
    expect(await store.lease([one.id], at(29), 60)).toEqual([]);
    expect(await outbox()).toEqual([wake('delivery', one.id, { dueAt: at(30), priority: 0 })]);
  });

  it('whose next step the caller wrote has no second one', async () => {
    const one = await pending();
    await outbox();
    const next = wake('delivery', one.id, { dueAt: at(30) });
    const settlement: Settlement = { kind: 'again', dueAt: at(30), issues: [] };
    await store.settle(await leased(one.id), settlement, at(1), { history: [], outbox: [next] });
    expect(await outbox()).toEqual([next]);
  });

  it('that needs a person waits for one, who may let it go again', async () => {
    const one = await pending();
    const settlement: Settlement = { kind: 'waiting', body: { type: 'transaction' }, issues: [issue] };
    await store.settle(await leased(one.id), settlement, at(1), nothing);
    await outbox();
    expect((await store.waitingDeliveries(10)).map((waiting) => waiting.id)).toContain(one.id);
    expect(await store.retry(one.id, at(50), 'R. Example')).toBe(true);
    expect(await store.retry(one.id, at(51), 'R. Example')).toBe(false);
    expect(await store.delivery(one.id)).toMatchObject({ state: 'pending', dueAt: at(50), attempts: 0 });
    expect(await outbox()).toEqual([wake('delivery', one.id, { dueAt: at(50) })]);
    expect(await store.history('delivery', one.id)).toMatchObject([{ event: 'retried', by: 'R. Example' }]);
    expect((await store.waitingDeliveries(10)).map((waiting) => waiting.id)).not.toContain(one.id);
  });

  it('that was superseded on its way stays so, unless the hospital has it', async () => {
    for (const [settlement, state] of [
      [{ kind: 'again', dueAt: at(9), issues: [] }, 'superseded'],
      [{ kind: 'waiting', body: null, issues: [] }, 'superseded'],
      [sent(), 'sent'],
    ] as const) {
      const one = await pending();
      const taken = await leased(one.id);
      await store.commit({ supersede: [one.id], ...nothing });
      expect((await store.delivery(one.id))?.state).toBe('superseded');
      await outbox();
      expect(await store.settle(taken, settlement, at(1), nothing)).toBe(true);
      expect((await store.delivery(one.id))?.state).toBe(state);
      expect(await outbox()).toEqual([]);
    }
  });

  it('whose plan has changed is refused by name, and can be settled after reading again', async () => {
    const record = plan();
    await store.commit({ plan: { record: { ...record, version: 2 }, expect: 0 }, ...nothing });
    const one = await pending({ planId: record.plan.planId });
    const taken = await leased(one.id);
    const from = (version: number) => ({
      plan: { record: { ...record, version: version + 1 }, expect: version },
      ...nothing,
    });
    await expect(store.settle(taken, sent(), at(1), from(1))).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect((await store.delivery(one.id))?.state).toBe('pending');
    expect(await store.settle(taken, sent(), at(1), from(2))).toBe(true);
  });
});

describe('an answer', () => {
  const answer = (planId: string, wantedVersion: number, changes: Partial<Delivery> = {}) =>
    delivery({ id: `answer-${planId}`, kind: 'answer', planId, wantedVersion, ...changes });

  it('is one row a plan, which waits for its turn again when the plan moves on', async () => {
    const planId = randomUUID();
    await store.commit({ deliveries: [answer(planId, 1)], ...nothing });
    await store.settle(await leased(`answer-${planId}`), sent(1), at(1), nothing);
    await store.commit({ deliveries: [answer(planId, 2, { dueAt: at(5), id: 'another-id' })], ...nothing });
    const [one, ...others] = await store.deliveriesOfPlan(planId);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      id: `answer-${planId}`,
      state: 'pending',
      wantedVersion: 2,
      dueAt: at(5),
      attempts: 0,
    });
  });

  it('never wants less than it did', async () => {
    const planId = randomUUID();
    await store.commit({ deliveries: [answer(planId, 5)], ...nothing });
    await store.commit({ deliveries: [answer(planId, 4)], ...nothing });
    expect((await store.delivery(`answer-${planId}`))?.wantedVersion).toBe(5);
  });

  it('stays pending, with a next step, when its plan moved on while it was on its way', async () => {
    const planId = randomUUID();
    await store.commit({ deliveries: [answer(planId, 1)], ...nothing });
    const taken = await leased(`answer-${planId}`);
    await store.commit({ deliveries: [answer(planId, 2)], ...nothing });
    expect(await store.lease([`answer-${planId}`], at(1), 60)).toEqual([]);
    await outbox();
    expect(await store.settle(taken, sent(1), at(2), nothing)).toBe(true);
    expect(await store.delivery(`answer-${planId}`)).toMatchObject({ state: 'pending', dueAt: at(2), proof });
    expect(await outbox()).toEqual([wake('delivery', `answer-${planId}`, { dueAt: at(2) })]);
    expect(await store.settle(await leased(`answer-${planId}`, at(3)), sent(2), at(4), nothing)).toBe(true);
    expect((await store.delivery(`answer-${planId}`))?.state).toBe('sent');
  });
});

describe('settling and committing the same plan at once', () => {
  it('neither deadlocks nor loses a delivery', async () => {
    const record = plan();
    const { planId } = record.plan;
    await store.commit({ plan: { record, expect: 0 }, ...nothing });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => pending({ planId })));
    const taken = await store.lease(
      outcomes.map((one) => one.id),
      start,
      60,
    );
    const settleOne = async (one: LeasedDelivery): Promise<void> => {
      for (;;) {
        const version = (await store.plan(planId))?.version ?? 0;
        const next = { plan: { record: { ...record, version: version + 1 }, expect: version } };
        const deliveries = [delivery({ id: `answer-${planId}`, kind: 'answer', planId, wantedVersion: version + 1 })];
        const done = await store
          .settle(one, sent(), at(1), { ...next, deliveries, ...nothing })
          .catch((error) => error);
        if (done === true) return;
        expect(done).toMatchObject({ code: 'STORE_CONFLICT' });
      }
    };
    await Promise.all(taken.map(settleOne));
    expect((await store.plan(planId))?.version).toBe(21);
    const states = (await store.deliveriesOfPlan(planId)).map((one) => one.state);
    expect(states.filter((state) => state === 'sent')).toHaveLength(20);
    expect((await store.delivery(`answer-${planId}`))?.wantedVersion).toBe(21);
  });
});
