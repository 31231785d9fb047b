import type { Store } from '../../flows/store.ts';
import { referralsBySentId } from './by-sent-id.ts';
import { commit } from './commit.ts';
import { type Connection, type ConnectionOptions, connect } from './connection.ts';
import { deliveriesOfPlan, deliveryById, retry, waitingDeliveries } from './deliveries.ts';
import { duePlans } from './due.ts';
import { withEarlier } from './layers.ts';
import { lease } from './lease.ts';
import { migrate } from './migrate.ts';
import { allQueues, type OutboxSignal, openSignal, takeOutbox } from './outbox.ts';
import { type Owner, openOwner } from './owner.ts';
import * as read from './read.ts';
import { forgetRefused, keepRefused, refusedItems } from './refused.ts';
import { settle } from './settle.ts';
import { sweep } from './sweep.ts';
import { takeOver } from './take-over.ts';
import { addToken, revokeTokens, tokenByHash } from './tokens.ts';

export interface StoreOptions extends ConnectionOptions {
  /** Start although the server does not keep what it acknowledged (fsync off); only for tests of others. */
  readonly allowUnsafe?: boolean;
}

const migrationTimeoutMs = 600_000;

/**
 * Open the store: connect, bring the tables up to date, and see that the server keeps what it acknowledges.
 * @throws StoreUnavailable when the database does not answer; an Error with a sentence when it is not safe.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const connection = connect(options);
  try {
    if (!options.allowUnsafe) await refuseUnsafe(connection);
    await migrateAlone(options);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return storeOn(connection, openSignal(connection), openOwner(connection));
}

/** On connections of its own: a change to a large table may take longer than a statement of daily work. */
async function migrateAlone(options: StoreOptions): Promise<void> {
  const connection = connect({ ...options, poolSize: 2, statementTimeoutMs: migrationTimeoutMs });
  await migrate(connection.kysely).finally(() => connection.close());
}

function storeOn(connection: Connection, signal: OutboxSignal, owner: Owner): Store {
  return {
    async commit(writes) {
      const result = await commit(connection, writes);
      if (result.kind === 'done' && writes.outbox.length > 0) signal.wrote();
      return result;
    },
    referral: async (id) => withEarlier(connection, await read.referralById(connection, id)),
    referralByPlacer: async (partner, placer) =>
      withEarlier(connection, await read.referralByPlacer(connection, partner, placer)),
    referralsBySentId: (partner, id) => referralsBySentId(connection, partner, id),
    referralVersion: async (id, version) =>
      withEarlier(connection, await read.referralVersion(connection, id, version)),
    referralText: (id, version) => read.referralText(connection, id, version),
    plan: (id) => read.planById(connection, id),
    planOfReferral: (id) => read.planOfReferral(connection, id),
    plans: (query) => read.plans(connection, query),
    duePlans: (query) => duePlans(connection, query),
    session: (id) => read.sessionById(connection, id),
    sessionsOfPlan: (id) => read.sessionsOfPlan(connection, id),
    course: (planId, sessionId) => read.course(connection, planId, sessionId),
    delivery: (id) => deliveryById(connection, id),
    deliveriesOfPlan: (id) => deliveriesOfPlan(connection, id),
    waitingDeliveries: (limit) => waitingDeliveries(connection, limit),
    lease: async (ids, now, seconds) => lease(connection, ids, now, seconds, await owner.number()),
    async settle(leased, settlement, now, then) {
      const done = await settle(connection, leased, settlement, now, then);
      if (done) signal.wrote();
      return done;
    },
    async retry(id, now, by) {
      const done = await retry(connection, id, now, by);
      if (done) signal.wrote();
      return done;
    },
    history: (about, id) => read.history(connection, about, id),
    takeOutbox: (now, limit, forward, queues) =>
      takeOutbox(connection, { now, limit, queues: queues ?? allQueues }, forward),
    outboxSignal: (milliseconds) => signal.wait(milliseconds),
    async sweep(now, seconds) {
      const count = await sweep(connection, now, seconds);
      if (count > 0) signal.wrote();
      return count;
    },
    async takeOver(now, graceSeconds) {
      const count = await takeOver(connection, now, graceSeconds);
      if (count > 0) signal.wrote();
      return count;
    },
    keepRefused: (item) => keepRefused(connection, item),
    refusedItems: (query) => refusedItems(connection, query),
    forgetRefused: (before) => forgetRefused(connection, before),
    tokenByHash: (hash) => tokenByHash(connection, hash),
    addToken: (token, now) => addToken(connection, token, now),
    revokeTokens: (audience, owner, now) => revokeTokens(connection, audience, owner, now),
    async ping() {
      await connection.query({ text: 'select 1', values: [] });
    },
    async close() {
      await signal.close();
      await owner.close();
      await connection.close();
    },
  };
}

/** @see https://www.postgresql.org/docs/18/runtime-config-wal.html */
async function refuseUnsafe(connection: Connection): Promise<void> {
  const text = `select name from pg_settings where name in ('fsync', 'full_page_writes')
    and setting = 'off'`;
  const off = (await connection.query({ text, values: [] }, 'repeatable')).map((row) => row.name);
  if (off.length === 0) return;
  throw new Error(
    `The database runs with ${off.join(' and ')} off, so it may lose what it has acknowledged. Turn it on; ` +
      'Tactus answers 201 only for what is kept.',
  );
}
