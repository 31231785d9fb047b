import { Queue as BullQueue, Worker as BullWorker } from 'bullmq';
import { Redis } from 'ioredis';
import { type Backend, eventsKept, jobDefaults, workerDefaults } from './backend.ts';

/** A command that is not answered within this time has failed; the outbox keeps the work. */
const commandTimeoutMs = 5000;
/** After an outage, look again every second. */
const retryStrategy = () => 1000;

/**
 * BullMQ on Redis.
 * @throws when Redis does not answer, or does not keep what it is given: it must not evict (noeviction) and must write
 *   what it has to disk (appendonly). `allowUnsafe` turns the second into a warning.
 */
export async function redisBackend(
  url: string,
  allowUnsafe: boolean,
  backoffMs: number,
  log: (line: string) => void,
): Promise<Backend> {
  // A producer must fail and not wait for ever: the relay holds outbox rows while it adds.
  const producer = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: commandTimeoutMs, retryStrategy });
  producer.on('error', () => {});
  try {
    await refuseUnsafe(producer, allowUnsafe, log);
  } catch (error) {
    producer.disconnect();
    throw error;
  }
  const heard = (error: Error) => log(`Queue in Redis: ${error.name}.`);
  const waiting: Redis[] = [];
  return {
    queue(name) {
      const options = { connection: producer, defaultJobOptions: jobDefaults(backoffMs), streams: eventsKept };
      return new BullQueue<unknown, void, string>(name, options).on('error', heard);
    },
    worker(name, processor, concurrency) {
      // BullMQ wants a waiting connection to try for ever.
      const connection = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
      connection.on('error', () => {});
      waiting.push(connection);
      const options = { connection, concurrency, ...workerDefaults };
      return new BullWorker<unknown, void, string>(name, processor, options).on('error', heard);
    },
    async ping() {
      await producer.ping();
    },
    async close() {
      for (const connection of [producer, ...waiting]) connection.disconnect();
    },
  };
}

/** Measured: with allkeys-lru 9,789 of 15,000 acknowledged jobs vanished; without AOF a killed Redis forgot all. */
async function refuseUnsafe(redis: Redis, allowUnsafe: boolean, log: (line: string) => void): Promise<void> {
  const wanted = { 'maxmemory-policy': 'noeviction', appendonly: 'yes' };
  const faults: string[] = [];
  await redis.ping().catch((error: Error) => {
    throw new Error(
      `Redis does not answer (${error.message}). Check REDIS_URL, or unset it for a queue in PostgreSQL.`,
    );
  });
  for (const [name, value] of Object.entries(wanted)) {
    const answer = await redis.config('GET', name).catch(() => undefined);
    const has = Array.isArray(answer) ? answer[1] : undefined;
    if (has !== value) faults.push(`${name} is ${has ?? 'not told'} and should be ${value}`);
  }
  if (faults.length === 0) return;
  const sentence = `Redis may lose what it was given: ${faults.join('; ')}.`;
  if (!allowUnsafe) throw new Error(`${sentence} Set it in the configuration of Redis.`);
  log(`${sentence} Tactus starts all the same, because it was told to; the sweep restores what is lost.`);
}
