import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, nothing, referral, start, wake } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

const numbered = (value: string) => referral({ placer: { system: 'https://north.example/orders', value } });

describe('referrals that come in one transaction', () => {
  it('are all kept, each with its version and its work', async () => {
    const [first, ...rest] = ['t-1', 't-2', 't-3'].map(numbered);
    if (first === undefined) throw new Error('unreachable');
    const all = [first, ...rest];
    const result = await store.commit({
      referral: { record: first, expect: 0 },
      moreReferrals: rest,
      history: all.map(({ id }) => ({ at: start, about: 'referral', id, event: 'received', by: 'north', detail: {} })),
      outbox: all.map(({ id }) => wake('intake', id)),
    });
    expect(result).toEqual({ kind: 'done' });
    for (const { bytes: _, ...kept } of all) {
      expect(await store.referral(kept.id)).toEqual(kept);
      expect(await store.history('referral', kept.id)).toHaveLength(1);
    }
    // What has no plan yet is found by the sweep, so each is waited for.
    expect(await store.sweep(at(7200), 60)).toBeGreaterThanOrEqual(3);
  });

  it.each([0, 1, 2])(
    'are none of them kept when number %i is taken, and nothing of their history either',
    async (taken) => {
      const values = [0, 1, 2].map((index) => `all-or-none-${taken}-${index}`);
      await store.commit({ referral: { record: numbered(values[taken] ?? ''), expect: 0 }, ...nothing });
      const [first, ...rest] = values.map(numbered);
      if (first === undefined) throw new Error('unreachable');
      const result = await store.commit({
        referral: { record: first, expect: 0 },
        moreReferrals: rest,
        history: [{ at: start, about: 'referral', id: first.id, event: 'received', by: 'north', detail: {} }],
        outbox: [wake('intake', first.id)],
      });
      expect(result).toEqual({ kind: 'conflict', which: 'referral' });
      for (const { id } of [first, ...rest]) expect(await store.referral(id)).toBeUndefined();
      expect(await store.history('referral', first.id)).toEqual([]);
    },
  );

  it('are none of them kept when two have one number', async () => {
    const [one, other] = [numbered('twice'), numbered('twice')];
    const result = await store.commit({ referral: { record: one, expect: 0 }, moreReferrals: [other], ...nothing });
    expect(result).toEqual({ kind: 'conflict', which: 'referral' });
    expect(await store.referral(one.id)).toBeUndefined();
  });
});
