import type { Issue } from '../fhir/issue.ts';
import type { Mapping, MappingReport, TracedResult } from '../mapping/mapping.ts';
import { checkTreatmentPlan } from './check.ts';
import { completePlan } from './complete.ts';
import { failureIssues, mappingEnvironment } from './mapping-run.ts';
import type { OrderLayer } from './order-layers.ts';
import { relatedResources } from './referral-context.ts';
import type { TreatmentPlan } from './treatment-plan.ts';

/** Version of TreatmentPlanSchema; plans record it. */
export const planSchemaVersion = '1';

/** What a plan has that is not in the order: set by the flow, the same for every mapping. */
export interface PlanEnvelope {
  readonly planId: string;
  readonly ruleSetVersion: string;
  /** Where the order came from. `resourceId` is its id at `serverBase`; our own id and base when it came without one. */
  readonly source: Omit<TreatmentPlan['source'], 'identifiers' | 'requisition'>;
  /** What the partner's file says about reports; `feedbackRequested` is in the order. */
  readonly reporting: Omit<TreatmentPlan['reporting'], 'feedbackRequested'>;
  /** An instant: `screening.checkedAt` before the first screening, and what the mapping sees as now. */
  readonly now: string;
}

export interface ReferralToPlan {
  /** The compiled mappings/referral-to-plan.map, or a partner's own. */
  readonly mapping: Mapping;
  /** The ServiceRequest. */
  readonly referral: Readonly<Record<string, unknown>>;
  /** The Bundle it came in, where it came in one. */
  readonly context?: unknown;
  /** What came with earlier versions of the order, oldest first: references may lead there. */
  readonly earlier?: readonly OrderLayer[];
  readonly envelope: PlanEnvelope;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: TreatmentPlan; readonly reports: readonly MappingReport[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Make a plan of a referral.
 *
 * @returns The plan with status `received`, not screened (`completeness: absent`), and what the mapping reported, for
 *   example a code without translation; or the issues why there is none. There is never a partial plan.
 */
export function planFromReferral(request: ReferralToPlan): PlanResult {
  const { mapping, envelope } = request;
  const result = mapping.run(referralInputs(request), mappingEnvironment(envelope.now, envelope.planId));
  if (!result.ok) return { ok: false, issues: failureIssues(result.failures) };
  const plan = completePlan(result.outputs.plan);
  const issues = checkTreatmentPlan(plan);
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, plan: plan as TreatmentPlan, reports: result.reports };
}

/** The same, traced: what the mapping must be given to explain where an element of the plan came from. */
export function traceReferral(request: ReferralToPlan): TracedResult {
  const { mapping, envelope } = request;
  return mapping.trace(referralInputs(request), mappingEnvironment(envelope.now, envelope.planId));
}

/** The three inputs of referral-to-plan.map by name. */
export function referralInputs(request: ReferralToPlan): Readonly<Record<string, unknown>> {
  const { mapping, referral, context, earlier, envelope } = request;
  return {
    referral,
    context: relatedResources(referral, context, earlier),
    envelope: { ...envelope, schemaVersion: planSchemaVersion, mappingVersion: mapping.version },
  };
}
