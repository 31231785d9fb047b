import { beforeEach, describe, expect, test } from 'vitest';
import { expirePlans, runExpiry } from '../../src/flows/expire.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

/** Orders come at 2026-12-01T08:00:00.000Z; the file says remindAfterDays 7, expireAfterDays 28. */
let world: ReturnType<typeof demoWorld>;
beforeEach(() => {
  world = demoWorld();
});

const open = { occurrenceTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk' } } };
const validUntil = (end: string) => ({
  extension: [
    {
      url: 'https://tactus.example/fhir/StructureDefinition/validity-period',
      valuePeriod: { start: '2026-11-20', end },
    },
  ],
});
const at = (now: string) => {
  world.clock.now = now;
  return expirePlans(world.expiring);
};
const nothing = { remind: 0, 'give-up': 0, expire: 0 };

describe('a question that nobody answers', () => {
  test.each([
    ['2026-12-08T07:59:59.999Z', nothing],
    ['2026-12-08T08:00:00.000Z', { ...nothing, remind: 1 }],
    ['2026-12-29T07:59:59.999Z', { ...nothing, remind: 1 }],
    ['2026-12-29T08:00:00.000Z', { ...nothing, 'give-up': 1 }],
  ])('until %s: %o', async (now, count) => {
    await world.order(demoOrder(open));
    expect(await at(now)).toEqual(count);
  });

  test('is told again once, by a new version of its Task', async () => {
    const { plan, referralId } = await world.order(demoOrder(open));
    await at('2026-12-08T08:00:00.000Z');
    expect(world.events(plan.planId)).toEqual(['held', 'reminded']);
    expect(world.store.deliveries.get(`${plan.planId}-answer`)).toMatchObject({ state: 'pending', wantedVersion: 2 });
    expect(await at('2026-12-20T08:00:00.000Z')).toEqual(nothing);
    expect((await world.planOf(referralId)).version).toBe(2);
  });

  test('ends in rejected, with what was asked and that nobody answered', async () => {
    const { referralId } = await world.order(demoOrder(open));
    await at('2026-12-08T08:00:00.000Z');
    await at('2026-12-29T08:00:00.000Z');
    const { plan, reasons, questions } = await world.planOf(referralId);
    expect([plan.status, reasons, questions]).toEqual(['rejected', ['missing-session-count', 'no-answer'], []]);
    const task = await world.task(referralId);
    expect([task.status, task.statusReason?.text]).toEqual([
      'rejected',
      'The order does not say how many sessions are prescribed, as a whole number from 1 to 60. Our questions were not answered in time.',
    ]);
    expect(world.catalog.validator.validate(task).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await at('2027-03-01T08:00:00.000Z')).toEqual(nothing);
  });

  test('waits anew from the day on which the order changed', async () => {
    await world.order(demoOrder(open));
    world.clock.now = '2026-12-05T08:00:00.000Z';
    await world.amend(demoOrder({ ...open, priority: 'urgent' }));
    expect(await at('2026-12-12T07:59:59.999Z')).toEqual(nothing);
    expect(await at('2026-12-12T08:00:00.000Z')).toEqual({ ...nothing, remind: 1 });
    expect(await at('2027-01-02T07:59:59.999Z')).toEqual(nothing);
    expect(await at('2027-01-02T08:00:00.000Z')).toEqual({ ...nothing, 'give-up': 1 });
  });

  test('is not asked of an order that its prescriber put on hold', async () => {
    await world.order(demoOrder());
    await world.amend(demoOrder({ status: 'on-hold' }));
    expect(await at('2027-06-01T08:00:00.000Z')).toEqual(nothing);
  });
});

describe('a plan whose validity ends', () => {
  test.each([
    ['2026-12-31', '2026-12-31T23:59:59.999Z', nothing],
    ['2026-12-31', '2027-01-01T00:00:00.000Z', { ...nothing, expire: 1 }],
    ['2026-12', '2026-12-31T23:59:59.999Z', nothing],
    ['2026-12', '2027-01-01T00:00:00.000Z', { ...nothing, expire: 1 }],
  ])('on %s expires without a session after its last day: %s', async (end, now, count) => {
    const { plan } = await world.order(demoOrder(validUntil(end)));
    expect([plan.status, plan.validUntil]).toEqual(['accepted', end]);
    expect(await at(now)).toEqual(count);
  });

  test('is told as expired, with the reason', async () => {
    const { referralId } = await world.order(demoOrder(validUntil('2026-12-31')));
    await at('2027-01-01T00:00:00.000Z');
    const { plan, reasons } = await world.planOf(referralId);
    expect([plan.status, reasons]).toEqual(['expired', ['prescription-expired']]);
    expect((await world.task(referralId)).statusReason?.coding?.[0]?.code).toBe('prescription-expired');
  });

  test('goes on when a session took place in time', async () => {
    const { plan } = await world.order(demoOrder(validUntil('2026-12-31')));
    await world.session(plan.planId);
    expect(await at('2027-01-01T00:00:00.000Z')).toEqual(nothing);
  });

  test('is left alone where the hospital wants expired orders accepted', async () => {
    await world.order(demoOrder(validUntil('2026-12-31')));
    const partners = world.expiring.partners.map(({ id }) => ({ id, policy: { expired: 'accept' as const } }));
    world.clock.now = '2027-01-01T00:00:00.000Z';
    expect(await expirePlans({ ...world.expiring, partners })).toEqual(nothing);
  });
});

test('many plans are found page by page, and those of a hospital without a file are left alone', async () => {
  for (let number = 0; number < 5; number++) await world.order(demoOrder(open, `R-${number}`));
  const { duePlans } = world.expiring.store;
  const paged = {
    ...world.expiring.store,
    duePlans: (query: Parameters<typeof duePlans>[0]) => duePlans({ ...query, limit: 2 }),
  };
  world.clock.now = '2026-12-08T08:00:00.000Z';
  expect(await expirePlans({ ...world.expiring, store: paged, partners: [] })).toEqual(nothing);
  expect(await expirePlans({ ...world.expiring, store: paged })).toEqual({ ...nothing, remind: 5 });
});

test('plans whose time has not come are not read', async () => {
  const found: string[] = [];
  const { duePlans } = world.expiring.store;
  const watched = {
    ...world.expiring.store,
    duePlans: async (query: Parameters<typeof duePlans>[0]) => {
      const page = await duePlans(query);
      found.push(...page.items.map(({ plan }) => `${query.kind} ${plan.source.identifiers[0]?.value}`));
      return page;
    },
  };
  const step = async (now: string) => {
    world.clock.now = now;
    await expirePlans({ ...world.expiring, store: watched });
    return found.splice(0);
  };
  await world.order(demoOrder(open, 'R-asked'));
  await world.order(demoOrder(validUntil('2026-12-31'), 'R-valid'));
  await world.order(demoOrder({}, 'R-plain'));
  await world.order(demoOrder({ status: 'on-hold' }, 'R-wait')).catch(() => {});
  expect(await step('2026-12-08T07:59:59.999Z')).toEqual([]);
  expect(await step('2026-12-08T08:00:00.000Z')).toEqual(['unreminded R-asked']);
  expect(await step('2026-12-20T08:00:00.000Z')).toEqual([]);
  expect(await step('2026-12-29T08:00:00.000Z')).toEqual(['unanswered R-asked']);
  expect(await step('2026-12-31T23:59:59.999Z')).toEqual([]);
  expect(await step('2027-01-01T00:00:00.000Z')).toEqual(['unused R-valid']);
  expect(await step('2027-02-01T00:00:00.000Z')).toEqual([]);
});

test('the round goes on after one that failed', async () => {
  const told: unknown[] = [];
  let rounds = 0;
  const broken = { ...world.expiring.store, duePlans: () => Promise.reject(new Error('away')) };
  await runExpiry(
    { ...world.expiring, store: broken },
    {
      stopped: () => rounds === 2,
      done: (count) => told.push(count),
      failed: (error) => told.push(error),
      wait: async () => void rounds++,
    },
  );
  expect(told).toEqual([new Error('away'), new Error('away')]);
});
