import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { openStore } from '../../src/io/store/open.ts';
import { home } from '../../src/start/run.ts';
import { withSharedDatabase } from '../io/store/database.ts';
import { delivery, nothing } from '../io/store/examples.ts';

const database = withSharedDatabase();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(home, script), ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

it('a worker goes on with what a killed process had leased, long before the lease ends', async () => {
  const store = await openStore({ connectionString: database.connectionString });
  try {
    const one = delivery({ planId: 'no-such-plan', dueAt: '2020-01-01T00:00:00.000Z' });
    await store.commit({ deliveries: [one], ...nothing });
    const now = new Date().toISOString();
    const dead = run('test/io/store/lease-holder.ts', [database.connectionString, now, one.id]);
    if (dead.stdout === null) throw new Error('The process has no standard output.');
    await once(createInterface({ input: dead.stdout }), 'line');
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    run('src/main.ts', [], { DATABASE_URL: database.connectionString, TACTUS_ROLE: 'worker', LOG_LEVEL: 'fatal' });
    // Its plan is not here, so that it waits for a person: the worker has had it in hand. The lease lasts an hour.
    while ((await store.delivery(one.id))?.state === 'pending') await wait(50);
    expect(await store.delivery(one.id)).toMatchObject({
      state: 'waiting',
      issues: [{ code: 'plan-missing' }],
      attempts: 2,
    });
  } finally {
    await store.close();
  }
}, 120_000);
