import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { openQueue } from '../../../src/io/queue/open.ts';
import { withDatabase } from '../store/database.ts';

// Servers are killed and come back here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const database = withDatabase();

it('a queue in PostgreSQL outlives a PostgreSQL that is killed: what was added is done, and workers go on', async () => {
  const lines = new Set<string>();
  const queue = await openQueue({
    backend: { kind: 'postgres', connectionString: database.connectionString },
    backoffMs: 20,
    log: (line) => lines.add(line),
  });
  const seen = new Set<string>();
  const added: string[] = [];
  const all = Promise.withResolvers<void>();
  let adding = true;
  const check = () => {
    if (!adding && added.every((id) => seen.has(id))) all.resolve();
  };
  await queue.work(
    'delivery',
    async ({ ids }) => {
      for (const id of ids) seen.add(id);
      check();
    },
    4,
  );
  for (let index = 0; index < 120; index += 1) {
    const id = `d${index}`;
    if (index === 40) process.kill(database.server.pid, 'SIGKILL');
    // What could not be added stays in the outbox: the relay would come again.
    for (let isAdded = false; !isAdded; ) {
      isAdded = await queue.add('delivery', [{ ids: [id], priority: 10 }]).then(
        () => true,
        () => pause(20).then(() => false),
      );
    }
    // The server that was killed may have lost the last moment of the queue; the outbox's own commit rules that out.
    if (index > 40) added.push(id);
  }
  adding = false;
  check();
  await all.promise;
  await queue.ping();
  for (const line of lines) expect(line).toMatch(/^Queue in PostgreSQL: \w+\.$/);
  await queue.close(1000);
});
