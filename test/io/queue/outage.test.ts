import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { runRelay } from '../../../src/flows/relay.ts';
import { openQueue } from '../../../src/io/queue/open.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withDatabase } from '../store/database.ts';
import { wake } from '../store/examples.ts';

// Servers are killed and come back here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const database = withDatabase();

it('a PostgreSQL that is killed loses no work of outbox, relay and queue, and workers go on', async () => {
  const { connectionString } = database;
  const lines = new Set<string>();
  const log = (line: string) => lines.add(line);
  const queue = await openQueue({ backend: { kind: 'postgres', connectionString }, backoffMs: 20, log });
  const store = await openStore({ connectionString });
  let stopped = false;
  const relay = runRelay({
    takeOutbox: store.takeOutbox,
    outboxSignal: store.outboxSignal,
    queue,
    now: () => new Date().toISOString(),
    stopped: () => stopped,
    failed: () => {},
    wait: (milliseconds) => pause(milliseconds),
  });
  const ids = Array.from({ length: 150 }, (_, index) => `d${index}`);
  const missing = new Set(ids);
  const all = Promise.withResolvers<void>();
  const take = async (pack: { readonly ids: readonly string[] }) => {
    for (const id of pack.ids) missing.delete(id);
    if (missing.size === 0) all.resolve();
  };
  await queue.work('delivery', take, 4);
  for (const id of ids) {
    if (id === 'd60') process.kill(database.server.pid, 'SIGKILL');
    const writes = { history: [], outbox: [wake('delivery', id, { dueAt: new Date().toISOString() })] };
    while (!(await store.commit(writes).catch(() => undefined))) await pause(20);
  }
  await all.promise;
  await queue.ping();
  for (const line of lines) expect(line).toMatch(/^Queue in PostgreSQL: \w+\.$/);
  stopped = true;
  await relay;
  await queue.close(1000);
  await store.close();
});
