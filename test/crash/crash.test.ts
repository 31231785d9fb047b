import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { hasRedis, startRedis } from '../io/queue/redis-server.ts';
import { withDatabase } from '../io/store/database.ts';
import { faultsOf } from './promises.ts';
import { stories } from './stories.ts';
import { runStorm, type Storm } from './storm.ts';

/**
 * Promises 1 and 2 under fire: processes are killed with SIGKILL at random, the database once, and the hospital is at
 * times down or drops the connection after it took something. Orders are sent, changed, put on hold, withdrawn and
 * cancelled, questions answered, sessions given and courses stopped meanwhile. What was answered with 2xx must be there,
 * once.
 */
const database = withDatabase();
const kills = 20;
const limitMilliseconds = 600_000;

let storm: Storm | undefined;
afterEach(async () => {
  await storm?.close();
  storm = undefined;
});

describe('after a storm', () => {
  it(
    'with the queue in PostgreSQL and PostgreSQL killed once, every promise is kept',
    async () => {
      const { connectionString } = database;
      const disaster = async () => void process.kill(database.server.pid, 'SIGKILL');
      storm = await runStorm({ kills, connectionString, seed: 11, disaster });
      await expectPromisesKept(storm, connectionString);
    },
    limitMilliseconds,
  );

  it.skipIf(!hasRedis)(
    'with the queue in Redis and Redis emptied once, every promise is kept',
    async () => {
      const redis = await startRedis();
      try {
        const connectionString = await database.another();
        const disaster = () => emptied(redis.url);
        storm = await runStorm({ kills, connectionString, redisUrl: redis.url, seed: 12, disaster });
        await expectPromisesKept(storm, connectionString);
        await storm.close();
        storm = undefined;
      } finally {
        await redis.stop();
      }
    },
    limitMilliseconds,
  );
});

async function emptied(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  await client.quit();
}

async function expectPromisesKept(done: Storm, connectionString: string): Promise<void> {
  expect(done.kills).toBeGreaterThanOrEqual(kills);
  expect(done.told.length).toBe(300);
  expect(new Set(done.told.map(({ story }) => story)).size).toBe(stories.length);
  expect(done.told.flatMap(({ ending }) => ending.sessions).length).toBeGreaterThanOrEqual(200);
  expect(await faultsOf(done, connectionString)).toEqual([]);
}
