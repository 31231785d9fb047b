import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';

const run = promisify(execFile);

export const superuser = 'tactus';

export interface Cluster {
  /** PGDATA. */
  readonly path: string;
  readonly password: string;
}

/**
 * Open the cluster in `folder`, or make one: checksums on, passwords by SCRAM, a random password in a file that only
 * the owner reads. It is made beside its place and renamed when complete, so that a killed start leaves no half of one.
 * @throws when another major version of PostgreSQL made it: its files are not readable by this one.
 * @see https://www.postgresql.org/docs/18/upgrading.html
 */
export async function openCluster(folder: string, binaries: Binaries, account: Account | undefined): Promise<Cluster> {
  const path = join(folder, 'cluster');
  const recorded = await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (recorded === undefined) await createCluster(folder, path, binaries, account);
  else if (Number(recorded) !== binaries.major) {
    throw new Error(
      `The database in ${path} was made by PostgreSQL ${recorded.trim()}, and PostgreSQL ${binaries.major} cannot read it. ` +
        `Dump it with PostgreSQL ${recorded.trim()} and restore it, or install the Tactus version that made it.`,
    );
  }
  return { path, password: await readFile(join(path, 'tactus-password'), 'utf8') };
}

async function createCluster(
  folder: string,
  path: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('cluster.draft-')) await rm(join(folder, name), { recursive: true, force: true });
  }
  const draft = join(folder, `cluster.draft-${process.pid}`);
  const passwordFile = join(folder, `password.draft-${process.pid}`);
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (account) for (const file of [draft, passwordFile]) await chown(file, account.uid, account.gid);
  const options = ['-D', draft, '-U', superuser, '-A', 'scram-sha-256', '--pwfile', passwordFile];
  // One sync of the file system instead of one a file.
  if (process.platform === 'linux' && binaries.major >= 17) options.push('--sync-method=syncfs');
  await run(
    join(binaries.bin, 'initdb'),
    [...options, '-E', 'UTF8', '--locale=C', '--data-checksums'],
    spawnOptions(account),
  );
  await rename(passwordFile, join(draft, 'tactus-password'));
  await chmod(draft, 0o700);
  await rename(draft, path);
}

/** An environment without our settings and secrets; a working folder that every account may enter. */
export function spawnOptions(account: Account | undefined) {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return { cwd: '/', env, ...(account ? { uid: account.uid, gid: account.gid } : {}) };
}
