import { endingOf, type OrderWish, wishOf } from '../core/answer/order-status.ts';
import { withoutTemporaryNames } from '../core/fhir/bundle-references.ts';
import { differingPaths } from '../core/fhir/canonical-content.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { isFinal, next } from '../core/plan/states.ts';
import type { TreatmentPlan } from '../core/plan/treatment-plan.ts';
import { withCancellation, withdrawn } from './cancellation.ts';
import { type PlanChange, type Refused, refused } from './change-plan.ts';
import type { Drafting } from './plan.ts';
import type { HistoryEntry, PlanRecord, Referral } from './records.ts';
import { replan, rescreen } from './replan.ts';

/** One order in two states: the one that its plan follows, and the newer one. */
export interface Amendment {
  readonly before: Referral;
  readonly after: Referral;
  /** An instant. */
  readonly at: string;
}

export type Followed = { readonly kind: 'change'; readonly change: PlanChange } | Refused;

/**
 * What a new version of an order does to its plan. Before work began the plan is made anew of it, and what people
 * decided and added stays. After the first session only the order's status acts; another content needs a new order that
 * names this one, because what was given cannot be given differently; what it tells of the patient is screened.
 *
 * @returns The change, or the refusal that says why there is none: `plan-ended`, `amend-after-start`, or why no plan can
 *   be made of the new version.
 */
export function follow(drafting: Drafting, record: PlanRecord, amendment: Amendment): Followed {
  const { before, after } = amendment;
  const wish = wishOf(after.resource) ?? 'proceed';
  const plain = ({ resource, context }: Referral) => withoutTemporaryNames(resource, context);
  const differing = differingPaths(plain(before), plain(after));
  const content = differing.filter((path) => path !== 'ServiceRequest.status');
  if (isFinal(record.plan.status)) return followEnded(record, amendment, wish, content);
  if (record.plan.progress.delivered > 0) return followBegun(drafting, record, amendment, wish, differing);
  if (wish === 'end') return done(record, amendment, cancelled(record, after), 'cancelled', differing);
  const made = replan(drafting, record.plan, before, after);
  if (!made.ok) return refused(422, ...made.issues);
  return done(record, amendment, made.change, 'amended', differing);
}

/** An ended plan stays ended. Withdrawing its order changes nothing; wanting something of it needs a new order. */
function followEnded(record: PlanRecord, amendment: Amendment, wish: OrderWish, content: readonly string[]): Followed {
  const revived = wish !== 'end' && wishOf(amendment.before.resource) === 'end';
  if (wish !== 'end' && (revived || content.length > 0)) {
    const { planId, status } = record.plan;
    const message = `Plan ${planId} of this order is ${status}, so the order cannot be changed any more; send a new order that names it in ServiceRequest.replaces.`;
    return refused(409, fault('plan-ended', content[0] ?? 'ServiceRequest.status', message));
  }
  return done(record, amendment, { plan: record.plan }, 'order-changed', ['ServiceRequest.status']);
}

/** The order without what it is sent with: that says nothing of the treatment, and is screened, also later. */
function treatmentOf({ resource, context }: Referral) {
  const { contained: _, supportingInfo: __, status: ___, ...order } = withoutTemporaryNames(resource, context);
  return order;
}

function followBegun(
  drafting: Drafting,
  record: PlanRecord,
  amendment: Amendment,
  wish: OrderWish,
  differing: readonly string[],
): Followed {
  const { before, after, at } = amendment;
  const plan = rescreen(drafting, record.plan, before, after);
  if (wish === 'end') {
    const cancellations = withCancellation(record, { by: after.partner, at, reason: null });
    return done(record, amendment, { plan, record: { cancellations } }, 'cancellation-requested', differing);
  }
  const treatment = differingPaths(treatmentOf(before), treatmentOf(after));
  if (treatment.length > 0) {
    const sessions = `${plan.progress.delivered} session${plan.progress.delivered === 1 ? '' : 's'}`;
    const rest = 'send the change as a new order that names this one in ServiceRequest.replaces';
    return refused(
      409,
      ...treatment.map((path) =>
        fault(
          'amend-after-start',
          path,
          `${path} cannot be changed after ${sessions} of plan ${plan.planId}; ${rest}.`,
        ),
      ),
    );
  }
  const others = record.reasons.filter((reason) => reason !== 'order-on-hold');
  const reasons = wish === 'wait' ? ['order-on-hold', ...others] : others;
  const isOfRecords =
    !differing.includes('ServiceRequest.status') && (differing.length > 0 || isOtherBundle(amendment));
  const told = newlyOpen(record.plan, plan).length > 0 ? 'contraindication-told' : 'records-told';
  const event = wish === 'wait' ? 'order-on-hold' : isOfRecords ? told : 'order-active';
  // That it is wanted again is said by its status; who only tells more of the patient says nothing about that.
  const cancellations = isOfRecords ? record.cancellations : withdrawn(record, at);
  const also = cancellations === undefined ? {} : { cancellations };
  return done(record, amendment, { plan, reasons, record: also }, event, differing);
}

function isOtherBundle({ before, after }: Amendment): boolean {
  return JSON.stringify(before.context) !== JSON.stringify(after.context);
}

/** What stops treatment and did not before: the course goes on as it is until the clinic has decided. */
function newlyOpen(before: TreatmentPlan, after: TreatmentPlan): string[] {
  const stops = ({ screening }: TreatmentPlan) =>
    screening.findings
      .filter(({ state, disposition }) => state === 'open' && disposition !== 'flag')
      .map(({ ruleId, disposition }) => `${ruleId}: ${disposition}`);
  const known = new Set(stops(before));
  return stops(after).filter((one) => !known.has(one));
}

function cancelled({ plan }: PlanRecord, { resource }: Referral): Omit<PlanChange, 'history'> {
  const status = next(plan.status, 'cancel') ?? plan.status;
  return { plan: { ...plan, status }, reasons: [endingOf(resource)], questions: [] };
}

/** The change with its history: which version, and where order and plan differ, as paths. */
function done(
  record: PlanRecord,
  { after, at }: Amendment,
  change: Omit<PlanChange, 'history'>,
  event: string,
  paths: readonly string[],
): Followed {
  const { versionId: _, ...source } = record.plan.source;
  const versionId = (after.resource.meta as { readonly versionId?: string } | undefined)?.versionId;
  const followed = { payloadHash: after.bytesHash, ...(versionId === undefined ? {} : { versionId }) };
  const plan: TreatmentPlan = { ...change.plan, source: { ...source, ...followed } };
  const found = newlyOpen(record.plan, plan);
  const planPaths = differingPaths(asTold(record.plan), asTold(plan));
  const detail = {
    referralVersion: after.version,
    paths,
    planPaths,
    from: record.plan.status,
    to: plan.status,
    ...(found.length === 0 ? {} : { found }),
    ...(change.reasons === undefined ? {} : { reasons: change.reasons }),
  };
  const history: HistoryEntry[] = [{ at, about: 'plan', id: plan.planId, event, by: after.partner, detail }];
  return {
    kind: 'change',
    change: { ...change, plan, history, record: { ...change.record, referralVersion: after.version } },
  };
}

/** What a therapist would look at: not where the order came from, nor when it was screened. */
function asTold({ source: _, screening, ...plan }: TreatmentPlan): Record<string, unknown> {
  const { checkedAt: __, ...found } = screening;
  return { resourceType: 'TreatmentPlan', ...plan, screening: found };
}

function fault(code: string, expression: string, message: string): Issue {
  return { severity: 'error', code, type: 'business-rule', expression, message };
}
