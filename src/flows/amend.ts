import { wishOf } from '../core/answer/order-status.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { newRecords, newRecordsOfOlder } from '../core/plan/screening/records.ts';
import { follow } from './amend-plan.ts';
import { type IncomingAmendment, type ReadAmendment, readAmendment } from './amend-read.ts';
import { type PlanChange, type Refused, recordAfter, refused, writesOf } from './change-plan.ts';
import { type BeforeStore, namedBefore, unknownBefore } from './follow-order.ts';
import { joinedIssues, withRecords } from './late-records.ts';
import { isOvertaken, newestVersions } from './older.ts';
import type { Drafting } from './plan.ts';
import { firstWrites, type ReceiveWorld } from './receive.ts';
import type { HistoryEntry, NewReferral, PlanRecord, Referral } from './records.ts';
import type { Store, Writes } from './store.ts';

export type { IncomingAmendment } from './amend-read.ts';

/** What changing an order needs of the world. */
export interface AmendWorld extends Pick<ReceiveWorld, 'validator' | 'hash' | 'newId' | 'now'> {
  readonly store: BeforeStore & Pick<Store, 'commit' | 'referralVersion' | 'planOfReferral'>;
  readonly drafting: Drafting;
}

/**
 * amended: here, and its plan follows it (or will, when there is none yet). created: it came before the order itself,
 * which is thereby here. unchanged: the same again. older: the hospital wrote a newer state that is here already, which
 * stays. unknown: there is no such order of this sender.
 */
export type Amended =
  | {
      readonly kind: 'amended' | 'created' | 'unchanged' | 'older';
      /** As it stands now. */
      readonly referral: Referral;
      readonly plan?: PlanRecord;
      readonly issues: readonly Issue[];
    }
  | { readonly kind: 'unknown' }
  | Refused;

/** Others may change the order or its plan at the same time; each try reads both anew. */
const tries = 16;

/**
 * Take in a newer version of an order: check it like a new one, keep it beside the older ones, and let its plan follow,
 * in one commit. By whatever way it comes: `id` for PUT, else the hospital's number; `expected` is If-Match.
 *
 * @returns Refused with 400 (cannot be read), 409 (the plan ended, or work began), 412 (stale), 422 (breaks the profile
 *   or a rule, or would be of another patient), 503 (changed by others all the time).
 */
export async function amendReferral(world: AmendWorld, incoming: IncomingAmendment): Promise<Amended> {
  const addressed = incoming.id === undefined ? undefined : await world.store.referral(incoming.id);
  if (incoming.id !== undefined && addressed?.partner !== incoming.sender.id) return { kind: 'unknown' };
  const read = readAmendment(world.validator, incoming, addressed);
  if (!read.ok) return refused(read.status, ...read.issues);
  for (let attempt = 0; attempt < tries; attempt++) {
    const result = await tryOnce(world, incoming, read, addressed?.id);
    if (result !== 'conflict') return withUnknown(world, incoming, result);
  }
  const message = 'The order is being changed by others all the time; nothing was written, try again.';
  return refused(503, { severity: 'error', code: 'plan-busy', type: 'transient', expression: '', message });
}

async function withUnknown({ store }: AmendWorld, { sender }: IncomingAmendment, result: Amended): Promise<Amended> {
  if (result.kind !== 'amended' && result.kind !== 'created') return result;
  const unknown = unknownBefore(await namedBefore(store, result.referral, sender.baseUrl));
  return unknown.length === 0 ? result : { ...result, issues: [...result.issues, ...unknown] };
}

async function tryOnce(
  world: AmendWorld,
  incoming: IncomingAmendment,
  read: ReadAmendment,
  id: string | undefined,
): Promise<Amended | 'conflict'> {
  const { sender, expected } = incoming;
  const existing = await (id === undefined
    ? world.store.referralByPlacer(sender.id, read.placer)
    : world.store.referral(id));
  if (existing === undefined) return create(world, incoming, read);
  if (expected !== 'any' && !expected.includes(existing.version)) return refused(412, stale(existing, expected));
  const changed = read.differsFrom(existing);
  if (changed !== undefined) return refused(422, changed);
  const versions = await newestVersions(world.store, existing);
  const record = read.asVersion(world, existing);
  const told = { referral: existing, issues: read.issues };
  // The same bytes again are an old message; else what comes with the order may be new although the order is not.
  const isRepeat = incoming.isRead !== true && versions.some(({ bytesHash }) => bytesHash === record.bytesHash);
  const mayBring = !isRepeat && incoming.context !== undefined;
  const isOlder = isOvertaken(record.resource, versions);
  if (isOlder || incoming.recordsOnly === true) {
    const find = isOlder ? newRecordsOfOlder : newRecords;
    const late = mayBring ? find(existing, record).filter(({ resource }) => resource.resourceType !== 'Patient') : [];
    if (late.length === 0) return { kind: 'older', ...told };
    if (tooManyLayers(record)) return refused(422, layersIssue(existing));
    const joined = withRecords(existing, record, late);
    return amend(world, existing, joined, { issues: [...read.issues, ...joinedIssues(existing, late)] });
  }
  const hasNews = mayBring && newRecords(existing, record).length > 0;
  const isNewer = isOvertaken(existing.resource, [record]);
  if (record.contentHash === existing.contentHash && !isNewer && !hasNews) return { kind: 'unchanged', ...told };
  // Without a word of the hospital about versions, and without If-Match, an old content is an old message again.
  const known = versions.some((version) => version !== existing && version.contentHash === record.contentHash);
  if (expected === 'any' && known && !isNewer && !hasNews) return { kind: 'older', ...told };
  if (tooManyLayers(record)) return refused(422, layersIssue(existing));
  return amend(world, existing, record, read);
}

/** So many different Bundles an order may bring along: all of them are read whenever it is screened. */
const layersLimit = 50;

/** The end of an order is taken whatever came before it. */
function tooManyLayers({ earlier = [], resource }: Referral): boolean {
  return earlier.length >= layersLimit && wishOf(resource) !== 'end';
}

function layersIssue({ id }: Referral): Issue {
  const message = `ServiceRequest/${id} has come with ${layersLimit} different Bundles or sets of contained resources; withdraw it, and send a new order that names it in ServiceRequest.replaces.`;
  return { severity: 'error', code: 'too-many-versions', type: 'too-costly', expression: '', message };
}

async function amend(
  world: AmendWorld,
  existing: Referral,
  record: NewReferral,
  read: Pick<ReadAmendment, 'issues'>,
): Promise<Amended | 'conflict'> {
  const plan = await world.store.planOfReferral(existing.id);
  if (plan === undefined) {
    const faults = planFaults(world, record);
    if (faults.length > 0) return refused(422, ...faults, ...read.issues);
  }
  // The plan may be behind: a worker made it of a version that was newest then.
  const followed = plan === undefined ? undefined : await before(world, plan, existing);
  const step =
    plan === undefined || followed === undefined
      ? undefined
      : follow(world.drafting, plan, { before: followed, after: record, at: record.updatedAt });
  if (step?.kind === 'refused') return { ...step, issues: [...step.issues, ...read.issues] };
  const after = plan && step && recordAfter(plan, step.change, record.updatedAt);
  const result = await world.store.commit(writesFor(existing, record, plan && after && step && { plan, after, step }));
  if (result.kind === 'conflict') return 'conflict';
  return { kind: 'amended', referral: record, ...(after === undefined ? {} : { plan: after }), issues: read.issues };
}

/** The version of the order that its plan follows. */
async function before(world: AmendWorld, plan: PlanRecord, existing: Referral): Promise<Referral> {
  const version = plan.referralVersion ?? 1;
  if (version === existing.version) return existing;
  return (await world.store.referralVersion(existing.id, version)) ?? existing;
}

function writesFor(
  existing: Referral,
  record: NewReferral,
  planned:
    | { readonly plan: PlanRecord; readonly after: PlanRecord; readonly step: { readonly change: PlanChange } }
    | undefined,
): Writes {
  const at = record.updatedAt;
  const entry: HistoryEntry = {
    at,
    about: 'referral',
    id: record.id,
    event: 'amended',
    by: record.partner,
    detail: {
      version: record.version,
      bytesHash: record.bytesHash,
      correlationId: record.correlationId,
      planned: planned !== undefined,
    },
  };
  const referral = { record, expect: existing.version };
  if (planned === undefined) {
    const outbox = [{ queue: 'intake' as const, subject: record.id, dueAt: at, priority: 5 }];
    return { referral, history: [entry], outbox };
  }
  const { plan, after, step } = planned;
  const writes = writesOf(plan, after, step.change);
  // The clinic's own system hears of it by the feed; what differs stands in the plan's history.
  const feed = { queue: 'plans' as const, subject: after.plan.planId, dueAt: at, priority: 5 };
  return { ...writes, referral, history: [entry, ...writes.history], outbox: [...writes.outbox, feed] };
}

/** A change that overtook its order: it is the order then. */
async function create(
  world: AmendWorld,
  incoming: IncomingAmendment,
  read: ReadAmendment,
): Promise<Amended | 'conflict'> {
  const record = read.asNew(world);
  const faults = planFaults(world, record);
  if (faults.length > 0) return refused(422, ...faults, ...read.issues);
  const result = await world.store.commit(firstWrites(record, incoming.sender.id));
  if (result.kind === 'conflict') return 'conflict';
  return { kind: 'created', referral: record, issues: read.issues };
}

function planFaults({ drafting }: AmendWorld, record: Referral): readonly Issue[] {
  const made = drafting.makePlan(record, 'draft');
  return made.ok ? [] : made.issues;
}

function stale(existing: Referral, expected: readonly number[]): Issue {
  const message = `ServiceRequest/${existing.id} has version ${existing.version}, not ${expected.join(' or ')}; read it again and send the change of that.`;
  return { severity: 'error', code: 'version-stale', type: 'conflict', expression: '', message };
}
