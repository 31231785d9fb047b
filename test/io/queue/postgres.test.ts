import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPostgresBackend, withBackend } from 'bullmq';
import pg from 'pg';
import { expect, it } from 'vitest';
import { openQueue } from '../../../src/io/queue/open.ts';
import { withSharedDatabase } from '../store/database.ts';
import { queueConformance } from './conformance.ts';

const database = withSharedDatabase();
queueConformance({ backend: async () => ({ kind: 'postgres', connectionString: await database.another() }) });

it('a pack whose process was killed is done by another', { timeout: 60_000 }, async () => {
  const connectionString = await database.another();
  const queue = await openQueue({ backend: { kind: 'postgres', connectionString } });
  const script = fileURLToPath(new URL('worker-that-hangs.ts', import.meta.url));
  const child = spawn(process.execPath, [script, connectionString], { stdio: ['ignore', 'pipe', 'inherit'] });
  await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  expect(line).toBe('d1');
  child.kill('SIGKILL');
  const done = Promise.withResolvers<readonly string[]>();
  await queue.work('delivery', async (pack) => done.resolve(pack.ids), 1);
  expect(await done.promise).toEqual(['d1']);
  await queue.close(1000);
});

it('a failed pack keeps the kind of the error and none of its words', async () => {
  const connectionString = await database.another();
  const queue = await openQueue({ backend: { kind: 'postgres', connectionString }, backoffMs: 1 });
  const fail = async () => {
    throw new TypeError('Maria Example, born 1980');
  };
  await queue.work('delivery', fail, 1);
  await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
  while ((await queue.counts()).delivery.failed !== 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const pool = new pg.Pool({ connectionString });
  const { rows } = await pool.query('select job::text as text from bullmq.job');
  expect(rows).toHaveLength(1);
  expect(rows[0].text).toContain('TypeError');
  expect(rows[0].text).not.toContain('Maria');
  await queue.close(0);
  await pool.end();
});

it('a clinic reads the feed of plans with BullMQ alone: one plan a job, its id and nothing else', async () => {
  const connectionString = await database.another();
  const queue = await openQueue({ backend: { kind: 'postgres', connectionString } });
  await queue.add('plans', [{ ids: ['p1', 'p2'], priority: 10 }]);
  const pool = new pg.Pool({ connectionString, options: '-c search_path=bullmq,public' });
  const { Worker } = withBackend(createPostgresBackend);
  const read: { name: string; data: { planId: string } }[] = [];
  const both = Promise.withResolvers<void>();
  const consumer = new Worker(
    'plans',
    async (job) => {
      read.push({ name: job.name, data: job.data });
      if (read.length === 2) both.resolve();
    },
    { connection: pool },
  );
  await both.promise;
  // Plans of one call come in any order.
  expect(read.sort((a, b) => a.data.planId.localeCompare(b.data.planId))).toEqual([
    { name: 'plan', data: { planId: 'p1' } },
    { name: 'plan', data: { planId: 'p2' } },
  ]);
  await consumer.close();
  await queue.close(0);
  await pool.end();
});

it('a database that does not answer is told at the start', async () => {
  const connectionString = database.connectionString.replace(/:\d+\/.*$/, ':1/tactus');
  await expect(openQueue({ backend: { kind: 'postgres', connectionString } })).rejects.toThrow('ECONNREFUSED');
});
