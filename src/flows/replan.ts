import { differingPaths, differingPathsLimit } from '../core/fhir/canonical-content.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { decidedInVersion } from '../core/plan/screening/override.ts';
import type { ScreeningFinding, TreatmentPlan } from '../core/plan/treatment-plan.ts';
import type { PlanChange } from './change-plan.ts';
import type { Drafting } from './plan.ts';
import { reconsider, screenedAgain } from './reconsider.ts';
import type { Referral } from './records.ts';

export type Replanned =
  | { readonly ok: true; readonly change: Pick<PlanChange, 'plan' | 'reasons' | 'questions'> }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Make a plan anew of a newer version of its order: map, screen, decide. What people did to the old plan stays:
 * assessment, goals, modifications, decisions about findings as long as their evidence is the same, and answers to what
 * the order still leaves open.
 *
 * @param before The version that `plan` was made of: what the plan has beyond it, people added.
 */
export function replan(drafting: Drafting, plan: TreatmentPlan, before: Referral, after: Referral): Replanned {
  const made = drafting.makePlan(after, plan.planId);
  if (!made.ok) return made;
  const old = drafting.makePlan(before, plan.planId);
  const wasMade = old.ok ? old.plan : undefined;
  const merged = withPeoplesWork(made.plan, plan, wasMade);
  const wasComplete = wasMade !== undefined && drafting.screen(before, wasMade).completeness === 'complete';
  const saidComplete = plan.screening.completeness === 'complete' && !wasComplete;
  const screening = {
    ...made.plan.screening,
    completeness: saidComplete ? ('complete' as const) : made.plan.screening.completeness,
    findings: decisionsOn(plan, before, after),
  };
  return { ok: true, change: reconsider(drafting, after, { ...merged, screening }) };
}

/**
 * A plan whose course has begun is not made anew, but what came with a newer version of its order is screened: what is
 * found now is open, and what a named person decided stays so.
 */
export function rescreen(
  drafting: Pick<Drafting, 'screen'>,
  plan: TreatmentPlan,
  before: Referral,
  after: Referral,
): TreatmentPlan {
  return screenedAgain(drafting.screen(after, plan), {
    ...plan,
    screening: { ...plan.screening, findings: decisionsOn(plan, before, after) },
  });
}

/** The findings of a plan, with their evidence named as the newer version names it. */
function decisionsOn(plan: TreatmentPlan, before: Referral, after: Referral): ScreeningFinding[] {
  if (before.version === after.version) return [...plan.screening.findings];
  return decidedInVersion(plan.screening.findings, before.version, changedPlaces(before, after));
}

/** Whole resources where more differs than is told: then no decision is known to stand on the same evidence. */
function changedPlaces(before: Referral, after: Referral): string[] {
  const bundle = ({ context }: Referral) => (context ?? {}) as Readonly<Record<string, unknown>>;
  const paths = [
    ...differingPaths(before.resource, after.resource),
    ...differingPaths({ resourceType: 'Bundle', ...bundle(before) }, { resourceType: 'Bundle', ...bundle(after) }),
  ];
  return paths.length < differingPathsLimit ? paths : ['ServiceRequest', 'Bundle'];
}

function withPeoplesWork(made: TreatmentPlan, plan: TreatmentPlan, wasMade: TreatmentPlan | undefined): TreatmentPlan {
  const ordered = new Set(wasMade?.goals.map(({ goalId }) => goalId));
  const renewed = new Set(made.goals.map(({ goalId }) => goalId));
  const ownGoals = plan.goals.filter(({ goalId }) => !ordered.has(goalId) && !renewed.has(goalId));
  return {
    ...filled(made, plan, wasMade),
    status: plan.status,
    progress: plan.progress,
    goals: [...made.goals.map((goal) => ({ ...judged(plan, goal.goalId), ...goal })), ...ownGoals],
    modifications: [...made.modifications, ...plan.modifications.filter(({ origin }) => origin === 'therapist')],
    ...(plan.assessment === undefined ? {} : { assessment: plan.assessment }),
  };
}

/** What was measured and judged of a goal that the order still has. */
function judged(plan: TreatmentPlan, goalId: string): Partial<TreatmentPlan['goals'][number]> {
  const { baseline, achievement } = plan.goals.find((goal) => goal.goalId === goalId) ?? {};
  return { ...(baseline === undefined ? {} : { baseline }), ...(achievement === undefined ? {} : { achievement }) };
}

/** An answer stays while the order leaves its question open; what the order once said and says no longer is gone. */
function filled(made: TreatmentPlan, plan: TreatmentPlan, wasMade: TreatmentPlan | undefined): TreatmentPlan {
  const answers = Object.entries(plan.dosage).filter(
    ([name]) => wasMade?.dosage[name as keyof TreatmentPlan['dosage']] === undefined,
  );
  const noSites = made.bodySites.length === 0 && wasMade?.bodySites.length === 0;
  const noTechnique = made.service.technique.length === 0 && wasMade?.service.technique.length === 0;
  return {
    ...made,
    dosage: { ...Object.fromEntries(answers), ...made.dosage },
    bodySites: noSites ? plan.bodySites : made.bodySites,
    scope: made.scope === 'unknown' && wasMade?.scope === 'unknown' ? plan.scope : made.scope,
    service: noTechnique ? { ...made.service, technique: plan.service.technique } : made.service,
  };
}
