import type { Task } from '@medplum/fhirtypes';
import { cancellationTask } from '../../core/answer/cancellation-task.ts';
import type { Partner } from '../../core/answer/partner.ts';
import type { FullIdentifier } from '../../core/fhir/identifiers.ts';
import type { PlanRecord, Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, notFound } from './answer.ts';
import type { Call } from './door.ts';
import { resourceAnswer, searchset } from './fhir-resource.ts';
import { type Instants, instants, within } from './instants.ts';
import { isId } from './request.ts';
import { fullTokens, readSearch, type Search } from './search-parameters.ts';
import { partnerOf } from './service-request.ts';

/** What the Task's routes need. The Task is never stored: it is computed from the plan whenever it is asked for. */
export interface TaskWorld {
  readonly store: Pick<Store, 'referral' | 'referralByPlacer' | 'planOfReferral' | 'plans'>;
  readonly partners: ReadonlyMap<string, Partner>;
  /** Without a plan: the answer to a referral that is not mapped yet. */
  readonly taskOf: (partner: Partner, referral: Referral, plan: PlanRecord | undefined) => Task;
}

export const searchNames = [
  'identifier',
  'based-on',
  'focus',
  'status',
  '_lastUpdated',
  'patient',
  'patient:identifier',
  '_id',
] as const;

/** Pages of plans that are looked through for one page of Tasks; then a next link leads on. */
const pagesLookedThrough = 10;

/** GET Task/{id}: the Task of a referral has the referral's id; a request to cancel it, that and a number. */
export async function readTask(world: TaskWorld, call: Call): Promise<Answer> {
  const partner = partnerOf(world.partners, call);
  const { id } = call.params;
  const task = isId(id)
    ? ((await taskOfReferral(world, partner, id)) ?? (await taskOfCancellation(world, partner, id)))
    : undefined;
  if (task === undefined) throw notFound('Task');
  return resourceAnswer(task);
}

async function taskOfCancellation(world: TaskWorld, partner: Partner, taskId: string): Promise<Task | undefined> {
  const referralId = /^(.+)-abort-[1-9]\d{0,3}$/.exec(taskId)?.[1];
  if (referralId === undefined) return undefined;
  const [referral, plan] = await Promise.all([
    world.store.referral(referralId),
    world.store.planOfReferral(referralId),
  ]);
  const cancellation = plan?.cancellations?.find((one) => one.taskId === taskId);
  if (referral === undefined || referral.partner !== partner.id || cancellation === undefined) return undefined;
  return cancellationTask({ cancellation, referral });
}

/** GET Task?…: the state of referrals by number, patient, state or time. */
export async function searchTasks(world: TaskWorld, call: Call): Promise<Answer> {
  const partner = partnerOf(world.partners, call);
  const asked = readSearch(call.query, searchNames, `${call.base}/Task`, call.prefer.strict);
  const fits = filter(asked, call.base);
  const ids = await namedReferrals(world, partner, asked, call.base);
  if (ids !== undefined) {
    const tasks = await Promise.all(ids.map((id) => taskOfReferral(world, partner, id)));
    const found = tasks.filter((task) => task !== undefined && fits(task)) as Task[];
    return { status: 200, body: searchset(call.base, asked.self, found, { total: found.length }) };
  }
  const { found, after } = await page(world, partner, asked, fits);
  const next = after === null ? {} : { next: asked.next(after) };
  return { status: 200, body: searchset(call.base, asked.self, found, next) };
}

async function taskOfReferral(world: TaskWorld, partner: Partner, id: string): Promise<Task | undefined> {
  const [referral, plan] = await Promise.all([world.store.referral(id), world.store.planOfReferral(id)]);
  return referral?.partner === partner.id ? world.taskOf(partner, referral, plan) : undefined;
}

/** One page of the partner's Tasks in the store's order; a page may be short when many do not fit. */
async function page(world: TaskWorld, partner: Partner, asked: Search, fits: (task: Task) => boolean) {
  const found: Task[] = [];
  const patient = singlePatient(asked);
  const since = updatedSince(asked);
  let after: string | null = asked.after ?? null;
  for (let looked = 0; looked < pagesLookedThrough && found.length < asked.count; looked++) {
    const plans = await world.store.plans({
      partner: partner.id,
      limit: asked.count - found.length,
      ...(after === null ? {} : { after }),
      ...(patient === undefined ? {} : { patient: `${patient.system}|${patient.value}` }),
      ...(since === undefined ? {} : { updatedSince: since }),
    });
    const tasks = await Promise.all(plans.items.map((plan) => taskOfPlan(world, partner, plan)));
    for (const task of tasks) if (task !== undefined && fits(task)) found.push(task);
    after = plans.next;
    if (after === null) break;
  }
  return { found, after };
}

async function taskOfPlan(world: TaskWorld, partner: Partner, plan: PlanRecord): Promise<Task | undefined> {
  const referral = await world.store.referral(plan.referralId);
  return referral === undefined ? undefined : world.taskOf(partner, referral, plan);
}

/** Referrals that the search names, so that no listing is needed; undefined when it names none. */
async function namedReferrals(
  world: TaskWorld,
  partner: Partner,
  asked: Search,
  base: string,
): Promise<string[] | undefined> {
  const byReference = ['based-on', 'focus'].flatMap((name) => asked.values(name));
  const named = [
    ...asked.values('_id'),
    ...byReference.map((values) => values.map((value) => referralId(value, base) ?? '')),
  ].map((ids) => ids.filter(isId));
  for (const values of asked.values('identifier')) {
    const tokens = fullTokens('identifier', values);
    const referrals = await Promise.all(tokens.map((one) => world.store.referralByPlacer(partner.id, one)));
    // Our own number of a referral is its id.
    named.push(tokens.flatMap((one, at) => referrals[at]?.id ?? one.value).filter(isId));
  }
  if (named.length === 0) return undefined;
  return [...new Set(named[0])].filter((id) => named.every((ids) => ids.includes(id)));
}

/** `ServiceRequest/x`, the same below our address, or `x`. */
function referralId(reference: string, base: string): string | undefined {
  const relative = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  const id = relative.startsWith('ServiceRequest/') ? relative.slice('ServiceRequest/'.length) : relative;
  return isId(id) ? id : undefined;
}

/** Everything that the search says, held against the Task itself. */
function filter(asked: Search, base: string): (task: Task) => boolean {
  const statuses = asked.values('status').map((values) => values.map((value) => value.split('|').at(-1)));
  const updated = asked.values('_lastUpdated').map((values) => values.map((value) => instants('_lastUpdated', value)));
  const patients = asked.values('patient').map((values) => values.map((value) => asPatient(value, base)));
  const people = asked.values('patient:identifier').map((values) => fullTokens('patient:identifier', values));
  const numbers = asked.values('identifier').map((values) => fullTokens('identifier', values));
  return (task) =>
    statuses.every((values) => values.includes(task.status)) &&
    updated.every((values) => values.some((range) => within(task.meta?.lastUpdated ?? '', range))) &&
    patients.every((values) => values.includes(task.for?.reference ?? '')) &&
    people.every((values) => values.some((one) => same(one, task.for?.identifier))) &&
    numbers.every((values) => values.some((one) => (task.identifier ?? []).some((other) => same(one, other))));
}

function asPatient(value: string, base: string): string {
  const relative = value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value;
  return relative.includes('/') ? relative : `Patient/${relative}`;
}

function same(one: FullIdentifier, other: { system?: string; value?: string } | undefined): boolean {
  return one.system === other?.system && one.value === other.value;
}

function singlePatient(asked: Search): FullIdentifier | undefined {
  const [first] = asked.values('patient:identifier');
  return first?.length === 1 ? fullTokens('patient:identifier', first)[0] : undefined;
}

/** The earliest instant that can fit, so that the store leaves out what is older. */
function updatedSince(asked: Search): string | undefined {
  const ranges: Instants[] = asked
    .values('_lastUpdated')
    .flatMap((values) => (values.length === 1 ? values.map((one) => instants('_lastUpdated', one)) : []));
  const from = Math.max(...ranges.map((range) => range.from));
  return Number.isFinite(from) ? new Date(from).toISOString() : undefined;
}
