import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { superuser } from './cluster.ts';
import { isAlive } from './owner.ts';

/**
 * The database of a Tactus that runs now on the same data folder: so that a command can add a token beside it.
 *
 * @param dataDir `<TACTUS_DATA>/postgres`.
 * @returns Its connection string; undefined when no PostgreSQL runs there.
 * @see https://www.postgresql.org/docs/18/storage-file-layout.html (postmaster.pid: process id in line 1, port in line 4)
 */
export async function runningConnection(dataDir: string): Promise<string | undefined> {
  const cluster = join(dataDir, 'cluster');
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0 || !isAlive(pid)) return undefined;
  const password = await readFile(join(cluster, 'tactus-password'), 'utf8').catch(() => undefined);
  return password === undefined ? undefined : `postgres://${superuser}:${password}@127.0.0.1:${port}/tactus`;
}
