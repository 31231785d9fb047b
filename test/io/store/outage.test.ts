import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../src/io/store/open.ts';
import { withDatabase } from './database.ts';
import { delivery, nothing, plan, referral, start, wake } from './examples.ts';

// Servers are killed and come back here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const database = withDatabase();
const unavailable = { name: 'StoreUnavailable', code: 'STORE_UNAVAILABLE' };

describe('a database that', () => {
  it('does not answer at the start is told by name', async () => {
    const connectionString = database.connectionString.replace(/:\d+\//, ':1/');
    await expect(openStore({ connectionString })).rejects.toMatchObject(unavailable);
  });

  it('takes the connection and never says a word is given up', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const connectionString = `postgres://tactus:x@127.0.0.1:${port}/tactus`;
    await expect(openStore({ connectionString, connectTimeoutMs: 1000 })).rejects.toMatchObject(unavailable);
    silent.close();
  });

  it('was made by a newer Tactus is left alone', async () => {
    const connectionString = await database.another();
    await (await openStore({ connectionString })).close();
    await ask(connectionString, "insert into tactus.kysely_migration values ('999-from-the-future', now()::text)");
    await expect(openStore({ connectionString })).rejects.toThrow('newer version of Tactus');
  });

  it('is opened by several processes at once gets its tables once', async () => {
    const connectionString = await database.another();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ connectionString })));
    for (const store of stores) await store.close();
  });
});

describe('sessions that the server ends', () => {
  it('are replaced: what can be told apart is done again, and nothing is done twice', async () => {
    const connectionString = await database.another();
    const store = await openStore({ connectionString });
    const records = Array.from({ length: 60 }, () => referral());
    let killing = true;
    const killer = (async () => {
      while (killing) {
        await database.killSessions(connectionString);
        await pause(15);
      }
    })();
    const commitOne = async (record: (typeof records)[number]): Promise<void> => {
      for (;;) {
        const writes = { referral: { record, expect: 0 }, history: [], outbox: [wake('intake', record.id)] };
        const result = await store.commit(writes).catch((error) => error);
        if (result.kind) return;
        expect(result).toMatchObject(unavailable);
      }
    };
    await Promise.all(records.map(commitOne));
    killing = false;
    await killer;
    const rows: string[] = [];
    const take = () =>
      store.takeOutbox(start, 1000, async (taken) => {
        rows.push(...taken.map((row) => row.subject));
      });
    while (await take().catch(() => 1));
    expect(rows.sort()).toEqual(records.map((record) => record.id).sort());
    await store.close();
  });
});

describe('PostgreSQL killed under load', () => {
  it('loses nothing that was acknowledged, answers "unavailable" meanwhile, and goes on by itself', async () => {
    const store = await openStore({ connectionString: database.connectionString });
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    let stopped = false;
    const client = async (): Promise<void> => {
      while (!stopped) {
        const record = referral();
        const made = plan({ referralId: record.id });
        const deliveries = [delivery({ planId: made.plan.planId })];
        const writes = { referral: { record, expect: 0 }, plan: { record: made, expect: 0 }, deliveries, ...nothing };
        const result = await store.commit(writes).catch((error) => {
          refused.push(error);
        });
        if (result?.kind === 'done') acknowledged.push(record.id);
        else await pause(5);
        if (acknowledged.length === 200) process.kill(database.server.pid, 'SIGKILL');
        if (acknowledged.length >= 400) stopped = true;
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject(unavailable);
    for (const id of acknowledged) {
      expect((await store.referral(id))?.id).toBe(id);
      const made = await store.planOfReferral(id);
      expect(await store.deliveriesOfPlan(made?.plan.planId ?? '')).toHaveLength(1);
    }
    await store.close();
  });
});

describe('an overloaded store', () => {
  it('says so instead of letting requests pile up', async () => {
    const store = await openStore({ connectionString: await database.another(), poolSize: 1, connectTimeoutMs: 1000 });
    const finish = Promise.withResolvers<void>();
    await store.commit({ history: [], outbox: [wake('intake', 'a')] });
    const holding = store.takeOutbox(start, 1, () => finish.promise);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    finish.resolve();
    await holding;
    await store.ping();
    await store.close();
  });

  it('gives up a statement that takes too long, and the connection goes on', async () => {
    const connectionString = await database.another();
    const store = await openStore({ connectionString, poolSize: 1, statementTimeoutMs: 200 });
    const blocker = new pg.Client({ connectionString });
    await blocker.connect();
    await blocker.query('begin; lock table tactus.referral');
    const record = referral();
    const commit = store.commit({ referral: { record, expect: 0 }, ...nothing });
    await expect(commit).rejects.toMatchObject(unavailable);
    await blocker.query('rollback');
    await blocker.end();
    expect(await store.commit({ referral: { record, expect: 0 }, ...nothing })).toEqual({ kind: 'done' });
    await store.close();
  });
});

async function ask(connectionString: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text);
  await client.end();
}
