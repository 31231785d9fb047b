import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A process of Tactus that is started again whenever it dies, as a service manager would. */
export interface Supervised {
  /** SIGKILL: no chance to tidy up. @returns whether there was a process to kill. */
  kill(): boolean;
  /** How often it was started. */
  readonly starts: () => number;
  /** Ends it for good. */
  stop(): Promise<void>;
  /** What it said on standard error. */
  readonly complaints: () => string;
}

export function supervise(env: Readonly<Record<string, string>>): Supervised {
  let child: ChildProcess | undefined;
  let stopped = false;
  let starts = 0;
  let complaints = '';
  const begin = () => {
    if (stopped) return;
    starts++;
    child = spawn(process.execPath, [join(root, 'src/main.ts')], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints = `${complaints}${chunk}`.slice(-4000);
    });
    child.once('exit', () => {
      child = undefined;
      void wait(50).then(begin);
    });
  };
  begin();
  return {
    kill: () => child?.kill('SIGKILL') ?? false,
    starts: () => starts,
    complaints: () => complaints,
    stop: async () => {
      stopped = true;
      const last = child;
      if (last === undefined) return;
      const gone = new Promise((resolve) => last.once('exit', resolve));
      last.kill('SIGTERM');
      const force = setTimeout(() => last.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(force);
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
