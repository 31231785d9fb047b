import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deadlines } from '../../../src/flows/records.ts';
import type { DuePlans, Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, nothing, plan, start } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

let partners = 0;

/** Plans of a partner of their own; gives back how to ask which of them are due. */
async function plansOf(deadlines: Readonly<Record<string, Deadlines | undefined>>) {
  const partner = `partner-${++partners}`;
  for (const [planId, one] of Object.entries(deadlines)) {
    const record = plan({ planId: `${partner}-${planId}`, partner, ...(one === undefined ? {} : { deadlines: one }) });
    await store.commit({ plan: { record, expect: 0 }, ...nothing });
  }
  const due = async (kind: DuePlans['kind'], before: string): Promise<string[]> => {
    const { items } = await store.duePlans({ kind, partner, before, limit: 100 });
    return items.map((record) => record.plan.planId.slice(partner.length + 1));
  };
  return { partner, due };
}

describe('a plan that waits for an answer', () => {
  it('is due from the instant on, the longest due first, and after a reminder only for its end', async () => {
    const { due } = await plansOf({
      late: { askedAt: at(10) },
      early: { askedAt: at(0) },
      told: { askedAt: at(5), isReminded: true },
      ended: undefined,
      valid: { lastDay: '2026-11-25' },
    });
    expect(await due('unreminded', at(-0.001))).toEqual([]);
    expect(await due('unreminded', at(0))).toEqual(['early']);
    expect(await due('unreminded', at(9.999))).toEqual(['early']);
    expect(await due('unreminded', at(10))).toEqual(['early', 'late']);
    expect(await due('unanswered', at(4.999))).toEqual(['early']);
    expect(await due('unanswered', at(5))).toEqual(['early', 'told']);
    expect(await due('unanswered', at(10))).toEqual(['early', 'told', 'late']);
  });

  it('is found as it is now', async () => {
    const { partner, due } = await plansOf({ one: { askedAt: start } });
    const { items } = await store.duePlans({ kind: 'unanswered', partner, before: start, limit: 1 });
    const [record] = items;
    if (record === undefined) throw new Error('the plan was not found');
    const changed = { ...record, version: 2, deadlines: { askedAt: at(60) } };
    await store.commit({ plan: { record: changed, expect: 1 }, ...nothing });
    expect(await due('unanswered', at(59.999))).toEqual([]);
    expect(await due('unanswered', at(60))).toEqual(['one']);
    const { deadlines: _, ...ended } = changed;
    await store.commit({ plan: { record: { ...ended, version: 3 }, expect: 2 }, ...nothing });
    expect(await due('unanswered', at(9999))).toEqual([]);
  });
});

describe('a plan that may be used until a day', () => {
  it('is due on the day after', async () => {
    const { due } = await plansOf({
      one: { lastDay: '2026-12-31' },
      other: { lastDay: '2026-12-30', askedAt: start },
      asked: { askedAt: start },
    });
    expect(await due('unused', '2026-12-30')).toEqual([]);
    expect(await due('unused', '2026-12-31')).toEqual(['other']);
    expect(await due('unused', '2027-01-01')).toEqual(['other', 'one']);
  });
});

describe('pages of due plans', () => {
  it.each(['unanswered', 'unused'] as const)(
    '(%s) hold every plan once, also where many are due at once',
    async (kind) => {
      const ids = Array.from({ length: 7 }, (_, index) => `plan-${index}`);
      const { partner } = await plansOf(
        Object.fromEntries(
          ids.map((id, index) => [id, { askedAt: at(index >> 1), lastDay: `2026-11-0${1 + (index >> 1)}` }]),
        ),
      );
      const before = kind === 'unused' ? '2027-01-01' : at(100);
      const found: string[] = [];
      let pages = 0;
      for (let after: string | null | undefined; after !== null; pages++) {
        const page = await store.duePlans({
          kind,
          partner,
          before,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...page.items.map((record) => record.plan.planId.slice(partner.length + 1)));
        after = page.next;
      }
      expect([pages, found]).toEqual([4, ids]);
    },
  );

  it('hold plans of one partner only', async () => {
    const one = await plansOf({ mine: { askedAt: start } });
    await plansOf({ theirs: { askedAt: start } });
    expect(await one.due('unanswered', start)).toEqual(['mine']);
  });
});

it('plans from before there were deadlines are found by when they were made, and by their validity', async () => {
  const connectionString = await database.another();
  const before = await openStore({ connectionString });
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const held = plan({ planId: 'held', partner: 'old', status: 'held', createdAt: at(7) });
    const valid = plan({ planId: 'valid', partner: 'old' });
    const withEnd = { ...valid, plan: { ...valid.plan, validUntil: '2026-12' } };
    for (const record of [held, withEnd]) await before.commit({ plan: { record, expect: 0 }, ...nothing });
    await before.close();
    await client.query('alter table tactus.plan drop column asked_at, drop column reminded, drop column last_day');
    // What came after it goes, too: migrations are made in their order.
    await client.query('drop table tactus.refused');
    await client.query('alter table tactus.referral drop column sent_id');
    await client.query("delete from tactus.kysely_migration where name >= '003-deadlines'");
    const after = await openStore({ connectionString });
    const due = async (kind: DuePlans['kind'], until: string) =>
      (await after.duePlans({ kind, partner: 'old', before: until, limit: 9 })).items.map(({ plan }) => plan.planId);
    expect([await due('unanswered', at(6.999)), await due('unreminded', at(7))]).toEqual([[], ['held']]);
    expect([await due('unused', '2026-12-31'), await due('unused', '2027-01-01')]).toEqual([[], ['valid']]);
    await after.close();
  } finally {
    await client.end();
  }
});
