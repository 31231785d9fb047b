import type { Issue } from '../core/fhir/issue.ts';
import { isFinal } from '../core/plan/states.ts';
import { withDeadlines } from './deadlines.ts';
import type { Cancellation, HistoryEntry, OutboxEntry, PlanRecord } from './records.ts';
import type { Store, Writes } from './store.ts';
import { summaryOfEnding, summaryWork } from './summary.ts';

/** What changing a plan needs of the world. */
export interface ChangeWorld {
  /** That the hospital comes to know of the change is the store's promise: flows/answer.ts. */
  readonly store: Pick<Store, 'plan' | 'commit'>;
  /** ISO 8601 in UTC with milliseconds. */
  readonly now: () => string;
}

/** unknown: there is no such plan. refused: with the status of the reason. */
export type Changed<T> =
  | { readonly kind: 'done'; readonly value: T; readonly isNew: boolean; readonly issues: readonly Issue[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly status: 400 | 409 | 412 | 422 | 503; readonly issues: readonly Issue[] };

export type Refused = Extract<Changed<never>, { kind: 'refused' }>;

/** A plan after the change, with what is written beside it. */
export interface PlanChange {
  readonly plan: PlanRecord['plan'];
  readonly reasons?: readonly string[];
  readonly questions?: readonly unknown[];
  /** What else changes beside the plan itself. */
  readonly record?: Pick<PlanRecord, 'referralVersion' | 'cancellations' | 'follows'>;
  readonly history: readonly HistoryEntry[];
  readonly also?: Pick<Writes, 'referral' | 'session' | 'deliveries' | 'supersede'> & {
    readonly outbox?: readonly OutboxEntry[];
  };
}

/** done: nothing to write, for example because it was written before. */
export type Step =
  | { readonly kind: 'change'; readonly change: PlanChange; readonly issues: readonly Issue[] }
  | { readonly kind: 'done' }
  | Refused;

/** Others may change the plan at the same time; each try reads it anew. */
const tries = 16;

/**
 * Read a plan, change it, and write it with everything that belongs to the change, in one commit; again from the start
 * when somebody else was first.
 *
 * @param step Decides from the plan as it is now; it may be called several times.
 */
export function changePlan(
  world: ChangeWorld,
  planId: string,
  step: (record: PlanRecord) => Step | Promise<Step>,
): Promise<Changed<PlanRecord>> {
  const read = async () => {
    const record = await world.store.plan(planId);
    return record && { record };
  };
  return changeRead(world, planId, read, ({ record }) => step(record));
}

/** The same for a step that decides from more than the plan: `read` gets all of it in one go. */
export async function changeRead<T extends { readonly record: PlanRecord }>(
  world: { readonly store: Pick<Store, 'commit'>; readonly now: () => string },
  planId: string,
  read: () => Promise<T | undefined>,
  step: (read: T) => Step | Promise<Step>,
): Promise<Changed<PlanRecord>> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const course = await read();
    if (course === undefined) return { kind: 'unknown' };
    const { record } = course;
    const decided = await step(course);
    if (decided.kind === 'refused') return decided;
    if (decided.kind === 'done') return { kind: 'done', value: record, isNew: false, issues: [] };
    const changed = recordAfter(record, decided.change, world.now());
    const result = await world.store.commit(writesOf(record, changed, decided.change));
    if (result.kind === 'done') return { kind: 'done', value: changed, isNew: true, issues: decided.issues };
  }
  const message = `Plan ${planId} is being changed by others all the time; nothing was written, try again.`;
  return refused(503, { severity: 'error', code: 'plan-busy', type: 'transient', expression: '', message });
}

export function refused(status: Refused['status'], ...issues: readonly Issue[]): Refused {
  return { kind: 'refused', status, issues };
}

/** The record as it will be written. */
export function recordAfter(record: PlanRecord, change: PlanChange, now: string): PlanRecord {
  const changed: PlanRecord = {
    ...record,
    ...change.record,
    plan: change.plan,
    reasons: change.reasons ?? record.reasons,
    questions: change.questions ?? record.questions,
    version: record.version + 1,
    updatedAt: now,
  };
  const timed = withDeadlines(changed, change.history, record.deadlines);
  return isFinal(timed.plan.status) ? withoutOpenRequests(timed, now) : timed;
}

/** A plan that ended has nothing left to cancel: a request that still waits is answered by how it ended. */
function withoutOpenRequests(record: PlanRecord, at: string): PlanRecord {
  if (!record.cancellations?.some(({ state }) => state === 'requested')) return record;
  const { status } = record.plan;
  const state: Cancellation['state'] = status === 'cancelled' || status === 'stopped' ? 'accepted' : 'rejected';
  const decided = { by: 'tactus', at, reason: `The plan is ${status}.` };
  const cancellations = record.cancellations.map((one) =>
    one.state === 'requested' ? { ...one, state, decided } : one,
  );
  return { ...record, cancellations };
}

/** Everything that a change writes. The end of a course brings its summary with it, whoever ended it. */
export function writesOf(before: PlanRecord, after: PlanRecord, change: PlanChange): Writes {
  const { referral, session, deliveries = [], supersede, outbox = [] } = change.also ?? {};
  const summary = summaryOfEnding(before, after);
  return {
    ...(referral === undefined ? {} : { referral }),
    plan: { record: after, expect: before.version },
    ...(session === undefined ? {} : { session }),
    deliveries: [...deliveries, ...summary],
    ...(supersede === undefined ? {} : { supersede }),
    history: change.history,
    outbox: [...outbox, ...summary.map(summaryWork)],
  };
}
