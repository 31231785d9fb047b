import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../src/cli/demo/clients.ts';
import { home } from '../../src/start/run.ts';
import { freePort } from '../crash/processes.ts';
import { withDatabase } from '../io/store/database.ts';

const database = withDatabase();
let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tactus-start-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it wrote, both streams. */
  said(): string;
}

/** `npm start` with these settings. */
function start(env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [join(home, 'src/main.ts')], {
    env: { PATH: process.env.PATH ?? '', TACTUS_DATA: folder, ...env },
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, ended, said: () => said };
}

function answers(url: string): Promise<number | undefined> {
  return fetch(url).then(
    ({ status }) => status,
    () => undefined,
  );
}

describe('starting Tactus', () => {
  it('ends with 2 and a sentence a fault when settings are wrong', async () => {
    const { ended, said } = start({ PORT: 'eighty', TACTUS_ROLE: 'boss' });
    expect(await ended).toBe(2);
    expect(said()).toContain('PORT is "eighty"');
    expect(said()).toContain('TACTUS_ROLE is "boss"');
  });

  it('does not listen where tokens can be read unless told so', async () => {
    const { ended, said } = start({ HOST: '0.0.0.0' });
    expect(await ended).toBe(2);
    expect(said()).toContain('TACTUS_INSECURE_LISTEN=1');
  });

  it('does not start on data that contradicts itself, and says where', async () => {
    const mappings = join(folder, 'mappings');
    await cp(join(home, 'mappings'), mappings, { recursive: true, filter: (path) => !path.includes('/cases') });
    const file = join(mappings, 'partners/demo-hospital.json');
    const partner = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(
      file,
      JSON.stringify({ ...partner, profile: 'https://tactus.example/fhir/StructureDefinition/none' }),
    );
    const { ended, said } = start({ TACTUS_MAPPINGS: mappings, DATABASE_URL: database.connectionString });
    expect(await ended).toBe(1);
    expect(said()).toContain('mappings/partners/demo-hospital.json .profile');
  });

  it('says that no clinician has signed the rules', async () => {
    const port = await freePort();
    const { said } = start({ PORT: String(port), DATABASE_URL: await database.another() });
    await until('ready', async () => (await answers(`http://127.0.0.1:${port}/health/ready`)) ?? undefined);
    expect(said()).toContain('the data has warnings');
  });

  it('does not listen as a worker', async () => {
    const port = await freePort();
    const { said } = start({ PORT: String(port), TACTUS_ROLE: 'worker', DATABASE_URL: await database.another() });
    await until('ready', async () => (said().includes('"msg":"ready"') ? true : undefined));
    expect(await answers(`http://127.0.0.1:${port}/health/live`)).toBeUndefined();
  });

  it('stops on SIGTERM with 0 and answers no more', async () => {
    const port = await freePort();
    const { child, ended } = start({ PORT: String(port), DATABASE_URL: await database.another() });
    const url = `http://127.0.0.1:${port}/health/ready`;
    await until('ready', async () => ((await answers(url)) === 200 ? true : undefined));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await answers(url)).toBeUndefined();
  });
});
