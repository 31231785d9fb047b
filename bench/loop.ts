import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { caller } from '../src/cli/demo/clients.ts';
import { order, session } from '../src/cli/demo/orders.ts';
import { openStage, post, type Stage, startPeer, tell } from './stage.ts';

/**
 * `npm run bench -- loop [--sessions N] [--callers N]`: from recorded sessions to Procedures at a hospital that costs as
 * little as possible; the clock runs from the first session recorded to the last Procedure there.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { sessions: { type: 'string' }, callers: { type: 'string' } },
  });
  const sessions = Number(values.sessions ?? 1000);
  const callers = Number(values.callers ?? 16);
  const hospital = await startPeer('hospital.ts');
  const stage = await openStage({ TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: `${hospital.url}/fhir` });
  try {
    const planIds = await makePlans(stage, sessions);
    const cpuBefore = await stage.cpuMilliseconds();
    const databaseBefore = await stage.databaseCpuMilliseconds();
    const began = performance.now();
    const bodies = planIds.map((planId) => ({
      path: `/clinic/plans/${planId}/sessions`,
      text: JSON.stringify(session({ planId, seq: 1, site: 'lumbar', painBefore: 6, painAfter: 4, end: new Date() })),
    }));
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${stage.tokens.clinic}` };
    const recorded = await post(stage.url, headers, bodies, callers);
    await untilProcedures(hospital.url, sessions);
    const seconds = (performance.now() - began) / 1000;
    const cpu = (await stage.cpuMilliseconds()) - cpuBefore;
    const database = (await stage.databaseCpuMilliseconds()) - databaseBefore;
    tell('sessions recorded', { 'per s': recorded.perSecond, 'p99 ms': recorded.p99, failed: recorded.failed });
    tell('Procedures at the hospital', {
      'per s': sessions / seconds,
      'Tactus CPU ms each': cpu / sessions,
      'PostgreSQL CPU ms each': database / sessions,
    });
    tell('Tactus', { 'start ms': stage.startMilliseconds, 'peak MB': await stage.peakMemory() });
    return recorded.failed === 0 ? 0 : 1;
  } finally {
    await stage.close();
    await hospital.close();
  }
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
