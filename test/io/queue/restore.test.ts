import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relayDefaults, runRelay } from '../../../src/flows/relay.ts';
import type { Store } from '../../../src/flows/store.ts';
import { openQueue } from '../../../src/io/queue/open.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from '../store/database.ts';
import { at, delivery, nothing, plan, referral, start, wake } from '../store/examples.ts';
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts';

const database = withSharedDatabase();

/** Store, outbox, relay and queue together, on real servers. */
describe.skipIf(!hasRedis)('a Redis that forgets everything', () => {
  let server: RedisServer;
  let store: Store;
  beforeAll(async () => {
    server = await startRedis();
    store = await openStore({ connectionString: database.connectionString });
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it('loses no work: the sweep finds what was queued and not done, and only that', async () => {
    const queue = await openQueue({ backend: { kind: 'redis', url: server.url } });
    const records = Array.from({ length: 40 }, () => referral());
    const deliveries = Array.from({ length: 40 }, () => delivery());
    for (const record of records) {
      await store.commit({ referral: { record, expect: 0 }, history: [], outbox: [wake('intake', record.id)] });
    }
    await store.commit({ deliveries, history: [], outbox: deliveries.map(({ id }) => wake('delivery', id)) });
    const relayUntilEmpty = (now: string) =>
      runRelay({
        takeOutbox: async (...given) => {
          left = await store.takeOutbox(...given);
          return left;
        },
        outboxSignal: async () => {},
        queue,
        now: () => now,
        stopped: () => left === 0,
        failed: (error) => expect(error).toBeUndefined(),
        wait: async () => {},
      });
    let left = -1;
    await relayUntilEmpty(start);
    const done = records.slice(0, 15);
    for (const record of done) {
      await store.commit({ plan: { record: plan({ referralId: record.id }), expect: 0 }, ...nothing });
    }
    const client = new Redis(server.url);
    await client.flushall();
    client.disconnect();
    expect((await queue.counts()).delivery).toMatchObject({ wait: 0, prioritized: 0 });

    expect(await store.sweep(at(61), 60)).toBe(25 + 40);
    left = -1;
    await relayUntilEmpty(at(61));
    const seen = new Set<string>();
    const all = Promise.withResolvers<void>();
    const take = async ({ ids }: { readonly ids: readonly string[] }) => {
      for (const id of ids) seen.add(id);
      if (seen.size === 65) all.resolve();
    };
    await queue.work('intake', take, relayDefaults.spread);
    await queue.work('delivery', take, relayDefaults.spread);
    await all.promise;
    expect(seen).toEqual(new Set([...records.slice(15), ...deliveries].map(({ id }) => id)));
    await queue.close(1000);
  });
});
