import { startPostgres } from '../../../src/io/postgres/start.ts';

/** A process with a PostgreSQL of its own, for tests that kill it. Says where it is, then waits. */
const [dataDir = ''] = process.argv.slice(2);
try {
  const { connectionString, pid } = await startPostgres({ dataDir });
  process.stdout.write(`${JSON.stringify({ connectionString, pid })}\n`);
  process.stdin.resume();
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
}
