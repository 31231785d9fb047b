import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, caller, until } from '../../src/cli/demo/clients.ts';
import { order } from '../../src/cli/demo/orders.ts';
import { newToken, tokenHash } from '../../src/cli/partner.ts';
import { openStore } from '../../src/io/store/open.ts';
import { type CatalogFolders, catalogLoader } from '../../src/start/catalog.ts';
import { answerWith, type Live, ofHouse, reload } from '../../src/start/reload.ts';
import { home } from '../../src/start/run.ts';
import type { House } from '../../src/start/tactus.ts';
import { freePort } from '../crash/processes.ts';
import { withDatabase } from '../io/store/database.ts';

const database = withDatabase();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tactus-reload-'));
  const cases = join(home, 'mappings/cases');
  cpSync(join(home, 'mappings'), folder, { recursive: true, filter: (path) => !path.startsWith(cases) });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Saves a file as an editor does. */
function save(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(`${path}.tmp`, text.replace(from, to));
  renameSync(`${path}.tmp`, path);
}

const routine = "plan.priority = 'routine'";

describe('a Tactus that reloads what is saved', () => {
  let tactus: ChildProcess;
  let ehr: Ask;
  let clinic: Ask;
  let logged = '';
  let listen: () => void = () => {};

  beforeAll(async () => {
    const store = await openStore({ connectionString: database.connectionString });
    const [partner, practice] = [newToken(), newToken()];
    const now = new Date().toISOString();
    await store.addToken({ hash: tokenHash(partner), audience: 'partner', owner: 'demo-hospital' }, now);
    await store.addToken({ hash: tokenHash(practice), audience: 'clinic', owner: 'practice' }, now);
    await store.close();
    const port = await freePort();
    tactus = spawn(process.execPath, [join(home, 'src/cli/main.ts'), 'serve', '--watch'], {
      env: {
        PATH: process.env.PATH ?? '',
        PORT: String(port),
        DATABASE_URL: database.connectionString,
        TACTUS_MAPPINGS: folder,
        TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: 'http://127.0.0.1:9',
      },
    });
    for (const stream of [tactus.stdout, tactus.stderr])
      stream?.on('data', (chunk: Buffer) => {
        logged += chunk.toString();
        listen();
      });
    await toldInLog('"ready"');
    ehr = caller(`http://127.0.0.1:${port}/fhir`, partner, 'application/fhir+json');
    clinic = caller(`http://127.0.0.1:${port}/clinic`, practice, 'application/json');
  }, 60_000);

  afterAll(async () => {
    const gone = new Promise((resolve) => tactus.once('exit', resolve));
    tactus.kill('SIGTERM');
    await gone;
  });

  /** Waits for a line of the log after the ones that were waited for before. */
  function toldInLog(words: string): Promise<string> {
    return new Promise((resolve) => {
      listen = () => {
        const lines = logged.split('\n');
        const at = lines.findIndex((line) => line.includes(words));
        if (at < 0 || at === lines.length - 1) return;
        logged = lines.slice(at + 1).join('\n');
        listen = () => {};
        resolve(lines[at] ?? '');
      };
      listen();
    });
  }

  /** The plan that is made of a new order. */
  async function planOf(number: string): Promise<Record<string, unknown>> {
    const { body } = await ehr(
      'POST',
      '/ServiceRequest',
      order({ number, site: 'lumbar', reason: 'lowBackPain', sessions: 2 }),
    );
    return until('the plan', async () => {
      const { items } = (await clinic('GET', '/plans')).body as {
        items: { referralId: string; plan: Record<string, unknown> }[];
      };
      return items.find(({ referralId }) => referralId === body.id)?.plan;
    });
  }

  it('makes new plans by a saved map, and keeps what was before in force when a save is no good', async () => {
    const first = await planOf('R-1');
    expect(first.priority).toBe('routine');

    save('referral-to-plan.map', routine, "plan.priority = 'asap'");
    expect(await toldInLog('saved data is used from now on')).toContain('referral-to-plan.map');
    const second = await planOf('R-2');
    expect(second.priority).toBe('asap');
    expect(second.mappingVersion).not.toBe(first.mappingVersion);

    save('referral-to-plan.map', "plan.priority = 'asap'", "plan.prioritty = 'asap'");
    const fault = JSON.parse(await toldInLog('saved data is not used')) as Record<string, string>;
    expect(fault).toMatchObject({
      code: 'mapping-unknown-element',
      msg: expect.stringContaining('correct it and save it again'),
    });
    expect(fault.name).toMatch(/^mappings\/referral-to-plan\.map:\d+:\d+$/);
    expect(fault.error).toContain('Did you mean "priority"?');
    expect((await planOf('R-3')).mappingVersion).toBe(second.mappingVersion);

    save('referral-to-plan.map', "plan.prioritty = 'asap'", routine);
    await toldInLog('saved data is used from now on');
    expect((await planOf('R-4')).mappingVersion).toBe(first.mappingVersion);

    save('partners/demo-hospital.json', '"demo-hospital"', '"demo hospital"');
    expect(await toldInLog('saved data is not used')).toContain('partners/demo-hospital.json');
    save('partners/demo-hospital.json', '"demo hospital"', '"demo-hospital"');
    await toldInLog('saved data is used from now on');
  }, 120_000);
});

describe('a reload', () => {
  const folders = (): CatalogFolders => ({ mappings: folder, profiles: join(home, 'profiles/generated') });
  const house = (catalog: House['catalog']): House => ({ catalog }) as House;

  it('leaves work that has begun with the version it began with, and gives new work the new one', () => {
    const load = catalogLoader(folders());
    const live: Live = { house: house(load()) };
    const worldOf = ofHouse(live, ({ catalog }) => ({ version: () => catalog.referralToPlan.version }));
    const begun = worldOf();
    const before = begun.version();
    expect(worldOf()).toBe(begun);
    save('referral-to-plan.map', routine, "plan.priority = 'urgent'");
    const log = { info: () => {}, error: () => {} } as unknown as Parameters<typeof reload>[0]['log'];
    reload({ live, folder, load, furnish: house, log, changed: () => {} }, ['referral-to-plan.map']);
    expect(begun.version()).toBe(before);
    expect(worldOf().version()).not.toBe(before);
    save('referral-to-plan.map', "plan.priority = 'urgent'", routine);
  });

  it('answers requests that come from now on by the new doors, and one that came before by the old', async () => {
    let finish: () => void = () => {};
    const began = Promise.withResolvers<void>();
    const old = createServer((_, response) => {
      finish = () => response.end('old');
      began.resolve();
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
    const before = fetch(url);
    await began.promise;
    answerWith(
      old,
      createServer((_, response) => response.end('new')),
    );
    expect(await (await fetch(url)).text()).toBe('new');
    finish();
    expect(await (await before).text()).toBe('old');
    old.closeAllConnections();
    await new Promise((resolve) => old.close(resolve));
  });

  it('keeps what a saved file does not touch: its maps are the same, with their compiled code', () => {
    const load = catalogLoader(folders());
    const before = load();
    save('outcome-observation.map', 'group ', '// a comment\ngroup ');
    const after = load();
    expect(after.referralToPlan).toBe(before.referralToPlan);
    expect(after.sessionToOutcome).not.toBe(before.sessionToOutcome);
    expect(after.validator).toBe(before.validator);
  });
});
