import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Who PostgreSQL runs as; `undefined` means as ourselves. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so root lends it an unprivileged account that exists everywhere.
 * @see https://www.postgresql.org/docs/18/postgres-user.html
 * @throws when we are root and /etc/passwd names neither postgres nor nobody.
 */
export async function accountForPostgres(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const entry = lines.find((fields) => fields[0] === name);
    // macOS writes the account nobody as -2; the kernel wants it unsigned.
    if (entry) return { name, uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 };
  }
  throw new Error(
    'PostgreSQL does not run as root, and /etc/passwd has neither postgres nor nobody to run it as. ' +
      'Start Tactus as an ordinary user, or set DATABASE_URL.',
  );
}

/** True when the account may read (and, of a folder, enter) this one file; its parents are not looked at. */
export async function mayRead(path: string, account: Account): Promise<boolean> {
  const entry = await stat(path);
  return may(entry, account, entry.isDirectory() ? 0o5 : 0o4);
}

/** True when the account may enter every folder above `path`. */
export async function canReach(path: string, account: Account): Promise<boolean> {
  for (const folder of foldersAbove(path)) if (!may(await stat(folder), account, 0o1)) return false;
  return true;
}

/**
 * Make the folder that holds the cluster, where the account can reach it.
 *
 * The folder above (TACTUS_DATA) is ours, so its door is opened for passing through (o+x, not for reading). Where a
 * folder higher up is closed, as /root is, the data goes to /var/lib/tactus and a link stands in its place.
 * @returns the real path of the folder.
 */
export async function prepareFolder(dataDir: string, account: Account | undefined): Promise<string> {
  const folder = resolve(dataDir);
  await mkdir(dirname(folder), { recursive: true });
  if (!account) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
  const parent = dirname(folder);
  if (!(await canReach(folder, account)) && (await canReach(parent, account))) {
    await chmod(parent, (await stat(parent)).mode | 0o011);
  }
  if (!(await canReach(folder, account))) return standIn(folder, account);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  return folder;
}

async function standIn(folder: string, account: Account): Promise<string> {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const real = join('/var/lib/tactus', name);
  const there = await lstat(folder).catch(() => undefined);
  if (there && !there.isSymbolicLink()) {
    throw new Error(
      `PostgreSQL runs as ${account.name}, which cannot reach ${folder}: a folder above it is closed to others. ` +
        'Set TACTUS_DATA to a folder that others may pass through, or set DATABASE_URL.',
    );
  }
  await mkdir(real, { recursive: true });
  await chmod(dirname(real), 0o711);
  await chmod(real, 0o711);
  if (!there) await symlink(real, folder);
  return real;
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === dirname(folder)) return folders;
  }
}

function may(entry: { mode: number; uid: number; gid: number }, account: Account, wanted: number): boolean {
  const shift = entry.uid === account.uid ? 6 : entry.gid === account.gid ? 3 : 0;
  return ((entry.mode >> shift) & wanted) === wanted;
}
