import type { FullIdentifier } from '../core/fhir/identifiers.ts';
import type { Issue } from '../core/fhir/issue.ts';
import type { Locate } from '../core/validate/validator.ts';
import type { Amended, IncomingAmendment } from './amend.ts';
import { placed } from './bundle-issues.ts';
import { namedBefore, unknownBefore } from './follow-order.ts';
import { type Joining, join, joining } from './join-order.ts';
import { type KeepingStore, keepPlacerTask, placerTaskEntry } from './placer-task.ts';
import { checkReferral, type GoodReferral, type ReferralSender } from './read-referral.ts';
import { comeAgain, firstWrites, newReferral, type ReceiveWorld } from './receive.ts';
import type { NewReferral, Referral } from './records.ts';
import type { Writes } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

/** Orders of one Bundle: each is kept with the whole Bundle, so many would multiply it. */
export const bundleOrderLimit = 20;

/** One order of a Bundle. */
export interface BundledOrder {
  readonly resource: unknown;
  /** FHIRPath of the resource in the Bundle, for example `Bundle.entry[2].resource`. */
  readonly expression: string;
  readonly ifNoneExist?: FullIdentifier;
  /** The Task that asks for it, as its placer made it. */
  readonly placerTask?: Json;
}

/** A Bundle with the orders in it. */
export interface IncomingBundle {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  readonly bundle: unknown;
  readonly orders: readonly BundledOrder[];
  readonly correlationId: string | null;
  readonly locate: Locate;
  /** Part of it was read at the hospital. */
  readonly isRead?: boolean;
}

/** One order as it is here now. */
export interface TakenOrder {
  readonly kind: 'created' | 'existing';
  readonly referral: Referral;
  readonly issues: readonly Issue[];
}

/** taken: all of them, in the order of the Bundle. refused: none of them. */
export type ReceivedTogether =
  | { readonly kind: 'taken'; readonly orders: readonly TakenOrder[] }
  | { readonly kind: 'refused'; readonly status: 400 | 409 | 412 | 413 | 422 | 503; readonly issues: readonly Issue[] };

type BundledRead = GoodReferral & { readonly order: BundledOrder };

/** Who loses a race for a number reads again and finds the winner's; a third race is a fault of ours. */
const tries = 3;

/** What taking in a Bundle needs of the world. */
export interface TogetherWorld extends ReceiveWorld {
  /** src/flows/amend.ts: for orders that are here and come with records that are new. */
  readonly amend: (incoming: IncomingAmendment) => Promise<Amended>;
  readonly store: ReceiveWorld['store'] & KeepingStore;
}

/**
 * Take in all orders of a Bundle or none: each is checked like one that comes alone, kept with the Bundle as its context,
 * so that what was bundled is screened, and all new ones are written in one commit. Those that are here already stay, and
 * records that came with them now and are not known join them.
 */
export async function receiveTogether(world: TogetherWorld, incoming: IncomingBundle): Promise<ReceivedTogether> {
  if (incoming.orders.length > bundleOrderLimit) return refused(413, [tooMany(incoming.orders.length)]);
  const read = incoming.orders.map((order) => readBundled(world, incoming, order));
  const unfit = read.filter((one) => !one.ok);
  if (unfit.length > 0) {
    return refused(
      unfit.some(({ status }) => status === 400) ? 400 : 422,
      read.flatMap(({ issues }) => issues),
    );
  }
  const good = read as readonly BundledRead[];
  const twice = sameNumber(good);
  if (twice.length > 0) return refused(422, twice);
  for (let attempt = 0; attempt < tries; attempt++) {
    const result = await tryOnce(world, incoming, good);
    if (result !== 'conflict') return result;
  }
  throw new Error('Orders of a Bundle conflict with orders that cannot be read.');
}

async function tryOnce(
  world: TogetherWorld,
  incoming: IncomingBundle,
  good: readonly BundledRead[],
): Promise<ReceivedTogether | 'conflict'> {
  const { sender, bundle: context } = incoming;
  const taken: (TakenOrder & { readonly read: BundledRead; readonly joined?: Joining })[] = [];
  const faults: Issue[] = [];
  let conflicts = false;
  for (const read of good) {
    const record = newReferral(world, { ...incoming, context }, read);
    const standing = await whatStands(world, sender, record, read);
    if (standing?.kind === 'conflict') {
      conflicts = true;
      faults.push(...standing.issues.map((issue) => placed(issue, read.order, incoming.locate)));
    } else if (standing !== undefined) {
      const joined = joining(standing.referral, record);
      if (joined.kind === 'other') {
        conflicts = true;
        faults.push(...joined.issues.map((issue) => placed(issue, read.order, incoming.locate)));
      }
      taken.push({ ...standing, read, joined });
    } else {
      faults.push(...world.planFaults(record).map((issue) => placed(issue, read.order, incoming.locate)));
      taken.push({ kind: 'created', referral: record, issues: read.issues, read });
    }
  }
  if (faults.length > 0) return refused(conflicts ? 409 : 422, faults);
  const orders: TakenOrder[] = [];
  for (const { read, joined, ...order } of taken) {
    const isNews = joined?.kind === 'news';
    const result = isNews ? await join(world, incoming, read.order, order, !joined.sameOrder) : order;
    if (result.kind === 'refused') return result;
    orders.push(result);
  }
  const made = orders.flatMap(({ kind, referral }, at) =>
    kind === 'created' ? [{ record: referral as NewReferral, order: taken[at]?.read.order }] : [],
  );
  if (made.length > 0) {
    const result = await world.store.commit(allWrites(made, sender));
    if (result.kind !== 'done') return 'conflict';
  }
  const told = orders.map((order, at) => afterwards(world, incoming, order, taken[at]?.read));
  return { kind: 'taken', orders: await Promise.all(told) };
}

/** After the commit: the order before may have come in the same Bundle. */
async function afterwards(
  world: TogetherWorld,
  { sender, locate }: IncomingBundle,
  order: TakenOrder,
  read: BundledRead | undefined,
): Promise<TakenOrder> {
  if (read === undefined) return order;
  const { placerTask } = read.order;
  if (order.kind !== 'created') {
    if (placerTask !== undefined) await keepPlacerTask(world, sender, order.referral.id, placerTask);
    return order;
  }
  const named = await namedBefore(world.store, order.referral, sender.baseUrl);
  const unknown = unknownBefore(named).map((issue) => placed(issue, read.order, locate));
  return unknown.length === 0 ? order : { ...order, issues: [...order.issues, ...unknown] };
}

/** The order that is here under this number: the same, another, or none. */
async function whatStands(
  world: ReceiveWorld,
  sender: ReferralSender,
  record: NewReferral,
  { order, issues }: BundledRead,
) {
  const asked = order.ifNoneExist && (await world.store.referralByPlacer(sender.id, order.ifNoneExist));
  if (asked !== undefined) return { kind: 'existing' as const, referral: asked, issues: [] };
  const existing = await world.store.referralByPlacer(sender.id, record.placer);
  return existing === undefined ? undefined : comeAgain(world, record, issues);
}

function allWrites(
  made: readonly { readonly record: NewReferral; readonly order: BundledOrder | undefined }[],
  sender: ReferralSender,
): Writes {
  const [first, ...more] = made.map(({ record, order }): Writes => {
    const writes = firstWrites(record, sender.id);
    const task = placerTaskEntry(sender, record.id, order?.placerTask, record.receivedAt);
    return { ...writes, history: [...writes.history, ...task] };
  });
  if (first === undefined) throw new Error('There is nothing to write.');
  return {
    ...first,
    moreReferrals: made.slice(1).map(({ record }) => record),
    history: [first, ...more].flatMap(({ history }) => history),
    outbox: [first, ...more].flatMap(({ outbox }) => outbox),
  };
}

function readBundled(world: ReceiveWorld, { sender, locate }: IncomingBundle, order: BundledOrder) {
  const checked = checkReferral(world.validator, sender, order.resource);
  return { ...checked, issues: checked.issues.map((issue) => placed(issue, order, locate)), order };
}

/** Two orders of one Bundle with one number: nobody could say which is meant. */
function sameNumber(read: readonly BundledRead[]): Issue[] {
  const seen = new Set<string>();
  return read.flatMap(({ placer, order }): Issue[] => {
    const number = `${placer.system}|${placer.value}`;
    const isFirst = !seen.has(number);
    seen.add(number);
    if (isFirst) return [];
    const expression = `${order.expression}.identifier`;
    const message = `${expression} is the number of an earlier order of the Bundle too; each order needs its own.`;
    return [{ severity: 'error', code: 'bundle-overlap', type: 'duplicate', expression, message }];
  });
}

function tooMany(count: number): Issue {
  const message = `The Bundle has ${count} orders; at most ${bundleOrderLimit} are taken at once.`;
  return { severity: 'error', code: 'bundle-too-large', type: 'too-long', expression: 'Bundle.entry', message };
}

function refused(status: 400 | 409 | 413 | 422, issues: readonly Issue[]): ReceivedTogether {
  return { kind: 'refused', status, issues };
}
