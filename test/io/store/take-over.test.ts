import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/flows/records.ts';
import type { LeasedDelivery, Store } from '../../../src/flows/store.ts';
import { type Connection, connect } from '../../../src/io/store/connection.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { openOwner, ownerLockClass } from '../../../src/io/store/owner.ts';
import { withSharedDatabase } from './database.ts';
import { at, delivery, nothing, start } from './examples.ts';

const database = withSharedDatabase();
const graceSeconds = 4;
let store: Store;
let watcher: pg.Client;
const children: ChildProcess[] = [];
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
  watcher = new pg.Client({ connectionString: database.connectionString });
  await watcher.connect();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await watcher.query('truncate tactus.delivery, tactus.outbox, tactus.process');
});
afterAll(async () => {
  await store.close();
  await watcher.end();
});

async function pending(): Promise<Delivery> {
  const one = delivery({ planId: randomUUID() });
  await store.commit({ deliveries: [one], ...nothing });
  return one;
}

/** Another process of Tactus that has leased these for an hour. */
async function holder(...ids: readonly string[]) {
  const script = fileURLToPath(new URL('lease-holder.ts', import.meta.url));
  const child = spawn(process.execPath, [script, database.connectionString, start, ...ids], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, leased: JSON.parse(String(line)) as readonly LeasedDelivery[] };
}

/** Numbers of the processes that live. */
async function alive(): Promise<readonly number[]> {
  const text = `select objid::int as number from pg_locks where locktype = 'advisory' and classid = $1::int::oid
    and database = (select oid from pg_database where datname = current_database())`;
  return (await watcher.query(text, [ownerLockClass])).rows.map(({ number }) => number);
}

async function ownerOf({ id }: Delivery): Promise<number> {
  const { rows } = await watcher.query('select lease_owner from tactus.delivery where id = $1', [id]);
  return rows[0].lease_owner;
}

async function until(number: number, isAlive: boolean): Promise<void> {
  while ((await alive()).includes(number) !== isAlive) await wait(20);
}

async function killed(child: ChildProcess, one: Delivery): Promise<void> {
  const number = await ownerOf(one);
  expect(await alive()).toContain(number);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until(number, false);
}

describe('what a process has leased', () => {
  it('stays its own as long as it lives, however long that is', async () => {
    const one = await pending();
    await holder(one.id);
    for (const second of [0, 10, 3000]) expect(await store.takeOver(at(second), graceSeconds)).toBe(0);
    expect(await store.lease([one.id], at(3000), 60)).toEqual([]);
  });

  it('is queued again when it was killed and was found dead twice, a grace apart', async () => {
    const [one, other] = [await pending(), await pending()];
    const { child } = await holder(one.id, other.id);
    await killed(child, other);
    expect(await store.takeOver(at(100), graceSeconds)).toBe(0);
    expect(await store.takeOver(at(103.999), graceSeconds)).toBe(0);
    expect(await store.lease([one.id], at(103.999), 60)).toEqual([]);
    expect(await store.takeOver(at(104), graceSeconds)).toBe(2);
    expect(await store.takeOver(at(200), graceSeconds)).toBe(0);
    const { rows } = await watcher.query('select subject from tactus.outbox');
    expect(rows.map(({ subject }) => subject).sort()).toEqual([one.id, other.id].sort());
    expect(await store.lease([one.id], at(104), 60)).toHaveLength(1);
  });

  it('can be settled by nobody who was taken for dead, before and after somebody else has it', async () => {
    const one = await pending();
    const { child, leased } = await holder(one.id);
    const [stale] = leased;
    if (stale === undefined) throw new Error('nothing was leased');
    await killed(child, one);
    await store.takeOver(at(100), graceSeconds);
    await store.takeOver(at(104), graceSeconds);
    const settlement = { kind: 'superseded' } as const;
    expect(await store.settle(stale, settlement, at(105), nothing)).toBe(false);
    const [next] = await store.lease([one.id], at(106), 60);
    expect(await store.settle(stale, settlement, at(107), nothing)).toBe(false);
    expect((await store.delivery(one.id))?.state).toBe('pending');
    expect(next && (await store.settle(next, settlement, at(108), nothing))).toBe(true);
  });

  it('that was sent meanwhile is not queued again', async () => {
    const [one, other] = [await pending(), await pending()];
    const { child, leased } = await holder(one.id, other.id);
    const sent = leased.find((each) => each.delivery.id === one.id);
    const settlement = { kind: 'sent', body: {}, proof: [], sentVersion: 0 } as const;
    expect(sent && (await store.settle(sent, settlement, at(1), nothing))).toBe(true);
    await killed(child, other);
    await store.takeOver(at(100), graceSeconds);
    expect(await store.takeOver(at(104), graceSeconds)).toBe(1);
  });

  it('stays its own when its connection broke and came back within the grace', async () => {
    const one = await pending();
    const another = await openStore({ connectionString: database.connectionString });
    try {
      expect(await another.lease([one.id], start, 3600)).toHaveLength(1);
      const number = await ownerOf(one);
      await watcher.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = $1::int::oid
         and objid = $2::int::oid and database = (select oid from pg_database where datname = current_database())`,
        [ownerLockClass, number],
      );
      await until(number, false);
      expect(await store.takeOver(at(100), graceSeconds)).toBe(0);
      await until(number, true);
      expect(await store.takeOver(at(1000), graceSeconds)).toBe(0);
      expect(await store.takeOver(at(2000), graceSeconds)).toBe(0);
    } finally {
      await another.close();
    }
  });

  it('is given back when it stopped by itself and still had something', async () => {
    const one = await pending();
    const another = await openStore({ connectionString: database.connectionString });
    await another.lease([one.id], start, 3600);
    const number = await ownerOf(one);
    await another.close();
    await until(number, false);
    await store.takeOver(at(100), graceSeconds);
    expect(await store.takeOver(at(104), graceSeconds)).toBe(1);
  });
});

describe('behind a pooler that gives each statement another session', () => {
  it('a process has no number, so that only time ends its leases', async () => {
    const connection = connect({ connectionString: database.connectionString });
    const owner = openOwner(pooled(connection));
    try {
      expect(await owner.number()).toBe(null);
      expect(await owner.number()).toBe(null);
      expect((await watcher.query('select count(*)::int as count from tactus.process')).rows[0].count).toBe(0);
    } finally {
      await owner.close();
      await connection.close();
    }
  });

  it('a process that finds its lock in another session later has no number any more', async () => {
    const connection = connect({ connectionString: database.connectionString });
    const session = connection.dedicated();
    const owner = openOwner({ ...connection, dedicated: () => session }, 20);
    try {
      const number = await owner.number();
      expect(number).toBeGreaterThan(0);
      // What a pooler does when it closes the session behind an open connection: the lock is gone, the client stays.
      await session.query('select pg_advisory_unlock_all()');
      while ((await owner.number()) !== null) await wait(5);
      expect(await alive()).not.toContain(number);
    } finally {
      await owner.close();
      await connection.close();
    }
  });
});

/** Two sessions in turn behind one client. */
function pooled(connection: Connection): Connection {
  return {
    ...connection,
    dedicated: () => {
      const [one, other] = [connection.dedicated(), connection.dedicated()];
      let turn = 0;
      return {
        on: () => {},
        connect: async () => void (await Promise.all([one.connect(), other.connect()])),
        query: (...told: Parameters<pg.Client['query']>) => (turn++ % 2 === 0 ? one : other).query(...told),
        end: async () => void (await Promise.all([one.end(), other.end()])),
      } as unknown as pg.Client;
    },
  };
}
