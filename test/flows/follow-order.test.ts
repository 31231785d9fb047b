import { beforeEach, describe, expect, test } from 'vitest';
import type { PlanRecord } from '../../src/flows/records.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
let first: PlanRecord;
beforeEach(async () => {
  world = demoWorld();
  first = await world.order(demoOrder());
});

const number = (value: string) => ({ identifier: { system: 'https://demo-hospital.example/sid/referral', value } });
const next = (changes: Record<string, unknown>, value = 'R-2') => world.order(demoOrder(changes, value));
const before = () => world.planOf(first.referralId);
const stateAndReasons = async () => {
  const { plan, reasons } = await before();
  return [plan.status, reasons];
};

describe('a new order that replaces one', () => {
  test('ends it as cancelled before the first session, and both histories say so', async () => {
    const second = await next({ replaces: [number('R-1')] });
    expect([second.plan.status, second.follows]).toEqual([
      'accepted',
      { how: 'replaces', referralId: first.referralId },
    ]);
    expect(await stateAndReasons()).toEqual(['cancelled', ['order-replaced']]);
    expect(world.events(first.plan.planId)).toEqual(['accepted', 'replaced', 'followed-by-replacement']);
    const made = world.store.past.find(({ id }) => id === second.plan.planId);
    expect(made?.detail.follows).toEqual({ how: 'replaces', referralId: first.referralId });
    expect((await world.task(first.referralId)).statusReason?.text).toBe(
      'Another order has taken the place of this one.',
    );
  });

  test('stops it after the first session, with its summary: that is how content changes then', async () => {
    await world.session(first.plan.planId);
    await next({ replaces: [number('R-1')], occurrenceTiming: { repeat: { count: 9 } } });
    expect(await stateAndReasons()).toEqual(['stopped', ['order-replaced']]);
    expect(world.store.deliveries.get(`${first.plan.planId}-summary`)?.state).toBe('pending');
  });

  test('is found by our id too', async () => {
    await next({ replaces: [{ reference: `ServiceRequest/${first.referralId}` }] });
    expect((await stateAndReasons())[0]).toBe('cancelled');
  });

  test('leaves what has ended as it ended', async () => {
    await world.amend(demoOrder({ status: 'revoked' }));
    await next({ replaces: [number('R-1')] });
    expect(await stateAndReasons()).toEqual(['cancelled', ['order-revoked']]);
    expect(world.events(first.plan.planId).at(-1)).toBe('followed-by-replacement');
  });

  test('ends one whose plan was not made yet', async () => {
    const received = await world.receive(demoOrder({}, 'R-5'));
    if (!('referral' in received)) throw new Error('The order was not received.');
    await next({ replaces: [number('R-5')] }, 'R-6');
    expect((await world.planOf(received.referral.id)).plan.status).toBe('cancelled');
  });

  test('names nothing when it names what is not here, another hospital, or itself', async () => {
    const second = await next({ replaces: [number('R-99'), number('R-2'), { reference: 'ServiceRequest/nowhere' }] });
    expect([second.plan.status, second.follows]).toEqual(['accepted', undefined]);
    expect((await stateAndReasons())[0]).toBe('accepted');
  });

  test('does nothing while it is withdrawn itself', async () => {
    await next({ replaces: [number('R-1')], status: 'active' }, 'R-3');
    const other = await next({}, 'R-4');
    const gone = await world.amend(demoOrder({ replaces: [number('R-4')], status: 'revoked' }, 'R-7'));
    if (gone.kind !== 'created') throw new Error(gone.kind);
    await world.plan(gone.referral.id);
    expect((await world.planOf(other.referralId)).plan.status).toBe('accepted');
  });

  test('ends it once, however often the worker comes', async () => {
    const second = await next({ replaces: [number('R-1')] });
    await world.plan(second.referralId, second.referralId);
    expect(world.events(first.plan.planId)).toEqual(['accepted', 'replaced', 'followed-by-replacement']);
  });

  test('does it again when the process died between the two', async () => {
    const received = await world.receive(demoOrder({ replaces: [number('R-1')] }, 'R-2'));
    if (!('referral' in received)) throw new Error('The order was not received.');
    const { commit } = world.store;
    let commits = 0;
    world.store.commit = (writes) => (++commits === 2 ? Promise.reject(new Error('died')) : commit(writes));
    await expect(world.plan(received.referral.id)).rejects.toThrow('died');
    world.store.commit = commit;
    expect((await stateAndReasons())[0]).toBe('cancelled');
    await world.plan(received.referral.id);
    expect((await world.planOf(received.referral.id)).plan.status).toBe('accepted');
    expect(world.events(first.plan.planId)).toEqual(['accepted', 'replaced', 'followed-by-replacement']);
  });

  test('in a circle comes to an end', async () => {
    await world.receive(demoOrder({ replaces: [number('R-9')] }, 'R-8'));
    const second = await next({ replaces: [number('R-8')] }, 'R-9');
    expect(second.plan.planId).toBeDefined();
  });
});

describe('a new order that extends one', () => {
  test('leaves it as it is: both go on, and both histories say so', async () => {
    await world.session(first.plan.planId);
    const second = await next({ basedOn: [number('R-1')] });
    expect(second.follows).toEqual({ how: 'extends', referralId: first.referralId });
    expect((await stateAndReasons())[0]).toBe('in-progress');
    expect(world.events(first.plan.planId).at(-1)).toBe('followed-by-extension');
    expect([second.plan.status, second.plan.progress.delivered]).toEqual(['accepted', 0]);
  });

  test('does not take a care plan for an order', async () => {
    const second = await next({ basedOn: [{ reference: 'CarePlan/1' }] });
    expect(second.follows).toBeUndefined();
  });
});
