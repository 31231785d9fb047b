import { heedOrderStatus } from '../core/answer/order-status.ts';
import type { Issue } from '../core/fhir/issue.ts';
import type { PlanResult } from '../core/plan/from-referral.ts';
import { carryDecisions } from '../core/plan/screening/override.ts';
import { planScreening, type ScreeningResult } from '../core/plan/screening.ts';
import type { ScreeningFinding, TreatmentPlan } from '../core/plan/treatment-plan.ts';
import { catchUp } from './catch-up.ts';
import { withDeadlines } from './deadlines.ts';
import { endReplaced, foundOf, linksTo, namedBefore, type OrderBefore } from './follow-order.ts';
import { inLanes } from './lanes.ts';
import type { HistoryEntry, PlanRecord, Referral } from './records.ts';
import type { Store } from './store.ts';
import { toldBefore } from './told-before.ts';

/** What is decided about a screened plan: its first state, why, and what the prescriber is asked. */
export interface PlanDecision {
  readonly state: 'accepted' | 'held' | 'rejected' | 'cancelled';
  readonly reasons: readonly string[];
  readonly questions: readonly unknown[];
}

/** How a referral becomes a plan; pure functions of core, bound to their maps, rules and partners. */
export interface Drafting {
  readonly makePlan: (referral: Referral, planId: string) => PlanResult;
  readonly screen: (referral: Referral, plan: TreatmentPlan) => ScreeningResult;
  readonly decide: (referral: Referral, plan: TreatmentPlan, screening: ScreeningResult) => PlanDecision;
}

export interface PlanWorld extends Drafting {
  readonly store: Pick<
    Store,
    'referral' | 'referralVersion' | 'referralByPlacer' | 'referralsBySentId' | 'plan' | 'planOfReferral' | 'commit'
  >;
  readonly newId: () => string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly now: () => string;
  /** Base URL of a partner's server: its relative references mean something there. */
  readonly baseUrl?: (partner: string) => string | undefined;
  /** For log and metrics. */
  readonly made: (record: PlanRecord) => void;
  readonly failed: (referral: Referral, issues: readonly Issue[]) => void;
}

export type Draft =
  | {
      readonly ok: true;
      readonly plan: TreatmentPlan;
      readonly decision: PlanDecision;
      readonly screening: ScreeningResult;
      readonly reports: readonly string[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** A referral that no map can make a plan of is tried again after this: perhaps the map was mended. */
const failedRetrySeconds = 3600;

/**
 * Map, screen, decide; nothing is kept. The same for the worker and for the dry run, so that $validate tells what will
 * really happen.
 */
export function draftPlan(
  drafting: Drafting,
  referral: Referral,
  planId: string,
  decided: readonly ScreeningFinding[] = [],
): Draft {
  const mapped = drafting.makePlan(referral, planId);
  if (!mapped.ok) return mapped;
  const found = drafting.screen(referral, mapped.plan);
  const screening = { ...found, findings: carryDecisions(decided, found.findings) };
  const screened: TreatmentPlan = {
    ...mapped.plan,
    screening: planScreening(screening),
    modifications: [...mapped.plan.modifications, ...screening.modifications],
    performerRequirement: {
      ...mapped.plan.performerRequirement,
      qualifications: [...new Set([...mapped.plan.performerRequirement.qualifications, ...screening.qualifications])],
    },
  };
  const decision = heedOrderStatus(referral.resource, drafting.decide(referral, screened, screening));
  const plan: TreatmentPlan = { ...screened, status: decision.state };
  return { ok: true, plan, decision, screening, reports: mapped.reports.map(({ message }) => message) };
}

/** Of one pack. */
const referralsAtOnce = 8;

/**
 * Make the plans of a pack of referrals: map, screen, decide, and keep each with its history and its place in the clinic's
 * feed, in one commit. Safe to repeat: a referral that has its plan is left alone, unless the plan is of an older version
 * of the order than the one that is here: then it follows.
 */
export async function makePlans(world: PlanWorld, referralIds: readonly string[]): Promise<void> {
  await inLanes(referralIds, referralsAtOnce, (id) => makePlan(world, id));
}

/** An order that replaces one that replaces one ...: so far back plans are made on the way. */
const longestChain = 5;

async function makePlan(world: PlanWorld, referralId: string, depth = 0): Promise<void> {
  const referral = await world.store.referral(referralId);
  if (referral === undefined) return;
  const existing = await world.store.planOfReferral(referralId);
  if (existing !== undefined) return catchUp(world, existing, referral);
  const baseUrl = world.baseUrl?.(referral.partner);
  const named = await namedBefore(world.store, referral, baseUrl);
  const before = foundOf(named, referral);
  const told = await toldBefore(world.store, referral, before, baseUrl);
  const draft = draftPlan(world, told.referral, world.newId(), told.decided);
  if (!draft.ok) return postpone(world, referral, draft.issues);
  // The old plan ends before the new one is there: a crash in between leaves this referral without a plan, and it is
  // made again.
  for (const one of before) {
    const known = (await world.store.planOfReferral(one.referral.id)) !== undefined;
    if (!known && depth < longestChain) await makePlan(world, one.referral.id, depth + 1);
    await endReplaced(world, one, referral);
  }
  const links = await linksTo(world.store, before, referral, world.now());
  const record = { ...recordOf(referral, draft, before, world.now()), ...told.screensWith };
  const unknown = named.filter((one) => one.referral === undefined).map(({ place }) => place);
  const result = await keepNewPlan(world, record, draft, links, unknown);
  // A conflict means that another worker was first; its plan may be of an older version.
  if (result === 'kept') return world.made(record);
  const first = await world.store.planOfReferral(referralId);
  if (first !== undefined) await catchUp(world, first, referral);
}

/**
 * The plan of a referral, made now where no worker has come to it yet.
 *
 * @returns The issues why there is none.
 */
export async function planNow(
  world: Drafting & Pick<PlanWorld, 'newId' | 'now'> & { readonly store: Pick<Store, 'planOfReferral' | 'commit'> },
  referral: Referral,
): Promise<PlanRecord | readonly Issue[]> {
  const existing = await world.store.planOfReferral(referral.id);
  if (existing !== undefined) return existing;
  const draft = draftPlan(world, referral, world.newId());
  if (!draft.ok) return draft.issues;
  const record = recordOf(referral, draft, [], world.now());
  if ((await keepNewPlan(world, record, draft, [])) === 'kept') return record;
  return (await world.store.planOfReferral(referral.id)) ?? record;
}

async function keepNewPlan(
  world: { readonly store: Pick<Store, 'commit'> },
  record: PlanRecord,
  draft: Extract<Draft, { ok: true }>,
  links: readonly HistoryEntry[],
  unknown: readonly string[] = [],
): Promise<'kept' | 'conflict'> {
  const now = record.createdAt;
  const result = await world.store.commit({
    plan: { record, expect: 0 },
    history: [planned(record, draft, now, unknown), ...links],
    outbox: [{ queue: 'plans', subject: record.plan.planId, dueAt: now, priority: 10 }],
  });
  return result.kind === 'done' ? 'kept' : 'conflict';
}

function recordOf(
  referral: Referral,
  { plan, decision }: Extract<Draft, { ok: true }>,
  before: readonly OrderBefore[],
  now: string,
): PlanRecord {
  const [first] = before;
  const record: PlanRecord = {
    plan,
    referralId: referral.id,
    partner: referral.partner,
    version: 1,
    reasons: decision.reasons,
    questions: decision.questions,
    referralVersion: referral.version,
    ...(first === undefined ? {} : { follows: { how: first.how, referralId: first.referral.id } }),
    createdAt: now,
    updatedAt: now,
  };
  return withDeadlines(record, []);
}

/** @param unknown Where the order names one before it that is not here. */
function planned(
  record: PlanRecord,
  draft: Extract<Draft, { ok: true }>,
  at: string,
  unknown: readonly string[],
): HistoryEntry {
  const { plan, decision, screening, reports } = draft;
  return {
    at,
    about: 'plan',
    id: record.plan.planId,
    event: decision.state,
    by: 'tactus',
    detail: {
      referral: record.referralId,
      mappingVersion: plan.mappingVersion,
      ruleSetVersion: plan.ruleSetVersion,
      reasons: decision.reasons,
      findings: screening.findings.map(({ ruleId, disposition }) => `${ruleId}: ${disposition}`),
      reports,
      ...(record.follows === undefined ? {} : { follows: record.follows }),
      ...(unknown.length === 0 ? {} : { unknownBefore: unknown }),
    },
  };
}

/**
 * The door checks that a plan can be made before it says 201, so this is a map or a partner file that changed in between.
 * The referral stays received, its history says why, and it is tried again (promise 1).
 */
async function postpone(world: PlanWorld, referral: Referral, issues: readonly Issue[]): Promise<void> {
  const now = world.now();
  const dueAt = new Date(Date.parse(now) + failedRetrySeconds * 1000).toISOString();
  await world.store.commit({
    history: [
      {
        at: now,
        about: 'referral',
        id: referral.id,
        event: 'plan-failed',
        by: 'tactus',
        detail: { codes: issues.map(({ code }) => code), expressions: issues.map(({ expression }) => expression) },
      },
    ],
    outbox: [{ queue: 'intake', subject: referral.id, dueAt, priority: 10 }],
  });
  world.failed(referral, issues);
}
