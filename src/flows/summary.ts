import { isFinal } from '../core/plan/states.ts';
import type { Delivery, OutboxEntry, PlanRecord } from './records.ts';

/** The row that carries a series' summary: one a plan. */
export function summaryId(planId: string): string {
  return `${planId}-summary`;
}

/**
 * The summary that goes to the hospital when these two states of a plan make the end of a course that began,
 * and the partner wants reports at the end.
 *
 * @returns One delivery, or none. A plan ends once, so that there is never a second.
 */
export function summaryOfEnding(before: PlanRecord, after: PlanRecord): Delivery[] {
  const { plan } = after;
  if (isFinal(before.plan.status) || !isFinal(plan.status)) return [];
  if (plan.progress.delivered === 0 || !plan.reporting.finalSummary) return [];
  return [
    {
      id: summaryId(plan.planId),
      kind: 'summary',
      partner: after.partner,
      planId: plan.planId,
      sessionId: null,
      state: 'pending',
      attempts: 0,
      dueAt: after.updatedAt,
      priority: 10,
      wantedVersion: 0,
      body: null,
      proof: [],
      issues: [],
      createdAt: after.updatedAt,
      sentAt: null,
    },
  ];
}

export function summaryWork({ id, dueAt, priority }: Delivery): OutboxEntry {
  return { queue: 'delivery', subject: id, dueAt, priority };
}
