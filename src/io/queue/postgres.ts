import { createPostgresBackend, runMigrations, withBackend } from 'bullmq';
import pg from 'pg';
import { type Backend, eventsKept, jobDefaults, workerDefaults } from './backend.ts';

const bull = withBackend(createPostgresBackend);

/** Each worker keeps one connection for waiting; the others are shared. */
const poolSize = 10;

/**
 * BullMQ in the schema `bullmq` of our own database.
 *
 * Its commits need not wait for the disk: an outbox row is deleted after its job was added, by a commit that does wait,
 * and what is on disk then includes everything before it. A crash can only make a finished job run again.
 * @see https://www.postgresql.org/docs/18/wal-async-commit.html
 */
export async function postgresBackend(
  connectionString: string,
  backoffMs: number,
  log: (line: string) => void,
): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'tactus-queue',
    options: '-c search_path=bullmq,public -c synchronous_commit=off',
  });
  pool.on('error', () => {});
  // A session that ends while BullMQ is between two statements must not end our process.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.setMaxListeners(50);
  try {
    const client = await pool.connect();
    await runMigrations(client, 'bullmq').finally(() => client.release());
  } catch (error) {
    await pool.end();
    throw error;
  }
  const heard = (error: Error) => log(`Queue in PostgreSQL: ${error.name}.`);
  return {
    queue(name) {
      const options = { connection: pool, defaultJobOptions: jobDefaults(backoffMs), streams: eventsKept };
      return new bull.Queue<unknown, void, string>(name, options).on('error', heard);
    },
    worker(name, processor, concurrency) {
      const options = { connection: pool, concurrency, ...workerDefaults };
      return new bull.Worker<unknown, void, string>(name, processor, options).on('error', heard);
    },
    async ping() {
      await pool.query('select 1');
    },
    close: () => pool.end(),
  };
}
