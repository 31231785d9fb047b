import type { Bundle, Task } from '@medplum/fhirtypes';
import pg from 'pg';
import { planNumberSystem } from '../../src/core/answer/codes.ts';
import { isFinal } from '../../src/core/plan/states.ts';
import type { Delivery, HistoryEntry, PlanRecord, Referral } from '../../src/flows/records.ts';
import { isState } from './acts.ts';
import type { Ending } from './stories.ts';
import type { Storm } from './storm.ts';

/** Everything of the storm's promises that was not kept, one sentence each. */
export async function faultsOf(storm: Storm, connectionString: string): Promise<readonly string[]> {
  const faults = await leftovers(storm, connectionString);
  const plans = new Set<string>();
  for (const told of storm.told) {
    const { referralId } = told.ending;
    const [referral, record] = await Promise.all([
      storm.store.referral(referralId),
      storm.store.planOfReferral(referralId),
    ]);
    if (referral === undefined || record === undefined) {
      faults.push(`${told.number} (${told.story}) has no ${referral === undefined ? 'order' : 'plan'} here.`);
      continue;
    }
    plans.add(record.plan.planId);
    const found = [
      ...(await faultsOfOrder(storm, told.ending, referral)),
      ...(await faultsOfPlan(storm, told.ending, referral, record)),
      ...(await faultsAtHospital(storm, told.ending, record)),
    ];
    faults.push(...found.map((fault) => `${told.number} (${told.story}): ${fault}`));
  }
  if (plans.size !== storm.told.length) faults.push(`${storm.told.length} referrals have ${plans.size} plans.`);
  return faults;
}

/** What nobody would look at again, and what the hospital has too much of. */
async function leftovers({ store, hospital, told }: Storm, connectionString: string): Promise<string[]> {
  const waiting = await store.waitingDeliveries(10);
  const faults = waiting.map(({ id, issues }) => `Delivery ${id} waits: ${issues[0]?.message}`);
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const counts = await client.query(`select (select count(*)::int from tactus.referral) as orders,
      (select count(*)::int from tactus.plan) as plans, (select count(*)::int from tactus.intake) as intake,
      (select count(*)::int from tactus.outbox where queue <> 'plans') as outbox,
      (select count(*)::int from tactus.session) as sessions`);
    const sessions = told.flatMap(({ ending }) => ending.sessions).length;
    const wanted = { orders: told.length, plans: told.length, intake: 0, outbox: 0, sessions };
    for (const [name, count] of Object.entries(wanted)) {
      const [row] = counts.rows;
      if (row[name] !== count) faults.push(`There are ${row[name]} rows of ${name}, should be ${count}.`);
    }
    const begun = told.filter(({ ending }) => ending.sessions.length > 0 && isFinal(ending.plan)).length;
    for (const [type, count] of Object.entries({ Procedure: sessions, DiagnosticReport: begun, Task: told.length })) {
      const total = await countAt(hospital, `/${type}?_count=1000`);
      if (total !== count) faults.push(`The hospital has ${total} resources of ${type}, should have ${count}.`);
    }
    return faults;
  } finally {
    await client.end();
  }
}

/** Every accepted change is one version more, and what was sent last stands. */
async function faultsOfOrder({ store }: Storm, ending: Ending, referral: Referral): Promise<string[]> {
  const faults: string[] = [];
  if (!isState(referral.resource, ending.order)) faults.push('what was sent last does not stand.');
  if (ending.versions !== undefined && referral.version !== ending.versions)
    faults.push(`has ${referral.version} versions, ${ending.versions} were accepted.`);
  const history = await store.history('referral', referral.id);
  const told = history.filter(({ event }) => event === 'received' || event === 'amended').length;
  if (told !== referral.version) faults.push(`has ${referral.version} versions, its history tells ${told}.`);
  return faults;
}

async function faultsOfPlan(
  { store }: Storm,
  ending: Ending,
  referral: Referral,
  record: PlanRecord,
): Promise<string[]> {
  const { plan, referralVersion = 1, cancellations = [] } = record;
  const faults: string[] = [];
  const compare = (what: string, is: unknown, wanted: unknown) => {
    if (is !== wanted) faults.push(`${what} is ${is}, should be ${wanted}.`);
  };
  compare('the plan', plan.status, ending.plan);
  compare('the number of sessions prescribed', plan.dosage.sessions, ending.prescribed);
  compare('the number of sessions given', plan.progress.delivered, ending.sessions.length);
  compare('the version that the plan follows', referralVersion, referral.version);
  compare('the request to cancel', cancellations.map(({ state }) => state).join(), ending.cancellation ?? '');
  const history = await store.history('plan', plan.planId);
  for (const [event, wanted] of Object.entries(ending.events))
    compare(`how often the plan was ${event}`, countOf(history, event), wanted);
  if (!hasNextStep(record)) faults.push(`the plan is ${plan.status} and nobody is to do anything.`);
  const open = (await store.deliveriesOfPlan(plan.planId)).filter(isOpen);
  return [...faults, ...open.map(({ kind, state }) => `a delivery (${kind}) is ${state}.`)];
}

function countOf(history: readonly HistoryEntry[], wanted: string): number {
  return history.filter(({ event }) => event === wanted).length;
}

function isOpen({ state }: Delivery): boolean {
  return state === 'pending' || state === 'waiting';
}

/** It has ended, or the clinic treats, or the prescriber is asked, or has put the order on hold. */
function hasNextStep({ plan, questions, reasons }: PlanRecord): boolean {
  if (isFinal(plan.status) || plan.status === 'accepted' || plan.status === 'in-progress') return true;
  return plan.status === 'held' && (questions.length > 0 || reasons.includes('order-on-hold'));
}

/** One Task a referral at the hospital, that tells what ours tells; one Procedure a session. */
async function faultsAtHospital({ hospital, ehr }: Storm, ending: Ending, record: PlanRecord): Promise<string[]> {
  const found = (await hospital(
    `/Task?identifier=${planNumberSystem}|${record.plan.planId}`,
  )) as unknown as Bundle<Task>;
  const [entry, another] = found.entry ?? [];
  if (entry?.resource === undefined || another !== undefined)
    return [`the hospital has ${found.entry?.length ?? 0} Tasks.`];
  const faults: string[] = [];
  if (entry.resource.status !== ending.task)
    faults.push(`the Task at the hospital is ${entry.resource.status}, should be ${ending.task}.`);
  const here = (await ehr(`/Task/${ending.referralId}`)) as unknown as Task;
  if (toldBy(entry.resource) !== toldBy(here))
    faults.push(`the hospital's Task tells ${toldBy(entry.resource)}, ours ${toldBy(here)}.`);
  for (const sessionId of ending.sessions) {
    const path = `/Procedure?identifier=https://tactus.example/fhir/sid/session|${sessionId}`;
    const count = await countAt(hospital, path);
    if (count !== 1) faults.push(`session ${sessionId} is ${count} Procedures.`);
  }
  if (ending.cancellation !== undefined) {
    const asked = (await ehr(`/Task/${ending.referralId}-abort-1`)) as unknown as Task;
    if (asked.status !== ending.cancellation)
      faults.push(`the request to cancel is told as ${asked.status}, should be ${ending.cancellation}.`);
  }
  return faults;
}

/** What a Task says, without the places where its resources stand. */
function toldBy({ status, businessStatus, statusReason, input = [], output = [] }: Task): string {
  const said = [
    businessStatus?.coding?.[0]?.code,
    statusReason?.coding?.[0]?.code,
    ...input.map(({ type }) => type?.coding?.at(-1)?.code),
    ...output.map(({ type, valueRatio }) => {
      const progress = valueRatio && ` ${valueRatio.numerator?.value}/${valueRatio.denominator?.value}`;
      return `${type?.coding?.[0]?.code}${progress ?? ''}`;
    }),
  ];
  return [status, ...said].join(', ');
}

async function countAt(hospital: Storm['hospital'], path: string): Promise<number> {
  return ((await hospital(path)) as { readonly total?: number }).total ?? 0;
}
