import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../../src/flows/records.ts';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, delivery, nothing, plan, referral, session, start, wake } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

async function outbox(): Promise<OutboxEntry[]> {
  const rows: OutboxEntry[] = [];
  await store.takeOutbox(at(3600), 10_000, async (taken) => {
    rows.push(...taken);
  });
  return rows;
}

const heard = (id: string, event = 'received') =>
  [{ at: start, about: 'referral', id, event, by: 'north', detail: { version: 1 } }] as const;

describe('a new referral', () => {
  it('is kept with its history and its work, as it was received', async () => {
    const record = referral({
      context: { resourceType: 'Bundle' },
      resource: { resourceType: 'ServiceRequest', zebra: 1, apple: 1.5 },
      correlationId: 'c-1',
    });
    const result = await store.commit({
      referral: { record, expect: 0 },
      history: heard(record.id),
      outbox: [wake('intake', record.id)],
    });
    expect(result).toEqual({ kind: 'done' });
    const { bytes: _, ...kept } = record;
    expect(await store.referral(record.id)).toEqual(kept);
    expect(await store.referralByPlacer('north', record.placer)).toEqual(kept);
    expect(await store.referralVersion(record.id, 1)).toEqual(kept);
    expect(Object.keys((await store.referral(record.id))?.resource ?? {})).toEqual(['resourceType', 'zebra', 'apple']);
    expect(await store.history('referral', record.id)).toEqual(heard(record.id));
    expect(await outbox()).toEqual([wake('intake', record.id)]);
  });

  it('is one, however many arrive at once: of 200, one is done and 199 are told so', async () => {
    const placer = { system: 'https://north.example/orders', value: 'at-once' };
    const commits = Array.from({ length: 200 }, () => {
      const record = referral({ placer });
      return store.commit({
        referral: { record, expect: 0 },
        history: heard(record.id),
        outbox: [wake('intake', record.id)],
      });
    });
    const results = await Promise.all(commits);
    expect(results.filter((result) => result.kind === 'done')).toHaveLength(1);
    expect(results.filter((result) => result.kind === 'conflict' && result.which === 'referral')).toHaveLength(199);
    const kept = await store.referralByPlacer('north', placer);
    expect(await outbox()).toEqual([wake('intake', kept?.id ?? '')]);
  });

  it('of another partner may have the same number', async () => {
    const placer = { system: 'https://shared.example/orders', value: '7' };
    for (const partner of ['north', 'south']) {
      const record = referral({ partner, placer });
      expect(await store.commit({ referral: { record, expect: 0 }, ...nothing })).toEqual({ kind: 'done' });
    }
    expect((await store.referralByPlacer('south', placer))?.partner).toBe('south');
    expect(await store.referralByPlacer('west', placer)).toBeUndefined();
  });
});

describe('a new version of a referral', () => {
  it('replaces the one it was made from and leaves the old one readable', async () => {
    const first = referral();
    await store.commit({ referral: { record: first, expect: 0 }, ...nothing });
    const bytes = new TextEncoder().encode('{"weight":1.00,"unit":"µg"}');
    const second = { ...first, version: 2, resource: { status: 'revoked' }, bytes, updatedAt: at(60) };
    expect(await store.commit({ referral: { record: second, expect: 1 }, ...nothing })).toEqual({ kind: 'done' });
    const texts = await Promise.all([1, 2, 3].map((version) => store.referralText(first.id, version)));
    expect(texts).toEqual([new TextDecoder().decode(first.bytes), '{"weight":1.00,"unit":"µg"}', undefined]);
    expect(await store.referral(first.id)).toMatchObject({ version: 2, resource: { status: 'revoked' } });
    expect(await store.referralVersion(first.id, 1)).toMatchObject({ version: 1, resource: first.resource });
    expect(await store.referralVersion(first.id, 3)).toBeUndefined();
  });

  it('is a conflict when another version came between, and then nothing is written', async () => {
    const first = referral();
    await store.commit({ referral: { record: first, expect: 0 }, ...nothing });
    const versions = Array.from({ length: 5 }, (_, index) =>
      store.commit({
        referral: { record: { ...first, version: 2, contentHash: `content-${index}` }, expect: 1 },
        history: heard(first.id, 'updated'),
        outbox: [],
      }),
    );
    const results = await Promise.all(versions);
    expect(results.filter((result) => result.kind === 'done')).toHaveLength(1);
    expect(await store.history('referral', first.id)).toHaveLength(1);
  });
});

describe('a plan', () => {
  it('is one a referral', async () => {
    const first = plan();
    expect(await store.commit({ plan: { record: first, expect: 0 }, ...nothing })).toEqual({ kind: 'done' });
    const second = plan({ referralId: first.referralId });
    const answer = { kind: 'conflict', which: 'plan' };
    expect(await store.commit({ plan: { record: second, expect: 0 }, ...nothing })).toEqual(answer);
    expect(await store.planOfReferral(first.referralId)).toEqual(first);
    expect(await store.plan(second.plan.planId)).toBeUndefined();
  });

  it('is changed only from the version that was read', async () => {
    const first = plan();
    await store.commit({ plan: { record: first, expect: 0 }, ...nothing });
    const second = { ...first, version: 2, reasons: ['asked'] };
    expect(await store.commit({ plan: { record: second, expect: 1 }, ...nothing })).toEqual({ kind: 'done' });
    const late = { ...first, version: 2, reasons: ['late'] };
    const answer = { kind: 'conflict', which: 'plan' };
    expect(await store.commit({ plan: { record: late, expect: 1 }, ...nothing })).toEqual(answer);
    expect((await store.plan(first.plan.planId))?.reasons).toEqual(['asked']);
  });
});

describe('a session', () => {
  it('is recorded once, whatever else comes with the second', async () => {
    const record = plan();
    await store.commit({ plan: { record, expect: 0 }, ...nothing });
    const done = session(record.plan.planId);
    const outcome = delivery({ sessionId: done.session.sessionId, planId: record.plan.planId });
    const writes = (version: number) => ({
      session: { record: done },
      plan: { record: { ...record, version: version + 1 }, expect: version },
      deliveries: [{ ...outcome, id: `${outcome.id}-${version}` }],
      ...nothing,
    });
    expect(await store.commit(writes(1))).toEqual({ kind: 'done' });
    expect(await store.commit(writes(2))).toEqual({ kind: 'conflict', which: 'session' });
    expect((await store.plan(record.plan.planId))?.version).toBe(2);
    expect(await store.deliveriesOfPlan(record.plan.planId)).toHaveLength(1);
    expect(await store.session(done.session.sessionId)).toEqual(done);
  });

  it('takes back everything when its plan has changed', async () => {
    const record = plan();
    await store.commit({ plan: { record, expect: 0 }, ...nothing });
    const done = session(record.plan.planId);
    const result = await store.commit({
      session: { record: done },
      plan: { record: { ...record, version: 9 }, expect: 8 },
      ...nothing,
    });
    expect(result).toEqual({ kind: 'conflict', which: 'plan' });
    expect(await store.session(done.session.sessionId)).toBeUndefined();
  });

  it('has one outcome at most', async () => {
    const outcome = () => delivery({ sessionId: 'session-1', planId: 'plan-9' });
    expect(await store.commit({ deliveries: [outcome()], ...nothing })).toEqual({ kind: 'done' });
    const answer = { kind: 'conflict', which: 'session' };
    expect(await store.commit({ deliveries: [outcome()], ...nothing })).toEqual(answer);
  });

  it('is listed with the others of its plan in their order', async () => {
    for (const seq of [2, 1, 3]) await store.commit({ session: { record: session('plan-order', seq) }, ...nothing });
    expect((await store.sessionsOfPlan('plan-order')).map((one) => one.session.seq)).toEqual([1, 2, 3]);
  });
});

describe('commits of different make', () => {
  it('are never taken for each other, however alike they begin', async () => {
    const everything = () => {
      const record = referral();
      const made = plan({ referralId: record.id });
      const { planId } = made.plan;
      return {
        referral: { record, expect: 0 },
        moreReferrals: [referral(), referral()],
        plan: { record: made, expect: 0 },
        session: { record: session(planId) },
        deliveries: [delivery({ planId })],
        supersede: ['none'],
        history: heard(record.id),
        outbox: [wake('intake', record.id)],
      };
    };
    const { supersede: _, ...withoutSupersede } = everything();
    const { deliveries: __, ...withoutDeliveries } = everything();
    const { referral: ___, ...withoutReferral } = everything();
    const makes = [everything(), withoutSupersede, withoutDeliveries, withoutReferral, { ...everything(), outbox: [] }];
    for (const writes of makes) expect(await store.commit(writes)).toEqual({ kind: 'done' });
    for (const { moreReferrals } of makes) {
      for (const { id } of moreReferrals) expect((await store.referral(id))?.id).toBe(id);
    }
    await outbox();
  });

  it('of several referrals keep all or none', async () => {
    const [first, second, third] = [referral(), referral(), referral()];
    await store.commit({ referral: { record: second, expect: 0 }, ...nothing });
    const writes = {
      referral: { record: first, expect: 0 },
      moreReferrals: [third, { ...second, id: 'other' }],
      ...nothing,
    };
    expect(await store.commit(writes)).toEqual({ kind: 'conflict', which: 'referral' });
    expect(await store.referral(first.id)).toBeUndefined();
    expect(await store.referral(third.id)).toBeUndefined();
  });
});

describe('the character NUL', () => {
  it('is kept in what was received', async () => {
    const record = referral({ resource: { note: 'a\u0000b' } });
    expect(await store.commit({ referral: { record, expect: 0 }, ...nothing })).toEqual({ kind: 'done' });
    expect((await store.referral(record.id))?.resource).toEqual({ note: 'a\u0000b' });
  });

  it('finds nothing in a key', async () => {
    expect(await store.referralByPlacer('north', { system: 's', value: 'a\u0000' })).toBeUndefined();
    expect(await store.plan('a\u0000')).toBeUndefined();
    expect(await store.tokenByHash('a\u0000')).toBeUndefined();
    expect((await store.plans({ patient: 's|\u0000', limit: 1 })).items).toEqual([]);
  });

  it('is refused by name in a key that is to be written, and nothing is kept', async () => {
    const record = referral({ placer: { system: 's', value: 'a\u0000' } });
    const commit = store.commit({ referral: { record, expect: 0 }, ...nothing });
    await expect(commit).rejects.toMatchObject({ code: 'UNSTORABLE_TEXT' });
    expect(await store.referral(record.id)).toBeUndefined();
  });
});

describe('a text from outside', () => {
  it('is only ever a value: quotes and comment signs change nothing', async () => {
    const value = "'; drop table tactus.plan; --";
    const record = referral({ placer: { system: value, value } });
    await store.commit({ referral: { record, expect: 0 }, history: heard(value, value), outbox: [] });
    expect((await store.referralByPlacer('north', { system: value, value }))?.id).toBe(record.id);
    expect((await store.history('referral', value))[0]?.event).toBe(value);
  });
});
