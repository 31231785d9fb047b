import { lastDay } from '../core/answer/decide.ts';
import { next } from '../core/plan/states.ts';
import { type ChangeWorld, changePlan, type PlanChange, type Step } from './change-plan.ts';
import type { HistoryEntry, PlanRecord } from './records.ts';
import type { Store } from './store.ts';

/** What of a partner's file says how long something may wait. */
export interface WaitingPolicy {
  readonly expired: 'accept' | 'hold' | 'reject';
  readonly remindAfterDays?: number;
  readonly expireAfterDays?: number;
}

/** What the clock does to plans. */
export interface ExpireWorld extends ChangeWorld {
  readonly store: ChangeWorld['store'] & Pick<Store, 'plans' | 'history'>;
  readonly policy: (partner: string) => WaitingPolicy | undefined;
}

/** remind: the hospital is told its questions again. give-up: no answer came, rejected. expire: validity ended unused. */
export type DueStep = 'none' | 'remind' | 'give-up' | 'expire';

export type ExpiryCount = Readonly<Record<Exclude<DueStep, 'none'>, number>>;

const dayMilliseconds = 86_400_000;
const pageSize = 200;
/** Plans that change on the way come last again, so the end is bounded by this; the next round goes on. */
const mostPages = 500;

/** After these a wait begins anew: something was asked, or what was asked changed. */
const asking: ReadonlySet<string> = new Set([
  'held',
  'amended',
  'answered',
  'order-active',
  'finding-open',
  'finding-cleared',
  'finding-overridden',
]);

/**
 * Look at every plan that waits or has not begun, and do what time demands. Safe to repeat and to run in several
 * processes: each step is decided again on the plan as it is when it is written.
 */
export async function expirePlans(world: ExpireWorld): Promise<ExpiryCount> {
  const count = { remind: 0, 'give-up': 0, expire: 0 };
  let after: string | null = null;
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await world.store.plans({
      statuses: ['held', 'accepted', 'invalid'],
      limit: pageSize,
      ...(after === null ? {} : { after }),
    });
    for (const record of page.items) {
      const done = await expirePlan(world, record);
      if (done !== 'none') count[done]++;
    }
    after = page.next;
    if (after === null) break;
  }
  return count;
}

async function expirePlan(world: ExpireWorld, found: PlanRecord): Promise<DueStep> {
  const policy = world.policy(found.partner);
  if (policy === undefined || !canBeDue(found, policy, world.now())) return 'none';
  let done: DueStep = 'none';
  const changed = await changePlan(world, found.plan.planId, async (record): Promise<Step> => {
    const at = world.now();
    done = dueStep(record, await world.store.history('plan', record.plan.planId), policy, at);
    return done === 'none' ? { kind: 'done' } : { kind: 'change', change: changeFor(record, done, at), issues: [] };
  });
  return changed.kind === 'done' && changed.isNew ? done : 'none';
}

/** Cheap: whether it is worth reading the history. Nothing is older than the plan itself. */
function canBeDue(record: PlanRecord, policy: WaitingPolicy, now: string): boolean {
  const days = Math.min(
    policy.remindAfterDays ?? Number.POSITIVE_INFINITY,
    policy.expireAfterDays ?? Number.POSITIVE_INFINITY,
  );
  return isUnused(record, policy, now) || (waitsForAnswer(record) && isOver(record.createdAt, days, now));
}

/**
 * What is due for a plan.
 *
 * @param history Of the plan, oldest first.
 * @param now An instant; a period of n days is over at the same time of day, n days later.
 */
export function dueStep(
  record: PlanRecord,
  history: readonly HistoryEntry[],
  policy: WaitingPolicy,
  now: string,
): DueStep {
  if (isUnused(record, policy, now)) return 'expire';
  if (!waitsForAnswer(record)) return 'none';
  const since = history.findLast(({ event }) => asking.has(event))?.at ?? record.createdAt;
  if (isOver(since, policy.expireAfterDays, now)) return 'give-up';
  const isReminded = history.some(({ event, at }) => event === 'reminded' && at >= since);
  return !isReminded && isOver(since, policy.remindAfterDays, now) ? 'remind' : 'none';
}

/**
 * Its validity ended before the first session. The last day itself is still good; days begin and end in UTC, as in
 * `decide`. What was over when it came was decided then, by the partner's policy.
 */
function isUnused({ plan }: PlanRecord, policy: WaitingPolicy, now: string): boolean {
  const { status, validUntil, progress, source } = plan;
  if (validUntil === undefined || policy.expired === 'accept' || progress.delivered > 0) return false;
  if (status !== 'held' && status !== 'accepted' && status !== 'invalid') return false;
  const last = lastDay(validUntil);
  return last < now.slice(0, 10) && last >= source.receivedAt.slice(0, 10);
}

/** The prescriber must say something: not a plan that the prescriber itself put on hold. */
function waitsForAnswer({ plan, reasons }: PlanRecord): boolean {
  return plan.status === 'held' && !reasons.includes('order-on-hold');
}

function isOver(since: string, days: number | undefined, now: string): boolean {
  return days !== undefined && Date.parse(now) - Date.parse(since) >= days * dayMilliseconds;
}

/** A reminder changes nothing but the version: with it the answer goes out again. */
function changeFor(record: PlanRecord, due: Exclude<DueStep, 'none'>, at: string): PlanChange {
  const { plan, reasons } = record;
  const entry = (event: string, detail: HistoryEntry['detail']): HistoryEntry[] => [
    { at, about: 'plan', id: plan.planId, event, by: 'tactus', detail },
  ];
  if (due === 'remind') return { plan, history: entry('reminded', { reasons }) };
  const [event, told] =
    due === 'give-up'
      ? (['reject', [...reasons, 'no-answer']] as const)
      : (['expire', ['prescription-expired']] as const);
  const status = next(plan.status, event) ?? plan.status;
  const detail = { from: plan.status, to: status, reasons: told };
  return { plan: { ...plan, status }, reasons: told, questions: [], history: entry(status, detail) };
}

/** What running again and again needs of the world. */
export interface ExpiryLoop {
  readonly stopped: () => boolean;
  readonly done: (count: ExpiryCount) => void;
  readonly failed: (error: unknown) => void;
  /** Resolves after so long, or earlier when stopped. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Borders are days, so that ten minutes more do not matter. */
export const expiryEveryMilliseconds = 600_000;

export async function runExpiry(world: ExpireWorld, loop: ExpiryLoop): Promise<void> {
  while (!loop.stopped()) {
    try {
      loop.done(await expirePlans(world));
    } catch (error) {
      loop.failed(error);
    }
    await loop.wait(expiryEveryMilliseconds);
  }
}
