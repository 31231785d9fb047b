import type { Issue } from '../core/fhir/issue.ts';
import { isFinal, next } from '../core/plan/states.ts';
import { answered, openCancellation, withCancellation } from './cancellation.ts';
import { type Changed, changePlan, type PlanChange, type Refused, refused, type Step } from './change-plan.ts';
import { staleOrEnded } from './clinic.ts';
import { type Drafting, planNow } from './plan.ts';
import type { Cancellation, HistoryEntry, PlanRecord } from './records.ts';
import type { Store } from './store.ts';

/** What cancelling needs of the world. */
export interface CancelWorld {
  readonly store: Pick<Store, 'commit' | 'plan' | 'referral' | 'planOfReferral'>;
  readonly drafting: Drafting;
  readonly newId: () => string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly now: () => string;
}

/** A request of the placer to end what it ordered (COW: Task of code abort; a Task that is set cancelled; a message). */
export interface CancelRequest {
  /** Who asks: partner id. Only its own referrals can be meant. */
  readonly partner: string;
  readonly referralId: string;
  /** The prescriber's words, where there are any. */
  readonly reason: string | null;
}

/**
 * told: `cancellation.state` says what became of it: accepted (work had not begun, the plan is cancelled; or it was
 * before), requested (work began: the clinic decides), rejected (the plan has ended otherwise). unknown: there is no such
 * referral of this partner.
 */
export type CancelResult =
  | { readonly kind: 'told'; readonly record: PlanRecord; readonly cancellation: Cancellation; readonly isNew: boolean }
  | { readonly kind: 'unknown' }
  | Refused;

/**
 * Ask for the end of a plan. Before the first session it is cancelled at once; after it the request waits for the clinic
 * (`decideCancellation`), and the hospital's Task says so. Asking again while a request is open is the same request.
 */
export async function requestCancellation(world: CancelWorld, request: CancelRequest): Promise<CancelResult> {
  const referral = await world.store.referral(request.referralId);
  if (referral === undefined || referral.partner !== request.partner) return { kind: 'unknown' };
  // A referral that waits for its worker gets its plan now, so that there is something to cancel.
  const planned = await planNow({ ...world.drafting, ...world }, referral);
  if (!('plan' in planned)) return refused(422, ...planned);
  const { planId } = planned.plan;
  const changed = await changePlan(world, planId, (record) => cancelStep(world, record, request));
  if (changed.kind !== 'done') return changed;
  const cancellation = changed.value.cancellations?.at(-1);
  if (cancellation === undefined) throw new Error(`Plan ${planId} has no cancellation although it was written.`);
  return { kind: 'told', record: changed.value, cancellation, isNew: changed.isNew };
}

function cancelStep(world: CancelWorld, record: PlanRecord, { partner, reason }: CancelRequest): Step {
  const at = world.now();
  const { plan } = record;
  const asked = { by: partner, at, reason };
  if (openCancellation(record) !== undefined) return { kind: 'done' };
  const last = record.cancellations?.at(-1);
  if (plan.status === 'cancelled' && last?.state === 'accepted') return { kind: 'done' };
  if (isFinal(plan.status)) {
    if (last !== undefined && last.state !== 'requested' && last.requestedAt >= record.updatedAt)
      return { kind: 'done' };
    const state = plan.status === 'cancelled' ? 'accepted' : 'rejected';
    const cancellations = decidedAtOnce(record, asked, state, `The plan is ${plan.status}.`);
    return step(record, at, { plan, record: { cancellations } }, partner, 'cancellation-requested', { state });
  }
  if (plan.progress.delivered > 0) {
    const cancellations = withCancellation(record, asked);
    return step(record, at, { plan, record: { cancellations } }, partner, 'cancellation-requested', {});
  }
  const cancellations = decidedAtOnce(record, asked, 'accepted', 'No session had taken place.');
  const cancelled = { ...plan, status: next(plan.status, 'cancel') ?? plan.status };
  const change = { plan: cancelled, reasons: ['order-revoked'], questions: [], record: { cancellations } };
  return step(record, at, change, partner, 'cancelled', { from: plan.status, to: cancelled.status });
}

function decidedAtOnce(
  record: PlanRecord,
  asked: Parameters<typeof withCancellation>[1],
  state: Cancellation['state'],
  reason: string,
): readonly Cancellation[] {
  return answered(withCancellation(record, asked), state, { by: 'tactus', at: asked.at, reason });
}

export interface CancellationDecision {
  readonly accept: boolean;
  /** Who decided, by name, and why. */
  readonly by: string;
  readonly reason: string;
}

/**
 * The clinic answers a request to cancel after work began: accepted ends the course with its summary, rejected lets it go
 * on.
 */
export function decideCancellation(
  world: Pick<CancelWorld, 'store' | 'now'>,
  planId: string,
  { accept, by, reason }: CancellationDecision,
  expected: number | undefined,
): Promise<Changed<PlanRecord>> {
  return changePlan(world, planId, (record) => {
    const stop = staleOrEnded(record, expected);
    if (stop !== undefined) return stop;
    const { plan, cancellations = [] } = record;
    if (openCancellation(record) === undefined) {
      const message = `Nobody asks to cancel plan ${planId}; to end it early, stop it (POST /clinic/plans/${planId}/stop).`;
      return refused(409, fault('no-cancellation', message));
    }
    const at = world.now();
    const told = answered(cancellations, accept ? 'accepted' : 'rejected', { by, at, reason });
    const event = accept ? 'cancellation-accepted' : 'cancellation-rejected';
    if (!accept) return step(record, at, { plan, record: { cancellations: told } }, by, event, {});
    const ended = { ...plan, status: next(plan.status, 'cancel') ?? plan.status };
    const change = { plan: ended, reasons: [event], questions: [], record: { cancellations: told } };
    return step(record, at, change, by, event, { from: plan.status, to: ended.status });
  });
}

function step(
  record: PlanRecord,
  at: string,
  change: Omit<PlanChange, 'history'>,
  by: string,
  event: string,
  detail: HistoryEntry['detail'],
): Step {
  const entry: HistoryEntry = { at, about: 'plan', id: record.plan.planId, event, by, detail };
  return { kind: 'change', change: { ...change, history: [entry] }, issues: [] };
}

function fault(code: string, message: string): Issue {
  return { severity: 'error', code, type: 'business-rule', expression: '', message };
}
