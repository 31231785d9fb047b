import { beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/core/plan/session.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
let planId: string;
beforeEach(async () => {
  world = demoWorld();
  ({ planId } = (await world.order(demoOrder())).plan);
});

/** The errors that would keep the outcome of each session here, in the order of the sessions. */
function faults(): string[] {
  const record = world.store.planRecords.get(planId);
  return [...world.store.sessions.values()].flatMap(({ session }) => {
    if (record === undefined) throw new Error('The plan is gone.');
    const [referral] = world.store.referrals.get(record.referralId) ?? [];
    if (referral === undefined) throw new Error('The referral is gone.');
    const made = world.bindings.makeOutcome(session, record, referral);
    if (!made.ok) return made.issues.map(({ message }) => message);
    return world.catalog.validator
      .validate(made.bundle)
      .filter(({ severity }) => severity === 'error' || severity === 'fatal')
      .map(({ message }) => `session ${session.seq}: ${message}`);
  });
}

test('a course of six with an appointment that came to nothing ends with number 7, and all of it can be delivered', async () => {
  const nothing: Partial<Session> = {
    treatments: [],
    measurements: [],
    status: 'not-done',
    statusReason: 'patient-no-show',
  };
  await world.session(planId, { seq: 1 });
  await world.session(planId, { seq: 2, ...nothing });
  for (const seq of [3, 4, 5, 6, 7]) await world.session(planId, { seq });
  expect(world.store.planRecords.get(planId)?.plan).toMatchObject({
    status: 'completed',
    progress: { delivered: 6, notDone: 1 },
  });
  expect(faults()).toEqual([]);
});
