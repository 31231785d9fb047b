import { wishOf } from '../core/answer/order-status.ts';
import { byFullUrl } from '../core/fhir/bundle-references.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { isFinal, next } from '../core/plan/states.ts';
import { type ChangeWorld, changePlan, type Step } from './change-plan.ts';
import type { FollowedOrder, HistoryEntry, Referral } from './records.ts';
import type { Store } from './store.ts';

/** An order of the same hospital that another one names as the one before it. */
export interface OrderBefore {
  readonly how: FollowedOrder['how'];
  readonly referral: Referral;
}

/** An order that another one names as the one before it, found or not. */
export interface NamedOrder {
  readonly how: FollowedOrder['how'];
  /** FHIRPath of the reference. */
  readonly place: string;
  /** Undefined where nothing is here, where it is another hospital's, or where two may be meant. */
  readonly referral: Referral | undefined;
  /** What was looked for, in words. */
  readonly lookedFor: readonly string[];
}

export type BeforeStore = Pick<Store, 'referral' | 'referralByPlacer' | 'referralsBySentId'>;
type Json = Readonly<Record<string, unknown>>;

/**
 * The orders that this one names in `replaces` (they end) and in `basedOn` (they go on until they end, and this one goes
 * on after them: Belgian claim-extend). References to what is not here, or is of another hospital, name nothing.
 *
 * @see https://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.replaces
 */
export async function ordersBefore(
  store: BeforeStore,
  referral: Referral,
  baseUrl: string | undefined,
): Promise<readonly OrderBefore[]> {
  return foundOf(await namedBefore(store, referral, baseUrl), referral);
}

/** Each order once; an order does not come before itself. */
export function foundOf(named: readonly NamedOrder[], { id }: Referral): readonly OrderBefore[] {
  const found = new Map<string, OrderBefore>();
  for (const { how, referral: before } of named) {
    if (before !== undefined && before.id !== id && !found.has(before.id))
      found.set(before.id, { how, referral: before });
  }
  return [...found.values()];
}

/** The same with those that were not found. An order that is withdrawn itself names none. */
export async function namedBefore(
  store: BeforeStore,
  referral: Referral,
  baseUrl: string | undefined,
): Promise<readonly NamedOrder[]> {
  const { replaces, basedOn } = referral.resource;
  if ((replaces === undefined && basedOn === undefined) || wishOf(referral.resource) === 'end') return [];
  const named = [...references('replaces', replaces), ...references('extends', basedOn)];
  const found: NamedOrder[] = [];
  for (const { reference, how, place } of named) {
    const lookedFor: string[] = [];
    const before = await resolve(store, referral, reference, baseUrl, lookedFor);
    if (before !== undefined || lookedFor.length > 0) found.push({ how, place, referral: before, lookedFor });
  }
  return found;
}

/** By its number; by the resource that came along; by our id; by its id at the hospital. */
async function resolve(
  store: BeforeStore,
  referral: Referral,
  { reference, identifier }: Json,
  baseUrl: string | undefined,
  lookedFor: string[],
): Promise<Referral | undefined> {
  const told = typeof reference === 'string' ? reference : '';
  for (const number of [identifier, ...numbersAlong(referral, told)]) {
    const found = await byNumber(store, referral.partner, number, lookedFor);
    if (found !== undefined) return found;
  }
  const [, base, known] = /^(?:(.+)\/)?ServiceRequest\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.+)?$/.exec(told) ?? [];
  const id = known ?? /^urn:uuid:([0-9a-fA-F-]{36})$/.exec(told)?.[1];
  if (id === undefined) return undefined;
  const ours = known === undefined ? undefined : await store.referral(id);
  if (known !== undefined) lookedFor.push(`our id ${id}`);
  if (ours?.partner === referral.partner) return ours;
  return base === undefined || base === baseUrl ? byTheirId(store, referral, id, baseUrl, lookedFor) : undefined;
}

async function byNumber(
  store: BeforeStore,
  partner: string,
  number: unknown,
  lookedFor: string[],
): Promise<Referral | undefined> {
  if (!isObject(number) || typeof number.system !== 'string' || typeof number.value !== 'string') return undefined;
  if (!lookedFor.includes(byItsNumber)) lookedFor.push(byItsNumber);
  return store.referralByPlacer(partner, { system: number.system, value: number.value });
}

const byItsNumber = 'its number';

/** An id that two orders were sent with does not tell which is meant: nobody guesses. */
async function byTheirId(
  store: BeforeStore,
  { partner, id: own }: Referral,
  id: string,
  baseUrl: string | undefined,
  lookedFor: string[],
): Promise<Referral | undefined> {
  lookedFor.push(`your id ${id}`);
  const sent = (await store.referralsBySentId(partner, id)).filter((one) => one.id !== own);
  if (sent.length === 1) return sent[0];
  // An order that has no number but its id at the hospital's own server.
  const system = `${baseUrl ?? ''}/ServiceRequest`;
  return sent.length > 1 ? undefined : store.referralByPlacer(partner, { system, value: id });
}

/** Identifiers of an order that came in the same Bundle, or is contained, and is named by what it is called there. */
function numbersAlong({ resource, context }: Referral, reference: string): readonly unknown[] {
  const contained = Array.isArray(resource.contained) ? resource.contained.filter(isObject) : [];
  const inside = reference.startsWith('#') ? contained.find(({ id }) => `#${id}` === reference) : undefined;
  const found = inside ?? byFullUrl(context).get(reference);
  return found?.resourceType === 'ServiceRequest' && Array.isArray(found.identifier) ? found.identifier : [];
}

/** What to tell a sender of orders that it names and nobody knows; another hospital's is not known either. */
export function unknownBefore(named: readonly NamedOrder[]): Issue[] {
  return named.flatMap(({ how, place, referral, lookedFor }): Issue[] => {
    if (referral !== undefined) return [];
    const follows = how === 'replaces' ? 'No order was ended by this one' : 'This order is taken as one of its own';
    const message = `${place} names no order of yours that is here; looked for by ${lookedFor.join(', and by ')}. ${follows}.`;
    return [{ severity: 'warning', code: 'order-before-not-found', type: 'not-found', expression: place, message }];
  });
}

/**
 * End the plan of an order that another one replaces: cancelled before its first session, stopped after it, with the
 * summary of what was given. A plan that has ended stays as it ended.
 */
export async function endReplaced(
  world: ChangeWorld & { readonly store: Pick<Store, 'planOfReferral'> },
  before: OrderBefore,
  by: Referral,
): Promise<void> {
  if (before.how !== 'replaces') return;
  const record = await world.store.planOfReferral(before.referral.id);
  if (record === undefined) return;
  const changed = await changePlan(world, record.plan.planId, (current): Step => {
    const { plan } = current;
    if (isFinal(plan.status)) return { kind: 'done' };
    const status = next(plan.status, plan.progress.delivered > 0 ? 'stop' : 'cancel') ?? plan.status;
    const detail = { referral: by.id, from: plan.status, to: status };
    const history = [entry(world.now(), plan.planId, 'replaced', by.partner, detail)];
    const change = { plan: { ...plan, status }, reasons: ['order-replaced'], questions: [], history };
    return { kind: 'change', change, issues: [] };
  });
  if (changed.kind === 'refused') throw new Error(`Plan ${record.plan.planId} cannot be ended now.`);
}

/** The history of the orders before tells which one follows them. */
export async function linksTo(
  store: Pick<Store, 'planOfReferral'>,
  before: readonly OrderBefore[],
  referral: Referral,
  at: string,
): Promise<readonly HistoryEntry[]> {
  const plans = await Promise.all(before.map((one) => store.planOfReferral(one.referral.id)));
  return before.flatMap(({ how }, index) => {
    const planId = plans[index]?.plan.planId;
    if (planId === undefined) return [];
    const event = how === 'replaces' ? 'followed-by-replacement' : 'followed-by-extension';
    return [entry(at, planId, event, referral.partner, { referral: referral.id })];
  });
}

function entry(at: string, id: string, event: string, by: string, detail: HistoryEntry['detail']): HistoryEntry {
  return { at, about: 'plan', id, event, by, detail };
}

function references(how: FollowedOrder['how'], value: unknown) {
  const name = how === 'replaces' ? 'replaces' : 'basedOn';
  const all: readonly unknown[] = Array.isArray(value) ? value : [];
  return all.flatMap((reference, index) =>
    isObject(reference) ? [{ how, reference, place: `ServiceRequest.${name}[${index}]` }] : [],
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
