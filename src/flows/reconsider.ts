import { heedOrderStatus } from '../core/answer/order-status.ts';
import { carryDecisions } from '../core/plan/screening/override.ts';
import { planScreening, type ScreeningResult } from '../core/plan/screening.ts';
import { next } from '../core/plan/states.ts';
import type { TreatmentPlan } from '../core/plan/treatment-plan.ts';
import type { Drafting } from './plan.ts';
import type { PlanRecord, Referral } from './records.ts';

/** What a decision does to a plan's state. */
const eventOf = { accepted: 'accept', held: 'hold', rejected: 'reject', cancelled: 'cancel' } as const;

/**
 * Screen and decide again after a plan changed before treatment began: data was added, a finding was cleared. What a
 * named person decided about a finding stays so while nothing was found beyond it; what is new or worse stands open.
 */
export function reconsider(
  drafting: Pick<Drafting, 'screen' | 'decide'>,
  referral: Referral,
  plan: TreatmentPlan,
): Pick<PlanRecord, 'plan' | 'reasons' | 'questions'> {
  const screened = drafting.screen(referral, plan);
  const findings = carryDecisions(plan.screening.findings, screened.findings);
  const changed = screenedAgain(screened, plan);
  const decision = drafting.decide(referral, changed, { ...screened, findings });
  const { state, reasons, questions } = heedOrderStatus(referral.resource, decision);
  return { plan: { ...changed, status: next(plan.status, eventOf[state]) ?? plan.status }, reasons, questions };
}

/** A plan with a new screening in place of the old one, and with what people decided and added. */
export function screenedAgain(screened: ScreeningResult, plan: TreatmentPlan): TreatmentPlan {
  const screening = { ...screened, findings: carryDecisions(plan.screening.findings, screened.findings) };
  const byPeople = plan.modifications.filter(({ origin }) => origin !== 'rule');
  return {
    ...plan,
    // The clinic may have completed the screening by asking; a rule cannot take that back.
    screening: { ...planScreening(screening), completeness: completenessOf(screening, plan) },
    modifications: [...byPeople, ...screening.modifications],
    performerRequirement: {
      ...plan.performerRequirement,
      qualifications: [...new Set([...plan.performerRequirement.qualifications, ...screening.qualifications])],
    },
  };
}

function completenessOf(screening: ScreeningResult, plan: TreatmentPlan): TreatmentPlan['screening']['completeness'] {
  return plan.screening.completeness === 'complete' ? 'complete' : screening.completeness;
}
