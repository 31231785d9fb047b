import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { caller } from '../../src/cli/demo/clients.ts';
import { seededDice, wellBehaved } from '../../src/cli/hospital/misbehaviour.ts';
import { startHospital } from '../../src/cli/hospital/server.ts';
import { newToken, tokenHash } from '../../src/cli/partner.ts';
import type { Store } from '../../src/flows/store.ts';
import { openStore } from '../../src/io/store/open.ts';
import { type Acts, actsOf } from './acts.ts';
import { freePort, type Supervised, supervise } from './processes.ts';
import { deal, type Ending } from './stories.ts';

export interface StormOptions {
  readonly connectionString: string;
  readonly redisUrl?: string;
  readonly kills: number;
  readonly seed: number;
  /** Kills the database once, or empties Redis once. */
  readonly disaster: () => Promise<void>;
}

/** One referral, and what was promised to its callers: they saw a 2xx for everything that its ending says. */
export interface Told {
  readonly number: string;
  readonly story: string;
  readonly ending: Ending;
}

type Look = (path: string) => Promise<Readonly<Record<string, unknown>>>;

export interface Storm {
  readonly told: readonly Told[];
  readonly kills: number;
  readonly store: Store;
  /** What the hospital has. */
  readonly hospital: Look;
  /** What our door tells the hospital. */
  readonly ehr: Look;
  close(): Promise<void>;
}

/** Stories that go on at once. */
const storiesAtOnce = 24;
/** The last story begins when so much of the storm is over. */
const share = 0.7;
/** Between two kills: a process needs about a second to start, and killed earlier it would never work. */
const pause = { least: 900, spread: 1500 } as const;

/**
 * Play every story while the API and the worker are killed at random and a disaster strikes once; callers repeat what had
 * no answer, as real ones do. What is sent and in which order is the seed's; when a process dies between two lines is not.
 * Returns when everything was told and nothing is on its way any more.
 */
export async function runStorm(options: StormOptions): Promise<Storm> {
  const misbehaviour = { ...wellBehaved, unavailable: 0.08, dropAfterAccept: 0.08 };
  const hospital = await startHospital({ port: 0, seed: options.seed, misbehaviour });
  const store = await openStore({ connectionString: options.connectionString });
  const tokens = { partner: newToken(), clinic: newToken() };
  const now = new Date().toISOString();
  await store.addToken({ hash: tokenHash(tokens.partner), audience: 'partner', owner: 'demo-hospital' }, now);
  await store.addToken({ hash: tokenHash(tokens.clinic), audience: 'clinic', owner: 'storm-clinic' }, now);
  const port = await freePort();
  const env = {
    PORT: String(port),
    DATABASE_URL: options.connectionString,
    LOG_LEVEL: 'fatal',
    TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: hospital.baseUrl,
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  };
  const api = supervise({ ...env, TACTUS_ROLE: 'api' });
  const worker = supervise({ ...env, TACTUS_ROLE: 'worker' });
  const close = async () => {
    await Promise.all([api.stop(), worker.stop()]);
    await store.close();
    await hospital.close();
  };
  try {
    const ehr = caller(`http://127.0.0.1:${port}/fhir`, tokens.partner, 'application/fhir+json');
    const clinic = caller(`http://127.0.0.1:${port}/clinic`, tokens.clinic, 'application/json');
    const atHospital = caller(hospital.baseUrl, undefined, 'application/fhir+json');
    const [kills, told] = await Promise.all([
      killAtRandom(options, [api, worker]),
      playStories(options, actsOf(ehr, clinic, store)),
    ]);
    hospital.misbehave(wellBehaved);
    await untilQuiet(store, options.connectionString, told);
    return {
      told,
      kills,
      store,
      hospital: async (path) => (await atHospital('GET', path)).body,
      ehr: async (path) => (await ehr('GET', path)).body,
      close,
    };
  } catch (error) {
    const complaints = [api, worker].map((one) => one.complaints()).join('\n');
    await close();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${complaints}`);
  }
}

async function killAtRandom(options: StormOptions, processes: readonly Supervised[]): Promise<number> {
  const dice = seededDice(options.seed);
  const disasterAt = Math.floor(options.kills / 2);
  let kills = 0;
  while (kills < options.kills) {
    await wait(pause.least + dice() * pause.spread);
    const victim = processes[dice() < 0.5 ? 0 : 1];
    if (victim?.kill() !== true) continue;
    kills++;
    if (kills === disasterAt) await options.disaster();
  }
  return kills;
}

/** Stories begin one after another over the storm, and each has dice of its own, whatever happens to the others. */
async function playStories({ seed, kills }: StormOptions, acts: Acts): Promise<readonly Told[]> {
  const left = deal(seededDice(seed)).map((story, index) => ({ story, index }));
  const step = (kills * (pause.least + pause.spread / 2) * share) / left.length;
  const began = Date.now();
  const told: Told[] = [];
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { story, index } = next;
      await wait(Math.max(0, began + index * step - Date.now()));
      const number = `S-${seed}-${index}`;
      const ending = await story.play(acts, number, seededDice(seed * 1000 + index)).catch((error: unknown) => {
        throw new Error(`${number} (${story.name}): ${error instanceof Error ? error.message : String(error)}`);
      });
      told.push({ number, story: story.name, ending });
    }
  };
  await Promise.all(Array.from({ length: storiesAtOnce }, lane));
  return told;
}

/** On a busy machine all retries and sweeps together may take minutes, and slowness is no fault here. */
const patienceSeconds = 300;

/** Nothing is on its way: every referral has its plan, and no delivery is pending. */
async function untilQuiet(store: Store, connectionString: string, told: readonly Told[]): Promise<void> {
  let left: readonly string[] = [];
  const ids = told.map(({ ending }) => ending.referralId);
  const began = Date.now();
  for (let round = 1; Date.now() - began < patienceSeconds * 1000; round++) {
    left = await onItsWay(store, ids);
    if (left.length === 0) return;
    if (round % 5 === 0) await letTimePass(connectionString);
    await wait(1000);
  }
  throw new Error(
    `After the storm work was still on its way for ${patienceSeconds} s: ${left.slice(0, 10).join('; ')}.`,
  );
}

/**
 * A delivery that failed four times is due again in ten minutes, and so many failures happen in a storm now and then. The
 * test does not wait for that: it lets the time pass for what has a time. What lost its next step gets none by this.
 */
async function letTimePass(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query("update tactus.delivery set due_at = now() where state = 'pending' and due_at > now()");
    await client.query('update tactus.outbox set due_at = now() where due_at > now()');
  } finally {
    await client.end();
  }
}

/** What has no end yet, one line each. */
async function onItsWay(store: Store, referralIds: readonly string[]): Promise<readonly string[]> {
  const left: string[] = [];
  try {
    for (const id of referralIds) {
      const record = await store.planOfReferral(id);
      if (record === undefined) {
        left.push(`referral ${id} has no plan`);
        continue;
      }
      const version = (await store.referral(id))?.version;
      if (record.referralVersion !== version)
        left.push(`plan ${record.plan.planId} follows version ${record.referralVersion} of ${version}`);
      const deliveries = await store.deliveriesOfPlan(record.plan.planId);
      if (deliveries.length === 0) left.push(`plan ${record.plan.planId} has no answer`);
      for (const { kind, state, attempts, dueAt } of deliveries) {
        if (state === 'pending') left.push(`${kind} with ${attempts} attempts, due ${dueAt}`);
      }
    }
    return left;
  } catch (error) {
    return [`the store does not answer (${error instanceof Error ? error.name : typeof error})`];
  }
}
