import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, caller, type Reply, until } from '../../src/cli/demo/clients.ts';
import { order, session } from '../../src/cli/demo/orders.ts';
import { wellBehaved } from '../../src/cli/hospital/misbehaviour.ts';
import { type SimulatedHospital, startHospital } from '../../src/cli/hospital/server.ts';
import { newToken, tokenHash } from '../../src/cli/partner.ts';
import { openStore } from '../../src/io/store/open.ts';
import { home } from '../../src/start/run.ts';
import { freePort } from '../crash/processes.ts';
import { withDatabase } from '../io/store/database.ts';

/**
 * Promise 7: no patient data in logs, job payloads, metrics or error texts. Everything that can hold a word about a
 * patient holds this one, on good ways and bad ones; then it is looked for where it must not be.
 */
const canary = 'Zqx Canary';
const database = withDatabase();
let tactus: ChildProcess;
let hospital: SimulatedHospital;
let logged = '';
let ehr: Ask;
let clinic: Ask;
let url: string;

beforeAll(async () => {
  hospital = await startHospital({ port: 0 });
  const store = await openStore({ connectionString: database.connectionString });
  const [partner, practice] = [newToken(), newToken()];
  const now = new Date().toISOString();
  await store.addToken({ hash: tokenHash(partner), audience: 'partner', owner: 'demo-hospital' }, now);
  await store.addToken({ hash: tokenHash(practice), audience: 'clinic', owner: 'practice' }, now);
  await store.close();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  tactus = spawn(process.execPath, [join(home, 'src/main.ts')], {
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      DATABASE_URL: database.connectionString,
      LOG_LEVEL: 'debug',
      TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: hospital.baseUrl,
    },
  });
  for (const stream of [tactus.stdout, tactus.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      logged += chunk.toString();
    });
  }
  await until('ready', async () =>
    (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok ? true : undefined,
  );
  ehr = caller(`${url}/fhir`, partner, 'application/fhir+json');
  clinic = caller(`${url}/clinic`, practice, 'application/json');
});

afterAll(async () => {
  const gone = new Promise((resolve) => tactus.once('exit', resolve));
  tactus.kill('SIGTERM');
  await gone;
  await hospital.close();
});

/** An order whose every free field names the patient. */
function telling(number: string): Record<string, unknown> {
  return {
    ...order({ number, site: 'lumbar', reason: 'lowBackPain', sessions: 2 }),
    subject: {
      reference: 'Patient/p1',
      display: `Eve ${canary}`,
      identifier: { system: 'urn:x', value: `${canary}-4711` },
    },
    note: [{ text: `${canary} was born on 1970-01-01` }],
    patientInstruction: `Dear ${canary}`,
    reasonCode: [{ text: `${canary} cannot sleep`, coding: [{ system: 'http://snomed.info/sct', code: '279039007' }] }],
    contained: [{ resourceType: 'Patient', id: 'pat', name: [{ family: canary }] }],
    supportingInfo: [{ reference: '#pat' }],
  };
}

/** Orders that are refused, each in another way. */
function refused(number: string): Record<string, unknown>[] {
  const good = telling(number);
  return [
    { ...good, status: canary },
    { ...good, authoredOn: canary },
    { ...good, quantityQuantity: { value: canary } },
    { ...good, colour: canary },
    { ...good, subject: { reference: 'Organization/o1', display: canary } },
    { ...good, requester: canary },
    { ...good, priority: canary },
    { ...good, reasonCode: [{ text: 5, coding: [{ system: canary }] }] },
    { ...good, contained: [{ resourceType: canary, id: canary }] },
    { resourceType: canary },
  ];
}

describe('a word about a patient', () => {
  it('is in no log, no job, no metric and no refusal', async () => {
    const answers: Reply[] = [];
    for (const bad of refused('C-0')) answers.push(await ehr('POST', '/ServiceRequest', bad));
    expect(answers.map(({ status }) => Math.floor(status / 100))).toEqual(answers.map(() => 4));

    hospital.misbehave({ ...wellBehaved, refuse: 1 });
    const { body } = await ehr('POST', '/ServiceRequest', telling('C-1'));
    answers.push(await ehr('POST', '/ServiceRequest', { ...telling('C-1'), patientInstruction: `Other ${canary}` }));
    expect(answers.at(-1)?.status).toBe(409);
    const planId = await until('the plan', async () => {
      const { items } = (await clinic('GET', '/plans')).body as {
        items: { referralId: string; plan: { planId: string } }[];
      };
      return items.find(({ referralId }) => referralId === body.id)?.plan.planId;
    });
    const assessment = { performedAt: new Date().toISOString(), by: `Tom ${canary}`, findings: canary };
    await clinic('PUT', `/plans/${planId}/assessment`, { assessment, goals: [{ goalId: 'g', text: canary }] });
    const done = session({ planId, seq: 1, site: 'lumbar', painBefore: 6, painAfter: 4, end: new Date() });
    answers.push(await clinic('POST', `/plans/${planId}/sessions`, { ...done, status: canary }));
    answers.push(await clinic('POST', `/plans/${planId}/sessions`, { ...done, measurements: [{ measure: canary }] }));
    const recorded = await clinic('POST', `/plans/${planId}/sessions`, { ...done, note: canary, homeAdvice: canary });
    expect(recorded.status).toBe(201);
    await until('a delivery that waits', async () => (logged.includes('waits for a person') ? true : undefined));

    const metrics = await (await fetch(`${url}/metrics`)).text();
    const places: Readonly<Record<string, string>> = {
      log: logged,
      metrics,
      jobs: await jobs(database.connectionString),
      refusals: JSON.stringify(answers),
    };
    expect(logged).toContain('plan made');
    expect(metrics).toContain('tactus_referrals_total');
    expect(places.jobs).toContain(planId);
    for (const [place, text] of Object.entries(places)) {
      const at = text.indexOf(canary);
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 80), at + 40), place).toBe('');
    }
  });
});

/** Everything that the queue's own tables hold, and what is kept of refused requests. */
async function jobs(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ table_name: string }>(
      "select table_name from information_schema.tables where table_schema = 'bullmq' and table_type = 'BASE TABLE'",
    );
    const outbox = await client.query('select * from tactus.outbox');
    const refused = await client.query('select * from tactus.refused');
    expect(refused.rows.length).toBeGreaterThan(0);
    const tables = await Promise.all(
      rows.map(({ table_name }) => client.query(`select * from bullmq."${table_name}"`)),
    );
    return JSON.stringify([outbox.rows, refused.rows, ...tables.map((table) => table.rows)]);
  } finally {
    await client.end();
  }
}
