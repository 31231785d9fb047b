import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { startPostgres } from '../../../src/io/postgres/start.ts';

/**
 * One PostgreSQL for a whole run of vitest: making a cluster costs more than most test files. It belongs to vitest's
 * main process, whose workers share it, and ends when that process does.
 */
export async function sharedPostgres(): Promise<string> {
  const run = isMainThread ? process.ppid : process.pid;
  const folder = join(tmpdir(), `tactus-test-run-${run}`);
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const script = fileURLToPath(import.meta.url);
    spawn(process.execPath, [script, folder, String(run)], { stdio: 'ignore', detached: true }).unref();
  }
  for (;;) {
    const text = await readFile(join(folder, 'address'), 'utf8').catch(() => '');
    if (text.startsWith('postgres:')) return text;
    if (text !== '') throw new Error(text);
    await pause(20);
  }
}

/** The process that keeps it: started above, with the folder and the process that it belongs to. */
async function keep(folder: string, run: number): Promise<void> {
  const tell = async (text: string) => {
    await writeFile(join(folder, 'address.draft'), text, { mode: 0o600 });
    await rename(join(folder, 'address.draft'), join(folder, 'address'));
  };
  const server = await startPostgres({ dataDir: join(folder, 'postgres') }).catch((error) => tell(String(error)));
  if (server) await tell(server.connectionString);
  while (isAlive(run)) await pause(250);
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await keep(process.argv[2] ?? '', Number(process.argv[3]));
}
