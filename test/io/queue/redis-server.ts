import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** False where no redis-server is on PATH: the tests that need one are then skipped, and a line says so. */
export const hasRedis = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('No redis-server on PATH: the tests on Redis are skipped.');
    return false;
  }
})();

export interface RedisServer {
  readonly url: string;
  /** kill -9, and the same server again on the same files. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** A server of its own on a free port, with the settings that Tactus asks for unless others are given. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tactus-redis-'));
  const port = await freePort();
  const all = { appendonly: 'yes', 'maxmemory-policy': 'noeviction', save: '', ...settings };
  const options = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const run = async (): Promise<ChildProcess> => {
    const command = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...options];
    const child = spawn('redis-server', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('Ready to accept connections')) break;
    }
    child.stdout.resume();
    return child;
  };
  let server = await run();
  const end = async (signal: NodeJS.Signals) => {
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async killAndRestart() {
      await end('SIGKILL');
      server = await run();
    },
    async stop() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
