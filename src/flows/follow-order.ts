import { wishOf } from '../core/answer/order-status.ts';
import { isFinal, next } from '../core/plan/states.ts';
import { type ChangeWorld, changePlan, type Step } from './change-plan.ts';
import type { FollowedOrder, HistoryEntry, Referral } from './records.ts';
import type { Store } from './store.ts';

/** An order of the same hospital that another one names as the one before it. */
export interface OrderBefore {
  readonly how: FollowedOrder['how'];
  readonly referral: Referral;
}

type Finding = Pick<Store, 'referral' | 'referralByPlacer'>;
type Json = Readonly<Record<string, unknown>>;

/**
 * The orders that this one names in `replaces` (they end) and in `basedOn` (they go on until they end, and this one goes
 * on after them: Belgian claim-extend). References to what is not here, or is of another hospital, name nothing.
 *
 * @see https://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.replaces
 */
export async function ordersBefore(
  store: Finding,
  referral: Referral,
  baseUrl: string | undefined,
): Promise<readonly OrderBefore[]> {
  if (wishOf(referral.resource) === 'end') return [];
  const named = [
    ...references(referral.resource.replaces).map((reference) => ({ how: 'replaces' as const, reference })),
    ...references(referral.resource.basedOn).map((reference) => ({ how: 'extends' as const, reference })),
  ];
  const found = new Map<string, OrderBefore>();
  for (const { how, reference } of named) {
    const before = await resolve(store, referral, reference, baseUrl);
    if (before !== undefined && before.id !== referral.id && !found.has(before.id))
      found.set(before.id, { how, referral: before });
  }
  return [...found.values()];
}

async function resolve(
  store: Finding,
  { partner }: Referral,
  { reference, identifier }: Json,
  baseUrl: string | undefined,
): Promise<Referral | undefined> {
  if (isObject(identifier) && typeof identifier.system === 'string' && typeof identifier.value === 'string') {
    const { system, value } = identifier;
    const found = await store.referralByPlacer(partner, { system, value });
    if (found !== undefined) return found;
  }
  const [, base, id] = /^(?:(.+)\/)?ServiceRequest\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.+)?$/.exec(
    typeof reference === 'string' ? reference : '',
  ) ?? [undefined, undefined, undefined];
  if (id === undefined) return undefined;
  const ours = await store.referral(id);
  if (ours?.partner === partner) return ours;
  // An order that is known by its id at the hospital's own server.
  const system = `${base ?? baseUrl ?? ''}/ServiceRequest`;
  return store.referralByPlacer(partner, { system, value: id });
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

function references(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
