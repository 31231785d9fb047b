import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanQuery, Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, nothing, plan, start } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
  const given = [
    plan({ planId: 'p1', referralId: 'r1', status: 'accepted', patients: [{ system: 'mrn', value: '1' }] }),
    plan({ planId: 'p2', referralId: 'r2', status: 'held', partner: 'south', patients: [{ value: '1' }] }),
    plan({ planId: 'p3', referralId: 'r3', status: 'accepted', updatedAt: at(10) }),
    plan({ planId: 'p4', referralId: 'r4', status: 'completed', updatedAt: at(20) }),
  ];
  for (const record of given) await store.commit({ plan: { record, expect: 0 }, ...nothing });
});
afterAll(() => store.close());

async function ids(query: Partial<PlanQuery>): Promise<string[]> {
  return (await store.plans({ limit: 50, ...query })).items.map((record) => record.plan.planId);
}

describe('plans are found', () => {
  it.each([
    { by: 'nothing', query: {}, found: ['p1', 'p2', 'p3', 'p4'] },
    { by: 'states', query: { statuses: ['accepted', 'held'] }, found: ['p1', 'p2', 'p3'] },
    { by: 'an empty list of states', query: { statuses: [] }, found: [] },
    { by: 'partner', query: { partner: 'south' }, found: ['p2'] },
    { by: 'referrals', query: { referralIds: ['r3', 'r1', 'none'] }, found: ['p1', 'p3'] },
    { by: 'an empty list of referrals', query: { referralIds: [] }, found: [] },
    { by: 'the last change, that instant included', query: { updatedSince: at(10) }, found: ['p3', 'p4'] },
    { by: 'the last change, one millisecond later', query: { updatedSince: at(10.001) }, found: ['p4'] },
    { by: 'a patient', query: { patient: 'mrn|1' }, found: ['p1'] },
    { by: 'a patient without a system', query: { patient: '|1' }, found: ['p2'] },
    { by: 'a patient nobody has', query: { patient: 'mrn|2' }, found: [] },
    {
      by: 'all of them together',
      query: { statuses: ['accepted'], partner: 'north', patient: 'mrn|1' },
      found: ['p1'],
    },
  ])('by $by', async ({ query, found }) => {
    expect(await ids(query)).toEqual(found);
  });
});

describe('pages of plans', () => {
  it('end exactly at the last plan', async () => {
    const first = await store.plans({ limit: 2 });
    expect(first.next).not.toBeNull();
    const second = await store.plans({ limit: 2, after: first.next ?? '' });
    expect(second.items.map((record) => record.plan.planId)).toEqual(['p3', 'p4']);
    expect(second.next).toBeNull();
    expect((await store.plans({ limit: 4 })).next).toBeNull();
    expect((await store.plans({ limit: 3 })).next).not.toBeNull();
  });

  it('skip no plan while plans are made and changed by others', async () => {
    const fresh = await openStore({ connectionString: await database.another() });
    const before = Array.from({ length: 60 }, (_, index) => plan({ planId: `old-${index}` }));
    await Promise.all(before.map((record) => fresh.commit({ plan: { record, expect: 0 }, ...nothing })));
    const seen = new Set<string>();
    let after: string | undefined;
    for (let pages = 0; pages < 100; pages += 1) {
      const page = await fresh.plans({ limit: 7, ...(after === undefined ? {} : { after }) });
      for (const record of page.items) seen.add(record.plan.planId);
      if (page.next === null) break;
      after = page.next;
      // A clock that goes backwards must not move a plan before the reader.
      const changed = before
        .slice(pages * 3, pages * 3 + 3)
        .map((record) => ({ ...record, version: 2, updatedAt: start }));
      await Promise.all(changed.map((record) => fresh.commit({ plan: { record, expect: 1 }, ...nothing })));
      await fresh.commit({ plan: { record: plan({ planId: `new-${pages}` }), expect: 0 }, ...nothing });
    }
    for (const record of before) expect(seen).toContain(record.plan.planId);
    await fresh.close();
  });

  it.each(['', 'x', '-1', '1e9', '99999999999999999999', "1' or '1"])(
    'refuse the cursor "%s" by name',
    async (after) => {
      await expect(store.plans({ limit: 1, after })).rejects.toMatchObject({ code: 'UNKNOWN_CURSOR' });
    },
  );
});
