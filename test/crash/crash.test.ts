import type { Bundle, Task } from '@medplum/fhirtypes';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { hasRedis, startRedis } from '../io/queue/redis-server.ts';
import { withDatabase } from '../io/store/database.ts';
import { runStorm, type Storm } from './storm.ts';

/**
 * Promises 1 and 2 under fire: processes are killed with SIGKILL at random, the database once, and the hospital is at
 * times down or drops the connection after it took something. What was answered with 2xx must be there, once.
 */
const database = withDatabase();
const size = { referrals: 300, sessions: 200, kills: 20 } as const;
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
      const disaster = async () => void process.kill(database.server.pid, 'SIGKILL');
      storm = await runStorm({ ...size, connectionString: database.connectionString, seed: 11, disaster });
      await expectPromisesKept(storm);
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
        storm = await runStorm({ ...size, connectionString, redisUrl: redis.url, seed: 12, disaster });
        await expectPromisesKept(storm);
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

async function expectPromisesKept({ promised, kills, store, hospital }: Storm): Promise<void> {
  expect(kills).toBeGreaterThanOrEqual(size.kills);
  expect(promised.referrals.size).toBe(size.referrals);
  expect(promised.sessions.size).toBe(size.sessions);
  const faults: string[] = [];
  const plans = new Set<string>();
  for (const [number, referralId] of promised.referrals) {
    const record = await store.planOfReferral(referralId);
    if (record === undefined) faults.push(`Referral ${number} has no plan.`);
    else {
      plans.add(record.plan.planId);
      faults.push(...(await faultsOfAnswer(record.plan.planId, record.plan.status, hospital)));
    }
  }
  for (const sessionId of promised.sessions) {
    const count = await countAt(hospital, `/Procedure?identifier=https://tactus.example/fhir/sid/session|${sessionId}`);
    if (count !== 1) faults.push(`Session ${sessionId} is ${count} Procedures at the hospital.`);
  }
  const waiting = await store.waitingDeliveries(10);
  faults.push(...waiting.map(({ id, issues }) => `Delivery ${id} waits: ${issues[0]?.message}`));
  expect(plans.size).toBe(size.referrals);
  expect(faults).toEqual([]);
}

const taskStatus: Readonly<Record<string, string>> = { accepted: 'accepted', completed: 'completed' };

/** One Task a referral at the hospital, and it says what the plan says. */
async function faultsOfAnswer(planId: string, status: string, hospital: Storm['hospital']): Promise<string[]> {
  const bundle = (await hospital(
    `/Task?identifier=https://tactus.example/fhir/sid/plan|${planId}`,
  )) as unknown as Bundle<Task>;
  const tasks = bundle.entry ?? [];
  if (tasks.length !== 1) return [`Plan ${planId} has ${tasks.length} Tasks at the hospital.`];
  const told = tasks[0]?.resource?.status;
  return told === taskStatus[status] ? [] : [`Plan ${planId} is ${status}, its Task at the hospital says ${told}.`];
}

async function countAt(hospital: Storm['hospital'], path: string): Promise<number> {
  return ((await hospital(path)) as { readonly total?: number }).total ?? 0;
}
