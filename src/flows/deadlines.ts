import { lastDay } from '../core/answer/decide.ts';
import type { Deadlines, HistoryEntry, PlanRecord } from './records.ts';

/** After these a wait begins anew: something was asked, or what was asked changed. */
export const asking: ReadonlySet<string> = new Set([
  'held',
  'amended',
  'answered',
  'order-active',
  'finding-open',
  'finding-cleared',
  'finding-overridden',
]);

/**
 * What time may do to a plan, from what is written with it. The store finds plans by it; whether anything is due is decided
 * by the plan and its history (expire.ts), so that a deadline may be early and must never be late.
 *
 * @param history What is written in the same commit.
 * @param before Of the plan before the change.
 * @returns Undefined where time does nothing.
 */
export function deadlinesOf(
  record: Omit<PlanRecord, 'deadlines'>,
  history: readonly HistoryEntry[],
  before?: Deadlines,
): Deadlines | undefined {
  const asked = waitsForAnswer(record) ? askedOf(record, history, before) : {};
  const day = lastUsableDay(record);
  const deadlines = { ...asked, ...(day === undefined ? {} : { lastDay: day }) };
  return Object.keys(deadlines).length === 0 ? undefined : deadlines;
}

/** The record with its deadlines in place of those of before. */
export function withDeadlines(
  { deadlines: _, ...record }: PlanRecord,
  history: readonly HistoryEntry[],
  before?: Deadlines,
): PlanRecord {
  const deadlines = deadlinesOf(record, history, before);
  return deadlines === undefined ? record : { ...record, deadlines };
}

function askedOf(
  { createdAt }: Pick<PlanRecord, 'createdAt'>,
  history: readonly HistoryEntry[],
  before: Deadlines | undefined,
): Deadlines {
  const anew = history.findLast(({ about, event }) => about === 'plan' && asking.has(event))?.at;
  if (anew !== undefined) return { askedAt: anew };
  const isReminded = before?.isReminded === true || history.some(({ event }) => event === 'reminded');
  return { askedAt: before?.askedAt ?? createdAt, ...(isReminded ? { isReminded } : {}) };
}

/** The prescriber must say something: not a plan that the prescriber itself put on hold. */
export function waitsForAnswer({ plan, reasons }: Pick<PlanRecord, 'plan' | 'reasons'>): boolean {
  return plan.status === 'held' && !reasons.includes('order-on-hold');
}

/**
 * The last day on which the first session may take place, where time can end the plan by it. What was over when it came
 * was decided then, by the partner's policy. Days begin and end in UTC, as in `decide`.
 */
export function lastUsableDay({ plan }: Pick<PlanRecord, 'plan'>): string | undefined {
  const { status, validUntil, progress, source } = plan;
  if (validUntil === undefined || progress.delivered > 0) return undefined;
  if (status !== 'held' && status !== 'accepted' && status !== 'invalid') return undefined;
  const last = lastDay(validUntil);
  return last >= source.receivedAt.slice(0, 10) ? last : undefined;
}
