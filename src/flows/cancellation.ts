import type { Cancellation, PlanRecord } from './records.ts';

/** The request that waits for the clinic's word; there is at most one. */
export function openCancellation(record: PlanRecord): Cancellation | undefined {
  return record.cancellations?.find(({ state }) => state === 'requested');
}

/** The record's requests and one more; the same list where one is open already: it will be answered for both. */
export function withCancellation(
  record: PlanRecord,
  { by, at, reason }: { readonly by: string; readonly at: string; readonly reason: string | null },
  state: Cancellation['state'] = 'requested',
): readonly Cancellation[] {
  const before = record.cancellations ?? [];
  if (openCancellation(record) !== undefined) return before;
  const request: Cancellation = {
    taskId: `${record.referralId}-abort-${before.length + 1}`,
    state,
    requestedBy: by,
    requestedAt: at,
    reason,
  };
  return [...before, request];
}

/** What was answered, with who said so. */
export function answered(
  cancellations: readonly Cancellation[],
  state: Cancellation['state'],
  decided: NonNullable<Cancellation['decided']>,
): readonly Cancellation[] {
  return cancellations.map((one) => (one.state === 'requested' ? { ...one, state, decided } : one));
}

/** The prescriber wants the order after all. */
export function withdrawn(record: PlanRecord, at: string): readonly Cancellation[] {
  const decided = { by: 'tactus', at, reason: 'The order is active again.' };
  return answered(record.cancellations ?? [], 'withdrawn', decided);
}
