import { next } from '../core/plan/states.ts';
import { type ChangeWorld, changePlan, type PlanChange, type Step } from './change-plan.ts';
import { asking, lastUsableDay, waitsForAnswer } from './deadlines.ts';
import type { HistoryEntry, PlanRecord } from './records.ts';
import type { DuePlans, Page, Store } from './store.ts';

/** What of a partner's file says how long something may wait. */
export interface WaitingPolicy {
  readonly expired: 'accept' | 'hold' | 'reject';
  readonly remindAfterDays?: number;
  readonly expireAfterDays?: number;
}

/** What the clock does to plans. */
export interface ExpireWorld extends ChangeWorld {
  readonly store: ChangeWorld['store'] & Pick<Store, 'duePlans' | 'history'>;
  readonly partners: readonly ExpiringPartner[];
}

export interface ExpiringPartner {
  readonly id: string;
  readonly policy: WaitingPolicy;
}

/** remind: the hospital is told its questions again. give-up: no answer came, rejected. expire: validity ended unused. */
export type DueStep = 'none' | 'remind' | 'give-up' | 'expire';

export type ExpiryCount = Readonly<Record<Exclude<DueStep, 'none'>, number>>;

const dayMilliseconds = 86_400_000;
const pageSize = 200;

/**
 * Find the plans whose time has come, and do what it demands; no others are read. Safe to repeat and to run in several
 * processes: each step is decided again on the plan as it is when it is written.
 */
export async function expirePlans(world: ExpireWorld): Promise<ExpiryCount> {
  const count = { remind: 0, 'give-up': 0, expire: 0 };
  for (const partner of world.partners) {
    for (const search of searches(partner, world.now())) {
      for (let after: string | null = ''; after !== null; ) {
        const page: Page<PlanRecord> = await world.store.duePlans({
          ...search,
          partner: partner.id,
          limit: pageSize,
          ...(after === '' ? {} : { after }),
        });
        for (const record of page.items) {
          const done = await expirePlan(world, partner.policy, record);
          if (done !== 'none') count[done]++;
        }
        after = page.next;
      }
    }
  }
  return count;
}

/** What may be due at a partner: each step by its own deadline. */
function searches({ policy }: ExpiringPartner, now: string): Pick<DuePlans, 'kind' | 'before'>[] {
  const { expired, remindAfterDays, expireAfterDays } = policy;
  const daysAgo = (days: number) => new Date(Date.parse(now) - days * dayMilliseconds).toISOString();
  return [
    ...(expired === 'accept' ? [] : [{ kind: 'unused' as const, before: now.slice(0, 10) }]),
    ...(expireAfterDays === undefined ? [] : [{ kind: 'unanswered' as const, before: daysAgo(expireAfterDays) }]),
    ...(remindAfterDays === undefined ? [] : [{ kind: 'unreminded' as const, before: daysAgo(remindAfterDays) }]),
  ];
}

async function expirePlan(world: ExpireWorld, policy: WaitingPolicy, found: PlanRecord): Promise<DueStep> {
  let done: DueStep = 'none';
  const changed = await changePlan(world, found.plan.planId, async (record): Promise<Step> => {
    const at = world.now();
    done = dueStep(record, await world.store.history('plan', record.plan.planId), policy, at);
    return done === 'none' ? { kind: 'done' } : { kind: 'change', change: changeFor(record, done, at), issues: [] };
  });
  return changed.kind === 'done' && changed.isNew ? done : 'none';
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

/** Its validity ended before the first session; the last day itself is still good. */
function isUnused(record: PlanRecord, policy: WaitingPolicy, now: string): boolean {
  const last = lastUsableDay(record);
  return policy.expired !== 'accept' && last !== undefined && last < now.slice(0, 10);
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
