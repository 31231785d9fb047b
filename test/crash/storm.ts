import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { caller } from '../../src/cli/demo/clients.ts';
import { order, session } from '../../src/cli/demo/orders.ts';
import { seededDice, wellBehaved } from '../../src/cli/hospital/misbehaviour.ts';
import { startHospital } from '../../src/cli/hospital/server.ts';
import { newToken, tokenHash } from '../../src/cli/partner.ts';
import type { Store } from '../../src/flows/store.ts';
import { openStore } from '../../src/io/store/open.ts';
import { freePort, type Supervised, supervise } from './processes.ts';

export interface StormOptions {
  readonly connectionString: string;
  readonly redisUrl?: string;
  readonly referrals: number;
  readonly sessions: number;
  readonly kills: number;
  readonly seed: number;
  /** Kills the database once, or empties Redis once. */
  readonly disaster: () => Promise<void>;
}

/** What was promised to callers: they saw a 2xx. */
export interface Promised {
  /** Referral ids by placer number. */
  readonly referrals: ReadonlyMap<string, string>;
  /** Ids of recorded sessions. */
  readonly sessions: ReadonlySet<string>;
}

export interface Storm {
  readonly promised: Promised;
  readonly kills: number;
  readonly store: Store;
  readonly hospital: (path: string) => Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** A plan of the storm has two sessions. */
const sessionsPerPlan = 2;
/** Callers of either kind at once. */
const callers = 6;

/**
 * Send referrals and sessions while the API and the worker are killed at random and a disaster strikes once; callers
 * repeat what had no answer, as real ones do. Returns when everything was told and nothing is on its way any more.
 */
export async function runStorm(options: StormOptions): Promise<Storm> {
  const dice = seededDice(options.seed);
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
    const base = `http://127.0.0.1:${port}`;
    const ehr = caller(`${base}/fhir`, tokens.partner, 'application/fhir+json');
    const clinic = caller(`${base}/clinic`, tokens.clinic, 'application/json');
    const told = { referrals: new Map<string, string>(), sessions: new Set<string>() };
    const killing = { done: 0, over: false };
    const storm = killAtRandom(options, [api, worker], dice, killing);
    await Promise.all([sendReferrals(options, ehr, told.referrals), recordSessions(options, clinic, told)]);
    await storm;
    hospital.misbehave(wellBehaved);
    await untilQuiet(store, options.connectionString, told);
    return {
      promised: told,
      kills: killing.done,
      store,
      hospital: async (path) => (await caller(hospital.baseUrl, undefined, 'application/fhir+json')('GET', path)).body,
      close,
    };
  } catch (error) {
    const complaints = [api, worker].map((one) => one.complaints()).join('\n');
    await close();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${complaints}`);
  }
}

async function killAtRandom(
  options: StormOptions,
  processes: readonly Supervised[],
  dice: () => number,
  killing: { done: number },
): Promise<void> {
  const disasterAt = Math.floor(options.kills / 2);
  while (killing.done < options.kills) {
    // A process needs about a second to start; a storm that kills it earlier would never let it work.
    await wait(900 + dice() * 1500);
    const victim = processes[dice() < 0.5 ? 0 : 1];
    if (victim?.kill() === true) killing.done++;
    if (killing.done === disasterAt) await options.disaster();
  }
}

/** Until it is answered with 2xx: a connection that breaks, 5xx and 404 of a plan that is not there yet are repeated. */
async function insist(
  ask: () => Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>,
) {
  for (;;) {
    const reply = await ask().catch(() => undefined);
    if (reply !== undefined && reply.status < 300) return reply;
    if (reply !== undefined && reply.status < 500 && reply.status !== 409 && reply.status !== 429) {
      throw new Error(`A call of the storm was refused: HTTP ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    await wait(100);
  }
}

async function sendReferrals(
  options: StormOptions,
  ehr: ReturnType<typeof caller>,
  promised: Map<string, string>,
): Promise<void> {
  const numbers = Array.from({ length: options.referrals }, (_, index) => `S-${options.seed}-${index}`);
  await sideBySide(numbers, async (number) => {
    const sent = order({ number, site: 'lumbar', reason: 'lowBackPain', sessions: sessionsPerPlan });
    const reply = await insist(() => ehr('POST', '/ServiceRequest', sent));
    promised.set(number, String(reply.body.id));
    // Spread over the storm, so that the kills meet referrals as well as sessions.
    await wait(options.kills * 20);
  });
}

/** Take accepted plans as they come, assess each, and record its sessions. */
async function recordSessions(
  options: StormOptions,
  clinic: ReturnType<typeof caller>,
  told: { readonly referrals: ReadonlyMap<string, string>; readonly sessions: Set<string> },
): Promise<void> {
  const treated = new Set<string>();
  const wanted = options.sessions / sessionsPerPlan;
  let after = '';
  while (treated.size < wanted) {
    const page = await insist(() => clinic('GET', `/plans?status=accepted&limit=50${after}`));
    const { items, next } = page.body as unknown as PlanPage;
    const fresh = items.map(({ plan }) => plan.planId).filter((planId) => !treated.has(planId));
    const taken = fresh.slice(0, wanted - treated.size);
    for (const planId of taken) treated.add(planId);
    await sideBySide(taken, (planId) => treat(clinic, planId, told.sessions));
    after = next === null ? '' : `&after=${encodeURIComponent(next)}`;
    if (taken.length === 0) await wait(100);
  }
}

interface PlanPage {
  readonly items: readonly { readonly plan: { readonly planId: string } }[];
  readonly next: string | null;
}

async function treat(clinic: ReturnType<typeof caller>, planId: string, promised: Set<string>): Promise<void> {
  await insist(() =>
    clinic('PUT', `/plans/${planId}/assessment`, {
      assessment: { performedAt: new Date().toISOString(), by: 'Tom Therapist' },
      goals: [{ goalId: 'goal-1', measure: 'pain-nrs' }],
    }),
  );
  for (let seq = 1; seq <= sessionsPerPlan; seq++) {
    const done = session({ planId, seq, site: 'lumbar', painBefore: 6, painAfter: 4, end: new Date() });
    await insist(() => clinic('POST', `/plans/${planId}/sessions`, done));
    promised.add(`${planId}-${seq}`);
  }
}

async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: callers }, lane));
}

/**
 * What a killed worker held comes back when its lease ends (90 s) and the sweeper finds it; then it may fail again. On a
 * busy machine that is several minutes, and slowness is no fault here.
 */
const patienceSeconds = 300;

/** Nothing is on its way: every referral has its plan, and no delivery is pending. */
async function untilQuiet(store: Store, connectionString: string, { referrals }: Promised): Promise<void> {
  let left: readonly string[] = [];
  const began = Date.now();
  for (let round = 1; Date.now() - began < patienceSeconds * 1000; round++) {
    left = await onItsWay(store, [...referrals.values()]);
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
