import type { FullIdentifier } from '../core/fhir/identifiers.ts';
import { type Issue, isFault } from '../core/fhir/issue.ts';
import type { Locate } from '../core/validate/validator.ts';
import { checkReferral, type GoodReferral, type ReferralSender, releaseHint } from './read-referral.ts';
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
}

/** A Bundle with the orders in it. */
export interface IncomingBundle {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  readonly bundle: unknown;
  readonly orders: readonly BundledOrder[];
  readonly correlationId: string | null;
  readonly locate: Locate;
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
  | { readonly kind: 'refused'; readonly status: 400 | 409 | 413 | 422; readonly issues: readonly Issue[] };

/** Who loses a race for a number reads again and finds the winner's; a third race is a fault of ours. */
const tries = 3;

/**
 * Take in all orders of a Bundle or none: each is checked like one that comes alone, kept with the Bundle as its context,
 * so that what was bundled is screened, and all new ones are written in one commit. Those that are here already stay.
 */
export async function receiveTogether(world: ReceiveWorld, incoming: IncomingBundle): Promise<ReceivedTogether> {
  if (incoming.orders.length > bundleOrderLimit) return refused(413, [tooMany(incoming.orders.length)]);
  const read = incoming.orders.map((order) => readBundled(world, incoming, order));
  const unfit = read.filter((one) => !one.ok);
  if (unfit.length > 0) {
    return refused(
      unfit.some(({ status }) => status === 400) ? 400 : 422,
      read.flatMap(({ issues }) => issues),
    );
  }
  const good = read as readonly (GoodReferral & { readonly order: BundledOrder })[];
  const twice = sameNumber(good);
  if (twice.length > 0) return refused(422, twice);
  for (let attempt = 0; attempt < tries; attempt++) {
    const result = await tryOnce(world, incoming, good);
    if (result !== 'conflict') return result;
  }
  throw new Error('Orders of a Bundle conflict with orders that cannot be read.');
}

async function tryOnce(
  world: ReceiveWorld,
  incoming: IncomingBundle,
  good: readonly (GoodReferral & { readonly order: BundledOrder })[],
): Promise<ReceivedTogether | 'conflict'> {
  const { sender, bundle: context } = incoming;
  const taken: TakenOrder[] = [];
  const faults: Issue[] = [];
  let conflicts = false;
  for (const read of good) {
    const record = newReferral(world, { ...incoming, context }, read);
    const standing = await whatStands(world, sender, record, read);
    if (standing?.kind === 'conflict') {
      conflicts = true;
      faults.push(...standing.issues.map((issue) => placed(issue, read.order, incoming.locate)));
    } else if (standing !== undefined) taken.push(standing);
    else {
      faults.push(...world.planFaults(record).map((issue) => placed(issue, read.order, incoming.locate)));
      taken.push({ kind: 'created', referral: record, issues: read.issues });
    }
  }
  if (faults.length > 0) return refused(conflicts ? 409 : 422, faults);
  const made = taken.filter(({ kind }) => kind === 'created').map(({ referral }) => referral as NewReferral);
  if (made.length === 0) return { kind: 'taken', orders: taken };
  const result = await world.store.commit(allWrites(made, sender.id));
  return result.kind === 'done' ? { kind: 'taken', orders: taken } : 'conflict';
}

/** The order that is here under this number: the same, another, or none. */
async function whatStands(
  world: ReceiveWorld,
  sender: ReferralSender,
  record: NewReferral,
  { order, issues }: GoodReferral & { readonly order: BundledOrder },
) {
  const asked = order.ifNoneExist && (await world.store.referralByPlacer(sender.id, order.ifNoneExist));
  if (asked !== undefined) return { kind: 'existing' as const, referral: asked, issues: [] };
  const existing = await world.store.referralByPlacer(sender.id, record.placer);
  return existing === undefined ? undefined : comeAgain(world, record, issues);
}

function allWrites(records: readonly NewReferral[], by: string): Writes {
  const [first, ...more] = records.map((record) => firstWrites(record, by));
  if (first === undefined) throw new Error('There is nothing to write.');
  return {
    ...first,
    moreReferrals: records.slice(1),
    history: [first, ...more].flatMap(({ history }) => history),
    outbox: [first, ...more].flatMap(({ outbox }) => outbox),
  };
}

function readBundled(world: ReceiveWorld, { sender, locate }: IncomingBundle, order: BundledOrder) {
  const checked = checkReferral(world.validator, sender, order.resource);
  return { ...checked, issues: checked.issues.map((issue) => placed(issue, order, locate)), order };
}

/** Two orders of one Bundle with one number: nobody could say which is meant. */
function sameNumber(read: readonly (GoodReferral & { readonly order: BundledOrder })[]): Issue[] {
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

/** An issue of a resource, said of the Bundle that it stands in. */
export function placed(issue: Issue, { expression: prefix }: Pick<BundledOrder, 'expression'>, locate: Locate): Issue {
  const isOfPlan = /^[A-Z]/.test(issue.expression) && !issue.expression.startsWith('ServiceRequest');
  const expression = isOfPlan ? issue.expression : prefix + issue.expression.replace(/^ServiceRequest/, '');
  return { ...issue, expression, ...locate(expression) };
}

/** What is wrong with a Bundle as R4 has it, told by how much it matters here: see `matters`. */
export function bundleIssues(world: Pick<ReceiveWorld, 'validator'>, bundle: unknown, locate: Locate): Issue[] {
  if (world.validator.accepts(bundle)) return [];
  const resources = entryResources(bundle);
  const types = resources.map((resource) => String(resource?.resourceType ?? ''));
  const issues = world.validator
    .validate(bundle, { locate })
    .map((issue): Issue => (matters(issue, types) ? issue : { ...issue, severity: 'warning' }));
  return issues.some(isFault)
    ? [...issues, ...releaseHints(resources, (at) => `Bundle.entry[${at}].resource`, locate)]
    : issues;
}

/** Orders in the shape of another release, told once each beside the issues that it causes. */
export function releaseHints(
  resources: readonly (Json | undefined)[],
  expression: (index: number) => string,
  locate: Locate,
): Issue[] {
  return resources.flatMap((resource, index) => {
    const hint = resource?.resourceType === 'ServiceRequest' ? releaseHint(resource) : undefined;
    return hint === undefined ? [] : [placed(hint, { expression: expression(index) }, locate)];
  });
}

/** Resources that something is done with; the others are read for what they tell. */
const actedOn: ReadonlySet<string> = new Set(['ServiceRequest', 'Task', 'MessageHeader']);

/**
 * A code outside of a required value set in a Patient's languages is no reason to refuse an order. What cannot be read, and
 * any fault of what we act on, is.
 */
function matters(issue: Issue, resources: readonly string[]): boolean {
  // A name such as urn:uuid:patient is no UUID, and still leads to one entry: nothing is guessed by following it.
  if (/^Bundle\.entry\[\d+\]\.fullUrl$/.test(issue.expression) && issue.code === 'primitive-format') return false;
  const at = /^Bundle\.entry\[(\d+)\]\.resource/.exec(issue.expression)?.[1];
  if (!isFault(issue) || at === undefined) return true;
  return issue.type !== 'code-invalid' || actedOn.has(resources[Number(at)] ?? '');
}

function entryResources(bundle: unknown): readonly (Json | undefined)[] {
  const { entry } = bundle as { readonly entry?: unknown };
  if (!Array.isArray(entry)) return [];
  return entry.map((one: { readonly resource?: Json } | null) => one?.resource ?? undefined);
}

function tooMany(count: number): Issue {
  const message = `The Bundle has ${count} orders; at most ${bundleOrderLimit} are taken at once.`;
  return { severity: 'error', code: 'bundle-too-large', type: 'too-long', expression: 'Bundle.entry', message };
}

function refused(status: 400 | 409 | 413 | 422, issues: readonly Issue[]): ReceivedTogether {
  return { kind: 'refused', status, issues };
}
