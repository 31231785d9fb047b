import type { StatusReason } from '../core/answer/codes.ts';
import { next } from '../core/plan/states.ts';
import { type Changed, type ChangeWorld, changePlan, refused } from './change-plan.ts';
import { staleOrEnded } from './clinic.ts';
import type { HistoryEntry, PlanRecord } from './records.ts';

/** Why a clinic may end a course early, and what the hospital is told as the reason. */
export const stopReasons = [
  'patient-declined',
  'patient-unreachable',
  'contraindication-reported',
  'red-flag',
  'no-therapist-for-body-region',
  'outside-area',
  'capacity-full',
] as const satisfies readonly StatusReason[];

export interface Stopping {
  /** Who ends it, by name. */
  readonly by: string;
  readonly reason: (typeof stopReasons)[number];
}

/**
 * The clinic ends a course before all sessions were given, or before the first. The hospital gets the reason with its Task
 * and, when there were sessions, their summary.
 *
 * @returns Refused with 412 (stale) or 422 `plan-ended`, `plan-not-stoppable`.
 */
export function stopCourse(
  world: ChangeWorld,
  planId: string,
  { by, reason }: Stopping,
  expected: number | undefined,
): Promise<Changed<PlanRecord>> {
  return changePlan(world, planId, (record) => {
    const stop = staleOrEnded(record, expected);
    if (stop !== undefined) return stop;
    const { plan } = record;
    const status = next(plan.status, 'stop');
    if (status === undefined) {
      const message = `Plan ${planId} is ${plan.status}; only a plan that is accepted, held or in progress can be stopped.`;
      const expression = 'TreatmentPlan.status';
      return refused(422, {
        severity: 'error',
        code: 'plan-not-stoppable',
        type: 'business-rule',
        expression,
        message,
      });
    }
    const detail = { from: plan.status, to: status, reason };
    const entry: HistoryEntry = { at: world.now(), about: 'plan', id: planId, event: 'stopped', by, detail };
    const change = { plan: { ...plan, status }, reasons: [reason], questions: [], history: [entry] };
    return { kind: 'change', change, issues: [] };
  });
}
