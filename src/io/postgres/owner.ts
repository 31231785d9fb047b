import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * One data folder serves one Tactus: take it, by writing our process id into its file `owner`.
 * An owner that died (kill -9) left its file behind; the start time tells it from a stranger with the same id.
 * @returns a function that gives the folder back.
 * @throws when a living process has it.
 */
export async function takeOwnership(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'owner');
  const mine = `${process.pid} ${startOf(process.pid)}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid, start] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
    if (pid && isAlive(Number(pid)) && startOf(Number(pid)) === start) throw inUse(folder, Number(pid));
    await rm(path, { force: true });
  }
  throw inUse(folder, 0);
}

export function inUse(folder: string, pid: number): Error {
  const by = pid > 0 ? `process ${pid}` : 'another process';
  return new Error(
    `The database in ${folder} is already in use by ${by}. One data folder serves one Tactus: stop that process, ` +
      'or set TACTUS_DATA to another folder, or set DATABASE_URL for several processes.',
  );
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began: in the kernel's ticks on Linux, in the words of ps elsewhere; `-` when nobody tells. */
function startOf(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .replaceAll(' ', '_');
    }
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the second field, the name, may hold blanks and ends with the last bracket.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}
