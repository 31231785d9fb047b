import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { type Cluster, spawnOptions } from './cluster.ts';
import { isAlive } from './owner.ts';

/** A running PostgreSQL. */
export interface Server {
  readonly pid: number;
  /** Fast shutdown: sessions are ended, everything committed is on disk. */
  stop(): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * The shell holds the other end of a pipe from us. When we die, in any way, it reads the end of the file and stops
 * PostgreSQL: first the fast way (SIGINT), after 10 s at once (SIGQUIT; the next start recovers from the log).
 */
const supervisor = `
exec 3<&0
"$@" </dev/null 3<&- &
postgres=$!
{
  while read -r line <&3; do :; done
  kill -INT $postgres
  tenths=0
  while kill -0 $postgres && [ $tenths -lt 100 ]; do sleep 0.1; tenths=$((tenths + 1)); done
  kill -QUIT $postgres
} 2>/dev/null >/dev/null &
exec 3<&-
wait $postgres
code=$?
kill $! 2>/dev/null
exit $code
`;

/** Sizes are for a small machine; see docs/store-and-queue.md. */
const settings = {
  listen_addresses: '127.0.0.1',
  fsync: 'on',
  max_connections: '60',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  // Queue tables die young: without this, dead rows slow the queue down within seconds.
  autovacuum_naptime: '10s',
  // systemd may clear /dev/shm of an account that has logged out (RemoveIPC).
  dynamic_shared_memory_type: 'mmap',
  // Statements are small and many: compiling them costs more than it gives.
  jit: 'off',
  // `log` leaves out errors, and `terse` their details: those could quote a patient's data (promise 7).
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
} as const;

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing NUL included. */
const longestSocket = 103;

/**
 * Where its Unix socket lies: in the data folder, which only its own account and root may enter. By a socket a
 * statement costs us about 30 µs less than over the loopback network. Undefined where the path is too long for one.
 */
export function socketFolder({ path }: Cluster, port: number): string | undefined {
  return Buffer.byteLength(join(path, `.s.PGSQL.${port}`)) <= longestSocket ? path : undefined;
}

const startAttempts = 20;
const startTimeoutMs = 60_000;

/**
 * Start the server on `port` and wait until it takes connections.
 * @param port 0: a free one is looked for.
 * @throws with what PostgreSQL said, when it does not come up.
 */
export async function startServer(
  cluster: Cluster,
  binaries: Binaries,
  account: Account | undefined,
  port: number,
  log: (line: string) => void,
): Promise<Server & { readonly port: number }> {
  let said = '';
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    await stopOrphan(cluster);
    const tried = port || (await freePort());
    const started = await tryStart(cluster, binaries, account, tried, log);
    if (typeof started !== 'string') return { ...started, port: tried };
    said = started;
    // Either passes by itself: a port taken since we looked, or sessions of a killed server that still are ending.
    if (!/could not bind|could not create any TCP|shared memory block|lock file/.test(said)) break;
    await pause(250);
  }
  throw new Error(`PostgreSQL does not start on ${cluster.path}. It says: ${said || 'nothing'}`);
}

async function tryStart(
  cluster: Cluster,
  binaries: Binaries,
  account: Account | undefined,
  port: number,
  log: (line: string) => void,
): Promise<Server | string> {
  const address = { port: String(port), unix_socket_directories: socketFolder(cluster, port) ?? '' };
  const options = Object.entries({ ...settings, ...address }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const command = [join(binaries.bin, 'postgres'), '-D', cluster.path, ...options];
  // detached: an interrupt from the keyboard must reach us alone, who first finish what is under way.
  const child = spawn('/bin/sh', ['-c', supervisor, 'tactus-postgres', ...command], {
    ...spawnOptions(account),
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  child.stdin?.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const said = await readyOrSaid(child, ended, log);
  if (said !== undefined) {
    child.stdin?.end();
    return said;
  }
  const pid = await postmasterPid(cluster);
  const stop = async () => {
    child.stdin?.end();
    await ended;
  };
  return { pid: pid ?? 0, stop, ended };
}

/** Undefined when ready; otherwise what it said before it ended. Goes on handing lines to `log`. */
async function readyOrSaid(
  child: ChildProcess,
  ended: Promise<void>,
  log: (line: string) => void,
): Promise<string | undefined> {
  const lines: string[] = [];
  let settled = false;
  const ready = new Promise<boolean>((resolve) => {
    if (!child.stderr) return resolve(false);
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!settled) lines.push(line);
      log(line);
      if (line.includes('ready to accept connections')) resolve(true);
    });
    void ended.then(() => setImmediate(() => resolve(false)));
    setTimeout(() => resolve(false), startTimeoutMs).unref();
  });
  const isReady = await ready;
  settled = true;
  return isReady ? undefined : lines.slice(-5).join(' | ');
}

/** A server whose Tactus and shell both were killed lives on without an owner; the folder is ours now, so it ends. */
async function stopOrphan(cluster: Cluster): Promise<void> {
  const pid = await postmasterPid(cluster);
  if (pid === undefined) return;
  if (!isAlive(pid) || !(await servesCluster(pid, cluster))) {
    // A stranger may have got the same id (containers restart counting): PostgreSQL would take it for itself.
    await rm(join(cluster.path, 'postmaster.pid'), { force: true });
    for (const name of await readdir(cluster.path)) {
      if (name.startsWith('.s.PGSQL.')) await rm(join(cluster.path, name), { force: true });
    }
    return;
  }
  process.kill(pid, 'SIGINT');
  for (let waits = 0; waits < 200 && isAlive(pid); waits += 1) await pause(50);
}

async function servesCluster(pid: number, cluster: Cluster): Promise<boolean> {
  // The postmaster works in its data folder. Where the kernel does not tell (macOS), trust the file.
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return folder === undefined ? process.platform !== 'linux' : folder === (await realpath(cluster.path));
}

async function postmasterPid(cluster: Cluster): Promise<number | undefined> {
  const text = await readFile(join(cluster.path, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const pid = Number(text?.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
