import { setTimeout as wait } from 'node:timers/promises';
import type { Bundle, Task } from '@medplum/fhirtypes';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wellBehaved } from '../../src/cli/hospital/misbehaviour.ts';
import { type SimulatedHospital, startHospital } from '../../src/cli/hospital/server.ts';
import { nextAttempt } from '../../src/core/delivery/retry.ts';
import { type DeliverWorld, deliver } from '../../src/flows/deliver.ts';
import type { EhrRequest } from '../../src/flows/ehr.ts';
import { openGate } from '../../src/flows/gate.ts';
import { inLanes } from '../../src/flows/lanes.ts';
import type { Delivery, PlanRecord, Referral } from '../../src/flows/records.ts';
import { openEhrClient } from '../../src/io/ehr/client.ts';
import { examplePlan } from '../core/plan/examples.ts';
import { type FakeStore, fakeStore } from './fake-store.ts';

/** Packs that a worker works on at once, as src/start/tactus.ts has it. */
const packsAtOnce = 8;
const slowLimit = 32;
const at = '2026-12-01T08:00:00.000Z';

let hospitals: Record<'hangs' | 'healthy', SimulatedHospital>;
let store: FakeStore;
beforeEach(async () => {
  const misbehaviour = { ...wellBehaved, slowMilliseconds: 3_600_000 };
  hospitals = { hangs: await startHospital({ port: 0, misbehaviour }), healthy: await startHospital({ port: 0 }) };
  store = fakeStore();
});
afterEach(async () => {
  await Promise.all(Object.values(hospitals).map((hospital) => hospital.close()));
});

type Name = keyof typeof hospitals;

/** Answers that wait for being sent to a hospital, each of a plan of its own. */
function pending(partner: Name, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const planId = `${partner}-${store.planRecords.size}-${index}`;
    const plan = { ...examplePlan, planId };
    const times = { createdAt: at, updatedAt: at };
    const record = { plan, referralId: `r-${planId}`, partner, version: 1, reasons: [], questions: [], ...times };
    store.planRecords.set(planId, record as PlanRecord);
    const referral = { id: `r-${planId}`, partner, version: 1, resource: {}, context: null, correlationId: null };
    store.referrals.set(referral.id, [
      { ...referral, bytes: new Uint8Array() } as unknown as Referral & { bytes: Uint8Array },
    ]);
    const delivery: Delivery = {
      ...{ id: `${planId}-answer`, kind: 'answer', partner, planId, sessionId: null, state: 'pending', attempts: 0 },
      ...{ dueAt: at, priority: 10, wantedVersion: 1, body: null, proof: [], issues: [], createdAt: at, sentAt: null },
    };
    store.deliveries.set(delivery.id, delivery);
    return delivery.id;
  });
}

function world(call: DeliverWorld['call']): DeliverWorld {
  const gate = openGate(
    { wait: (milliseconds) => wait(milliseconds), changed: () => {}, failed: () => {} },
    { patienceMilliseconds: 500, slowLimit, timeoutLimit: 3 },
  );
  const task = ({ plan }: PlanRecord): Task => ({
    resourceType: 'Task',
    identifier: [{ system: 'https://tactus.example/fhir/sid/plan', value: plan.planId }],
    status: 'accepted',
    intent: 'order',
  });
  const never = () => {
    throw new Error('not asked for in this test');
  };
  return {
    store,
    gate,
    call: gate.watch(call),
    partner: (id) => ({ id, answers: 'push-task', delivery: 'transaction' }),
    validator: { validate: () => [], accepts: () => true },
    outcomeVersion: 'v1',
    ...{ makeOutcome: never, makeSummary: never, makeMessage: never as never, makeTask: task },
    now: () => at,
    dice: () => 0,
    ended: () => {},
  };
}

/** On a busy machine the healthy hospital may take longer than a pack waits; what it was asked it answers. */
async function untilSent(ids: readonly string[]): Promise<void> {
  while (!ids.every((id) => store.deliveries.get(id)?.state === 'sent')) await wait(5);
}

const statesOf = (ids: readonly string[]) => [...new Set(ids.map((id) => store.deliveries.get(id)?.state))];

it('a hospital that hangs with more packs than a worker has hands does not hold what goes to another', async () => {
  const { call } = openEhrClient({ timeoutMilliseconds: 3_600_000 });
  const calls: Record<Name, number> = { hangs: 0, healthy: 0 };
  const delivering = world(({ partner, ...request }: EhrRequest) => {
    calls[partner as Name]++;
    return call({ baseUrl: hospitals[partner as Name].baseUrl }, request);
  });
  const held = Array.from({ length: 2 * packsAtOnce }, () => pending('hangs', 20));
  const quick = Array.from({ length: 3 }, () => pending('healthy', 20));
  // What hangs stands before what does not, and nothing of it ever ends by itself.
  await inLanes([...held, ...quick], packsAtOnce, (ids) => deliver(delivering, ids));
  await untilSent(quick.flat());
  expect(calls.healthy).toBe(60);
  expect(statesOf(held.flat())).toEqual(['pending']);
  // No more were begun than were under way before many were slow, and what was held back was not attempted.
  expect(calls.hangs).toBeLessThanOrEqual(packsAtOnce * 8 + slowLimit);
  const attempts = held.flat().map((id) => store.deliveries.get(id)?.attempts ?? 0);
  expect(attempts.reduce((sum, one) => sum + one, 0)).toBe(calls.hangs);
  expect(store.outbox.length).toBe(held.flat().length - calls.hangs);
  expect(store.past).toHaveLength(60);
  await hospitals.hangs.close();
  while (store.outbox.length < held.flat().length) await wait(5);
  expect(attempts).toEqual(held.flat().map((id) => store.deliveries.get(id)?.attempts));
});

it('a hospital that never answers is asked by one delivery at a time, and the others count as tried', async () => {
  let asked = 0;
  const delivering = world(async () => {
    asked++;
    return { kind: 'broken', reason: 'timeout' };
  });
  await deliver(delivering, pending('hangs', 3));
  expect(asked).toBe(3);
  const ids = pending('hangs', 8);
  await deliver(delivering, ids);
  expect(asked).toBe(4);
  const later = new Date(nextAttempt(1, Date.parse(at), {}, 0) ?? 0).toISOString();
  const codes = ids.map((id) => store.deliveries.get(id)?.issues[0]?.code).sort();
  expect(codes).toEqual([...Array.from({ length: 7 }, () => 'hospital-hanging'), 'hospital-timeout']);
  for (const id of ids) expect(store.deliveries.get(id)).toMatchObject({ state: 'pending', attempts: 1, dueAt: later });
});

it('a hospital that answers again gets everything', async () => {
  const { call } = openEhrClient();
  let isHanging = true;
  const delivering = world(({ partner, ...request }) =>
    isHanging
      ? Promise.resolve({ kind: 'broken', reason: 'timeout' } as const)
      : call({ baseUrl: hospitals[partner as Name].baseUrl }, request),
  );
  await deliver(delivering, pending('healthy', 3));
  isHanging = false;
  const [probe = ''] = pending('healthy', 1);
  await deliver(delivering, [probe]);
  const rest = pending('healthy', 9);
  await deliver(delivering, rest);
  await untilSent([probe, ...rest]);
  const found = await fetch(`${hospitals.healthy.baseUrl}/Task?_count=100`);
  expect(((await found.json()) as Bundle).total).toBe(10);
});
