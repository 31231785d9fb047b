import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../src/cli/demo/clients.ts';
import { type SimulatedHospital, startHospital } from '../src/cli/hospital/server.ts';
import { newToken, tokenHash } from '../src/cli/partner.ts';
import { readSettings } from '../src/io/config/settings.ts';
import { home } from '../src/start/run.ts';
import { type RunningTactus, startTactus } from '../src/start/tactus.ts';
import { freePort } from './crash/processes.ts';

/** Runs what the README shows, in its order, against a real Tactus, and compares the answers with the printed ones. */
interface Call {
  readonly command: string;
  readonly status: number;
  /** Variables that later commands use, taken from the answer by path. */
  readonly takes: readonly (readonly [name: string, path: string])[];
  readonly printed: unknown;
}

const variables = new Map<string, string>();
/** By name; `…` stands for the value of a variable. */
const files = new Map<string, { readonly content: string; readonly variable: string }>();
let hospital: SimulatedHospital;
let tactus: RunningTactus;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tactus-readme-'));
  hospital = await startHospital({ port: 0 });
  const env = {
    ...process.env,
    PORT: String(await freePort()),
    TACTUS_DATA: folder,
    LOG_LEVEL: 'fatal',
    TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: hospital.baseUrl,
  };
  const read = readSettings(env, home);
  if (!read.ok) throw new Error(read.faults.join());
  tactus = await startTactus(read.settings, env);
  for (const [variable, audience, owner] of [
    ['TOKEN', 'partner', 'demo-hospital'],
    ['CLINIC', 'clinic', 'practice'],
  ] as const) {
    const token = newToken();
    variables.set(variable, token);
    await tactus.store.addToken({ hash: tokenHash(token), audience, owner }, new Date().toISOString());
  }
});

afterAll(async () => {
  await tactus?.stop();
  await hospital?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the README', () => {
  it('prints what Tactus answers', async () => {
    const text = await readFile(join(home, 'README.md'), 'utf8');
    const listed = text.matchAll(/<!-- file: (\S+?)(?:, id=(\w+))? -->\n```json\n([\s\S]*?)```/g);
    for (const [, name = '', variable = '', content = ''] of listed) files.set(name, { content, variable });
    const calls = callsOf(text);
    expect(calls.length).toBeGreaterThanOrEqual(7);
    for (const call of calls) {
      const body = await until(call.command, () => answer(call));
      for (const [name, path] of call.takes) variables.set(name, String(at(body, path)));
    }
  });
});

function callsOf(text: string): Call[] {
  const pattern = /<!-- call: (\d+)((?:, \w+=[\w.]+)*) -->\n```sh\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g;
  return [...text.matchAll(pattern)].map(([, status, takes = '', command = '', printed = '']) => ({
    command: command.trim(),
    status: Number(status),
    takes: takes
      .split(', ')
      .filter(Boolean)
      .map((one) => one.split('=') as unknown as readonly [string, string]),
    printed: JSON.parse(printed),
  }));
}

/** The answer when it is the printed one; a Task takes a moment until its plan is made. */
async function answer({ command, status, printed }: Call): Promise<unknown> {
  const words = [...command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, a, b, c]) => a?.replaceAll('\\"', '"') ?? b ?? c ?? '',
  );
  const filled = words.map((word) =>
    word.replace(/\$([A-Z]+)\b/g, (_, name: string) => variables.get(name) ?? `$${name}`),
  );
  const after = (flag: string) => filled.flatMap((word, index) => (word === flag ? [filled[index + 1] ?? ''] : []));
  const url = filled.find((word) => word.startsWith('http://'))?.replace('http://127.0.0.1:8080', tactus.url ?? '');
  const [data] = after('-d');
  const response = await fetch(url ?? '', {
    method: after('-X')[0] ?? (data === undefined ? 'GET' : 'POST'),
    headers: Object.fromEntries(after('-H').map((header) => header.split(': ') as [string, string])),
    ...(data === undefined ? {} : { body: fileNamed(data.replace('@', '')) }),
  });
  const body: unknown = await response.json();
  const isPrinted = response.status === status && holds(body, printed);
  if (!isPrinted && status !== 200) throw new Error(`${command} answered ${response.status} ${JSON.stringify(body)}`);
  return isPrinted ? body : undefined;
}

function fileNamed(name: string): string {
  const { content = '', variable = '' } = files.get(name) ?? {};
  return content.replace('…', variables.get(variable) ?? '…');
}

/** Whether everything printed is in the answer; … stands for any text. */
function holds(has: unknown, printed: unknown): boolean {
  if (printed === '…') return typeof has === 'string' && has !== '';
  if (Array.isArray(printed)) return Array.isArray(has) && printed.every((one, index) => holds(has[index], one));
  if (typeof printed !== 'object' || printed === null) return has === printed;
  return Object.entries(printed).every(([key, value]) => holds((has as Record<string, unknown> | null)?.[key], value));
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
