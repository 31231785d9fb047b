import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCancellation } from '../../src/flows/cancellation.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

/**
 * The hospital writes an order (version 1), amends it (2) and withdraws it (3); the clinic records a session. Each may
 * arrive in any order.
 */
const events = ['create', 'update', 'cancel', 'session'] as const;
type Event = (typeof events)[number];

const meta = (version: number) => ({
  meta: { versionId: String(version), lastUpdated: `2026-11-30T10:0${version}:00Z` },
});
const eight = { occurrenceTiming: { repeat: { count: 8, frequency: 2, period: 1, periodUnit: 'wk' } } };

const happen: Readonly<Record<Event, (world: ReturnType<typeof demoWorld>) => Promise<unknown>>> = {
  create: (world) => world.receive(demoOrder(meta(1))),
  update: (world) => world.amend(demoOrder({ ...eight, ...meta(2) })),
  cancel: (world) => world.amend(demoOrder({ ...eight, status: 'revoked', ...meta(3) })),
  session: async (world) => {
    const [record] = [...world.store.planRecords.values()];
    return record === undefined ? undefined : world.session(record.plan.planId);
  },
};

function permutations(items: readonly Event[]): Event[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((one) => one !== item)).map((rest) => [item, ...rest]));
}

/** The worker takes what is in the outbox, as often as the queue brings it. */
async function work(world: ReturnType<typeof demoWorld>): Promise<void> {
  const due = world.store.outbox.filter(({ queue }) => queue === 'intake').map(({ subject }) => subject);
  await world.plan(...new Set(due));
}

async function live(order: readonly Event[], worksAfter: readonly number[]) {
  const world = demoWorld();
  for (const [index, event] of order.entries()) {
    await happen[event](world);
    if (worksAfter.includes(index)) await work(world);
  }
  await work(world);
  const [versions] = [...world.store.referrals.values()];
  const newest = versions?.at(-1);
  if (newest === undefined) throw new Error('No order is here.');
  const record = await world.planOf(newest.id);
  return { world, newest, record };
}

/** A session counts when a plan was there and nobody had withdrawn the order. */
function sessionCounts(order: readonly Event[]): boolean {
  const at = (event: Event) => order.indexOf(event);
  return at('session') < at('cancel') && Math.min(at('create'), at('update')) < at('session');
}

describe('whatever order create, update, cancel and session arrive in', () => {
  test.each(permutations(events).map((order) => [order.join(', '), order] as const))('%s', async (_, order) => {
    const { world, newest, record } = await live(order, [0, 1, 2, 3]);
    // The withdrawal is the highest version: it is what stands, and there is one order and one plan.
    expect([newest.resource.status, newest.resource.meta]).toEqual(['revoked', meta(3).meta]);
    expect([world.store.referrals.size, world.store.planRecords.size]).toEqual([1, 1]);
    expect(record.referralVersion).toBe(newest.version);
    if (sessionCounts(order)) {
      expect([record.plan.status, openCancellation(record)?.state]).toEqual(['in-progress', 'requested']);
      expect((await world.task(newest.id)).businessStatus?.coding?.[0]?.code).toBe('cancellation-requested');
    } else {
      expect([record.plan.status, record.reasons]).toEqual(['cancelled', ['order-revoked']]);
      expect((await world.task(newest.id)).status).toBe('cancelled');
      expect(record.plan.progress.delivered).toBe(0);
    }
  });

  test('and whenever the worker comes, and however often each event is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray<Event>([...events, ...events, 'cancel'], { minLength: 9, maxLength: 9 }),
        fc.uniqueArray(fc.nat({ max: 8 })),
        async (order, worksAfter) => {
          const { world, newest, record } = await live(order, worksAfter);
          expect([newest.resource.status, newest.resource.meta]).toEqual(['revoked', meta(3).meta]);
          expect([world.store.referrals.size, world.store.planRecords.size]).toEqual([1, 1]);
          expect(record.referralVersion).toBe(newest.version);
          const ended = record.plan.status === 'cancelled';
          const asked = record.plan.status === 'in-progress' && openCancellation(record) !== undefined;
          expect(ended || asked, record.plan.status).toBe(true);
        },
      ),
      { numRuns: 40, seed: 20261126 },
    );
  });
});

test('an amendment that comes after the order is what counts, one that is overtaken is not', async () => {
  for (const order of permutations(['create', 'update', 'session'])) {
    const { newest, record } = await live(order, [0, 1, 2]);
    const began = order.indexOf('session') < order.indexOf('update') && order[0] === 'create';
    // After the first session an amendment is refused: the hospital hears it, and version 1 stays.
    expect([order.join(), record.plan.dosage.sessions, newest.resource.meta]).toEqual([
      order.join(),
      began ? 6 : 8,
      meta(began ? 1 : 2).meta,
    ]);
  }
});
