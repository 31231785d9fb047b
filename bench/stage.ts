import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newToken, tokenHash } from '../src/cli/partner.ts';
import type { Store } from '../src/flows/store.ts';
import { startPostgres } from '../src/io/postgres/start.ts';
import { openStore } from '../src/io/store/open.ts';
import { freePort } from '../test/crash/processes.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tactus as its own process on an embedded PostgreSQL, and what a load generator needs. */
export interface Stage {
  readonly url: string;
  readonly tokens: { readonly partner: string; readonly clinic: string };
  readonly store: Store;
  readonly connectionString: string;
  /** Milliseconds from starting the process to /health/ready. */
  readonly startMilliseconds: number;
  /** Resident memory of the Tactus process, its peak, in MB (Linux). */
  peakMemory(): Promise<number>;
  /** CPU time that the Tactus process has used, in ms (Linux). */
  cpuMilliseconds(): Promise<number>;
  /** CPU time of all processes of its PostgreSQL, in ms (Linux). */
  databaseCpuMilliseconds(): Promise<number>;
  close(): Promise<void>;
}

export async function openStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'tactus-bench-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  const store = await openStore({ connectionString: postgres.connectionString });
  const tokens = { partner: newToken(), clinic: newToken() };
  const now = new Date().toISOString();
  await store.addToken({ hash: tokenHash(tokens.partner), audience: 'partner', owner: 'demo-hospital' }, now);
  await store.addToken({ hash: tokenHash(tokens.clinic), audience: 'clinic', owner: 'bench-clinic' }, now);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const tactus = spawn(process.execPath, await startArguments(), {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      DATABASE_URL: postgres.connectionString,
      LOG_LEVEL: 'fatal',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await ready(`${url}/health/ready`);
  return {
    url,
    tokens,
    store,
    connectionString: postgres.connectionString,
    startMilliseconds: performance.now() - began,
    peakMemory: async () =>
      Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${tactus.pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuMilliseconds: () => cpuOf(tactus.pid),
    databaseCpuMilliseconds: () => cpuOfFamily(postgres.pid),
    close: async () => {
      await ended(tactus);
      await store.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `npm start` gives to node, options for memory included. */
async function startArguments(): Promise<readonly string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').slice(1);
}

async function cpuOf(pid: number | undefined): Promise<number> {
  // utime and stime of proc(5), in ticks of 10 ms.
  const [, , , , , , , , , , , utime, stime] = await statOf(pid);
  return (Number(utime) + Number(stime)) * 10;
}

/** A process, its children that live, and those that have ended. */
async function cpuOfFamily(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (one) => ({ one, parent: Number((await statOf(one))[1]) })));
  const living = stats.filter(({ parent }) => parent === pid).map(({ one }) => cpuOf(one));
  const [, , , , , , , , , , , , , cutime, cstime] = await statOf(pid);
  const own = (await cpuOf(pid)) + (Number(cutime) + Number(cstime)) * 10;
  return (await Promise.all(living)).reduce((sum, one) => sum + one, own);
}

/** The fields of /proc/PID/stat behind the name: state first, then the parent. */
async function statOf(pid: number | undefined): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

async function ready(url: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await wait(25);
  }
  throw new Error(`${url} did not answer within 30 s.`);
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** A helper server of a bench in its own process; it sends its port when it listens. */
export async function startPeer(file: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const child = fork(join(root, 'bench/peers', file), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve) => child.once('message', (message) => resolve(Number(message))));
  return { url: `http://127.0.0.1:${port}`, close: () => ended(child) };
}

export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** Post every body once, `callers` at a time, over kept connections. @returns rate, and latencies in ms. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  bodies: readonly { readonly path: string; readonly text: string }[],
  callers: number,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const began = performance.now();
  const lane = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const sent = performance.now();
      const status = await send(agent, `${url}${body.path}`, headers, body.text);
      times.push(performance.now() - sent);
      if (status < 200 || status > 299) failed++;
    }
  };
  await Promise.all(Array.from({ length: callers }, lane));
  const perSecond = bodies.length / ((performance.now() - began) / 1000);
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { perSecond, p50: at(0.5), p99: at(0.99), failed };
}

function send(agent: Agent, url: string, headers: Readonly<Record<string, string>>, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(text) },
    });
    call.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    call.once('error', reject);
    call.end(text);
  });
}

/** A row of figures. */
export function tell(name: string, figures: Readonly<Record<string, string | number>>): void {
  const parts = Object.entries(figures).map(
    ([key, value]) => `${key} ${typeof value === 'number' ? round(value) : value}`,
  );
  process.stdout.write(`${name.padEnd(44)} ${parts.join('  ')}\n`);
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
