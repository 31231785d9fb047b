import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../../src/flows/records.ts';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, delivery, nothing, plan, referral, start, wake } from './examples.ts';

const database = withSharedDatabase();
let connectionString: string;
let store: Store;
beforeEach(async () => {
  connectionString = await database.another();
  store = await openStore({ connectionString });
});
afterEach(() => store.close());

async function take(now: string, limit = 100, from = store): Promise<OutboxEntry[]> {
  const rows: OutboxEntry[] = [];
  await from.takeOutbox(now, limit, async (taken) => {
    rows.push(...taken);
  });
  return rows;
}

async function write(...outbox: OutboxEntry[]): Promise<void> {
  await store.commit({ history: [], outbox });
}

describe('the outbox', () => {
  it('hands out what is due, the urgent first, and nothing twice', async () => {
    await write(wake('intake', 'a'), wake('delivery', 'b', { priority: 0 }), wake('intake', 'c', { dueAt: at(10) }));
    expect((await take(at(9.999))).map((row) => row.subject)).toEqual(['b', 'a']);
    expect(await take(at(9.999))).toEqual([]);
    expect(await take(at(10))).toEqual([wake('intake', 'c', { dueAt: at(10) })]);
  });

  it('hands out no more than the limit', async () => {
    await write(...Array.from({ length: 5 }, (_, index) => wake('intake', `${index}`)));
    expect(await take(start, 2)).toHaveLength(2);
    expect(await take(start, 10)).toHaveLength(3);
  });

  it('keeps what a relay could not forward', async () => {
    await write(wake('intake', 'a'));
    const failing = store.takeOutbox(start, 10, () => Promise.reject(new Error('the queue is away')));
    await expect(failing).rejects.toThrow('the queue is away');
    expect(await take(start)).toHaveLength(1);
  });

  it('keeps what a relay had forwarded when it died before it could say so', async () => {
    await write(wake('intake', 'a'));
    const dying = store.takeOutbox(start, 10, () => database.killSessions(connectionString));
    await expect(dying).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await take(start)).toHaveLength(1);
  });

  it('gives each row to one of several relays', async () => {
    await write(...Array.from({ length: 300 }, (_, index) => wake('intake', `${index}`)));
    const other = await openStore({ connectionString });
    const seen: string[] = [];
    const relay = async (from: Store) => {
      for (let rows = await take(start, 7, from); rows.length > 0; rows = await take(start, 7, from)) {
        seen.push(...rows.map((row) => row.subject));
      }
    };
    await Promise.all([relay(store), relay(other), relay(store), relay(other)]);
    expect(seen.sort()).toEqual(Array.from({ length: 300 }, (_, index) => `${index}`).sort());
    await other.close();
  });
});

describe('the signal of the outbox', () => {
  const long = 15_000;

  it('comes with the next write of this process, and for a write since the last one at once', async () => {
    await store.outboxSignal(1);
    const waiting = store.outboxSignal(long);
    await write(wake('intake', 'a'));
    await waiting;
    await write(wake('intake', 'b'));
    await store.outboxSignal(long);
  });

  it('comes with the write of another process', async () => {
    const other = await openStore({ connectionString });
    await other.outboxSignal(1);
    // The listener connects in the background: write until it hears.
    let heard = false;
    const waiting = other.outboxSignal(long).then(() => {
      heard = true;
    });
    while (!heard) await write(wake('intake', 'a'));
    await waiting;
    await other.close();
  });

  it('does not wait for a write for ever', async () => {
    await store.outboxSignal(5);
  });
});

describe('the sweep', () => {
  it('finds a referral without a plan once it is overdue, and leaves it alone until it is overdue again', async () => {
    const record = referral();
    await store.commit({ referral: { record, expect: 0 }, ...nothing });
    expect(await store.sweep(at(59.999), 60)).toBe(0);
    expect(await store.sweep(at(60), 60)).toBe(1);
    expect(await take(at(60))).toEqual([wake('intake', record.id, { dueAt: at(60) })]);
    expect(await store.sweep(at(119), 60)).toBe(0);
    expect(await store.sweep(at(120), 60)).toBe(1);
    await store.commit({ plan: { record: plan({ referralId: record.id }), expect: 0 }, ...nothing });
    expect(await store.sweep(at(9999), 60)).toBe(0);
  });

  it('reminds of a referral that never gets a plan ever more seldom, and never stops', async () => {
    await store.commit({ referral: { record: referral(), expect: 0 }, ...nothing });
    const swept: number[] = [];
    for (let minute = 1; minute <= 300; minute += 1) {
      if ((await store.sweep(at(minute * 60), 60)) > 0) swept.push(minute);
    }
    expect(swept).toEqual([1, 2, 3, 4, 6, 10, 18, 34, 66, 130, 194, 258]);
  });

  it('finds a new version until the plan was made from it', async () => {
    const record = referral();
    const made = plan({ referralId: record.id, payloadHash: record.bytesHash });
    await store.commit({ referral: { record, expect: 0 }, plan: { record: made, expect: 0 }, ...nothing });
    expect(await store.sweep(at(100), 60)).toBe(0);
    const second = { ...record, version: 2, bytesHash: 'bytes-2', updatedAt: at(100) };
    await store.commit({ referral: { record: second, expect: 1 }, ...nothing });
    await store.commit({ plan: { record: { ...made, version: 2 }, expect: 1 }, ...nothing });
    expect(await store.sweep(at(200), 60)).toBe(1);
    const remade = plan({ planId: made.plan.planId, referralId: record.id, payloadHash: 'bytes-2', version: 3 });
    await store.commit({ plan: { record: remade, expect: 2 }, ...nothing });
    expect(await store.sweep(at(9999), 60)).toBe(0);
  });

  it('finds a new version although a plan of the older one was written after it', async () => {
    const record = referral();
    await store.commit({ referral: { record, expect: 0 }, ...nothing });
    const second = { ...record, version: 2, bytesHash: 'bytes-2', contentHash: 'content-2' };
    await store.commit({ referral: { record: second, expect: 1 }, ...nothing });
    const late = plan({ referralId: record.id, payloadHash: record.bytesHash, referralVersion: 1 });
    await store.commit({ plan: { record: late, expect: 0 }, ...nothing });
    expect(await store.sweep(at(100), 60)).toBe(1);
    const { planId } = late.plan;
    const followed = plan({ planId, referralId: record.id, payloadHash: 'bytes-2', referralVersion: 2, version: 2 });
    await store.commit({ plan: { record: followed, expect: 1 }, ...nothing });
    expect(await store.sweep(at(9999), 60)).toBe(0);
  });

  it('does not look for a plan that was made of the version that is here', async () => {
    const record = referral();
    await store.commit({ referral: { record, expect: 0 }, ...nothing });
    const made = plan({ referralId: record.id, payloadHash: record.bytesHash, referralVersion: 1 });
    await store.commit({ plan: { record: made, expect: 0 }, ...nothing });
    expect(await store.sweep(at(9999), 60)).toBe(0);
  });

  it('finds pending deliveries that are overdue, not those that are leased, waiting, sent or due later', async () => {
    const lost = delivery({ id: 'lost', priority: 0 });
    const others = [
      delivery({ id: 'leased' }),
      delivery({ id: 'later', dueAt: at(1000) }),
      delivery({ id: 'waiting', state: 'waiting' }),
      delivery({ id: 'sent', state: 'sent' }),
      delivery({ id: 'superseded', state: 'superseded' }),
    ];
    await store.commit({ deliveries: [lost, ...others], ...nothing });
    await store.lease(['leased'], at(90), 60);
    expect(await store.sweep(at(100), 60)).toBe(1);
    expect(await take(at(100))).toEqual([wake('delivery', 'lost', { dueAt: at(100), priority: 0 })]);
    expect(await store.sweep(at(101), 60)).toBe(0);
    expect(await store.sweep(at(160), 60)).toBe(2);
  });

  it('by two processes at once writes each row once', async () => {
    const deliveries = Array.from({ length: 50 }, () => delivery());
    await store.commit({ deliveries, ...nothing });
    const counts = await Promise.all(Array.from({ length: 4 }, () => store.sweep(at(100), 60)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
  });
});

describe('a token', () => {
  it('is known until it is revoked, and stays revoked', async () => {
    const token = { hash: 'h1', audience: 'partner', owner: 'north' } as const;
    await store.addToken(token, start);
    await store.addToken(token, start);
    await store.addToken({ ...token, hash: 'h2', owner: 'south' }, start);
    await store.addToken({ ...token, hash: 'h3', audience: 'clinic' }, start);
    expect(await store.tokenByHash('h1')).toEqual(token);
    expect(await store.revokeTokens('partner', 'north', at(1))).toBe(1);
    expect(await store.revokeTokens('partner', 'north', at(2))).toBe(0);
    await store.addToken(token, at(3));
    expect(await store.tokenByHash('h1')).toBeUndefined();
    expect(await store.tokenByHash('h2')).toMatchObject({ owner: 'south' });
    expect(await store.tokenByHash('h3')).toMatchObject({ audience: 'clinic' });
  });
});
