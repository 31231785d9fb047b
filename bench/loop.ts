import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caller } from '../src/cli/demo/clients.ts';
import { order, session } from '../src/cli/demo/orders.ts';
import type { Store } from '../src/flows/store.ts';
import { type Load, openStage, post, type Stage, startPeer, tell } from './stage.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * `npm run bench -- loop [--sessions N] [--callers N] [--limits]`: from recorded sessions to Procedures at a hospital that
 * costs as little as possible; the clock runs from the first session recorded to the last Procedure there. With --limits
 * beside three others of the same run: express that reads the sessions and does nothing, PostgreSQL that commits the
 * rows of a session without HTTP and mapping, and Tactus whose partner wants no answers.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { sessions: { type: 'string' }, callers: { type: 'string' }, limits: { type: 'boolean' } },
  });
  const sessions = Number(values.sessions ?? 1000);
  const callers = Number(values.callers ?? 16);
  if (values.limits !== true) return tellLoop('', await measure(sessions, callers, {}));
  await tellExpress(sessions, callers);
  const folder = await partnersWithoutAnswers();
  try {
    // In turns, so that a machine that warms up or slows down favours nobody.
    const rounds = [folder, undefined, folder, undefined];
    let failed = 0;
    for (const mappings of rounds) {
      const env: Record<string, string> = mappings === undefined ? {} : { TACTUS_MAPPINGS: mappings };
      const what = mappings === undefined ? ', with answers' : ', without answers';
      failed += tellLoop(what, await measure(sessions, callers, env, mappings === undefined));
    }
    return failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface LoopFigures {
  readonly recorded: Load;
  readonly perSecond: number;
  readonly cpu: number;
  readonly databaseCpu: number;
  readonly start: number;
  readonly peak: number;
  readonly commitOnly: number | undefined;
}

async function measure(
  sessions: number,
  callers: number,
  env: Readonly<Record<string, string>>,
  withCommits = false,
): Promise<LoopFigures> {
  const hospital = await startPeer('hospital.ts');
  const stage = await openStage({ TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: `${hospital.url}/fhir`, ...env });
  try {
    const planIds = await makePlans(stage, sessions);
    const cpuBefore = await stage.cpuMilliseconds();
    const databaseBefore = await stage.databaseCpuMilliseconds();
    const began = performance.now();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${stage.tokens.clinic}` };
    const recorded = await post(stage.url, headers, bodies(planIds), callers);
    await untilProcedures(hospital.url, sessions);
    const perSecond = sessions / ((performance.now() - began) / 1000);
    const cpu = ((await stage.cpuMilliseconds()) - cpuBefore) / sessions;
    const databaseCpu = ((await stage.databaseCpuMilliseconds()) - databaseBefore) / sessions;
    const [start, peak] = [stage.startMilliseconds, await stage.peakMemory()];
    if (!withCommits) return { recorded, perSecond, cpu, databaseCpu, start, peak, commitOnly: undefined };
    await untilQuiet(stage);
    const commitOnly = await commitSessions(stage.store, planIds, callers);
    return { recorded, perSecond, cpu, databaseCpu, start, peak, commitOnly };
  } finally {
    await stage.close();
    await hospital.close();
  }
}

function bodies(planIds: readonly string[]): { readonly path: string; readonly text: string }[] {
  return planIds.map((planId) => ({
    path: `/clinic/plans/${planId}/sessions`,
    text: JSON.stringify(session({ planId, seq: 1, site: 'lumbar', painBefore: 6, painAfter: 4, end: new Date() })),
  }));
}

/** @returns how many sessions failed. */
function tellLoop(what: string, figures: LoopFigures): number {
  const { recorded, perSecond, cpu, databaseCpu, start, peak, commitOnly } = figures;
  if (commitOnly !== undefined) tell('PostgreSQL commits the same, no HTTP', { 'per s': commitOnly });
  tell(`sessions recorded${what}`, { 'per s': recorded.perSecond, 'p99 ms': recorded.p99, failed: recorded.failed });
  tell(`Procedures at the hospital${what}`, {
    'per s': perSecond,
    'Tactus CPU ms each': cpu,
    'PostgreSQL CPU ms each': databaseCpu,
  });
  tell(`Tactus${what}`, { 'start ms': start, 'peak MB': peak });
  return recorded.failed;
}

async function tellExpress(sessions: number, callers: number): Promise<void> {
  const peer = await startPeer('express.ts');
  const nothing = await post(
    peer.url,
    { 'content-type': 'application/json' },
    bodies(Array(sessions).fill('p')),
    callers,
  );
  await peer.close();
  tell('express, no work', { 'per s': nothing.perSecond, 'p99 ms': nothing.p99, failed: nothing.failed });
}

/** The mappings of Tactus with a demo hospital that reads its Tasks here: what the loop costs without answers. */
async function partnersWithoutAnswers(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tactus-bench-'));
  await cp(join(root, 'mappings'), folder, { recursive: true });
  const file = join(folder, 'partners', 'demo-hospital.json');
  const partner = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...partner, answers: 'keep' }));
  return folder;
}

/** The rows that recording a session writes, and those that its delivery writes: two commits a session, nothing else. */
async function commitSessions(store: Store, planIds: readonly string[], callers: number): Promise<number> {
  const rest = [...planIds];
  const began = performance.now();
  const lane = async (): Promise<void> => {
    for (let planId = rest.shift(); planId !== undefined; planId = rest.shift()) await commitTwice(store, planId);
  };
  await Promise.all(Array.from({ length: callers }, lane));
  return planIds.length / ((performance.now() - began) / 1000);
}

async function commitTwice(store: Store, planId: string): Promise<void> {
  const record = await store.plan(planId);
  const [delivered] = await store.deliveriesOfPlan(planId);
  if (record === undefined || delivered === undefined) throw new Error(`plan ${planId} has gone`);
  const now = new Date().toISOString();
  const sessionId = randomUUID();
  const treated = session({ planId, seq: 2, site: 'lumbar', painBefore: 6, painAfter: 4, end: new Date() });
  const event = { at: now, about: 'session', id: sessionId, event: 'recorded', by: 'bench', detail: {} } as const;
  await store.commit({
    plan: { record: { ...record, version: record.version + 1 }, expect: record.version },
    session: {
      record: { session: { ...treated, sessionId } as never, planId, contentHash: sessionId, recordedAt: now },
    },
    history: [event],
    outbox: [],
  });
  const proved = { ...delivered, id: sessionId, kind: 'outcome', sessionId, state: 'sent' } as const;
  await store.commit({
    plan: { record: { ...record, version: record.version + 2 }, expect: record.version + 1 },
    deliveries: [proved],
    history: [event],
    outbox: [],
  });
}

/** Referrals in, plans accepted and assessed, so that a session may be recorded for each. */
async function makePlans(stage: Stage, count: number): Promise<readonly string[]> {
  const bodies = Array.from({ length: count }, (_, index) => ({
    path: '/fhir/ServiceRequest',
    text: JSON.stringify(order({ number: `L-${index}`, site: 'lumbar', reason: 'lowBackPain', sessions: 6 })),
  }));
  const partner = { 'content-type': 'application/fhir+json', authorization: `Bearer ${stage.tokens.partner}` };
  await post(stage.url, partner, bodies, 16);
  const clinic = caller(`${stage.url}/clinic`, stage.tokens.clinic, 'application/json');
  let planIds: readonly string[] = [];
  while (planIds.length < count) {
    planIds = await acceptedPlans(clinic);
    await wait(200);
  }
  const lanes = Array.from({ length: 16 }, (_, lane) => planIds.filter((_, index) => index % 16 === lane));
  await Promise.all(
    lanes.map(async (ids) => {
      for (const planId of ids) {
        await clinic('PUT', `/plans/${planId}/assessment`, {
          assessment: { performedAt: new Date().toISOString(), by: 'Tom Therapist' },
          goals: [{ goalId: 'goal-1', measure: 'pain-nrs' }],
        });
      }
    }),
  );
  await untilQuiet(stage);
  return planIds;
}

async function acceptedPlans(clinic: ReturnType<typeof caller>): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const { body } = await clinic(
      'GET',
      `/plans?status=accepted&limit=100${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
    );
    const page = body as unknown as { items: { plan: { planId: string } }[]; next: string | null };
    found.push(...page.items.map(({ plan }) => plan.planId));
    after = page.next;
  }
  return found;
}

/** The answers of the new plans are told before the clock starts. */
async function untilQuiet(stage: Stage): Promise<void> {
  for (let idle = 0; idle < 3; ) {
    const before = await stage.cpuMilliseconds();
    await wait(500);
    idle = (await stage.cpuMilliseconds()) - before < 50 ? idle + 1 : 0;
  }
}

async function untilProcedures(url: string, count: number): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 20) {
    if (Number(await (await fetch(url)).text()) >= count) return;
    await wait(20);
  }
  throw new Error(`The hospital has fewer than ${count} Procedures after two minutes.`);
}
