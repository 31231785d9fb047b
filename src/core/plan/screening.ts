import type { OrderLayer } from './order-layers.ts';
import type { EvidenceCode } from './screening/codes.ts';
import { type Evidence, evidenceOf, reasonEvidence, type Shown, shownOf } from './screening/evidence.ts';
import type { PlanFacts } from './screening/facts.ts';
import { type Duty, dutiesOf, type Finding, gather, worstOpen } from './screening/finding.ts';
import { completenessOf, unresolvedReferences } from './screening/gaps.ts';
import { hitsOfEvidence, hitsOfObservations, hitsOfOrder } from './screening/hits.ts';
import { judge } from './screening/judge.ts';
import { recordsOf } from './screening/records.ts';
import type { Disposition } from './screening/rule.ts';
import type { RuleSet } from './screening/rule-set.ts';
import type { PlanModification, Screening, TreatmentPlan } from './treatment-plan.ts';

/** What is screened. Everything is an argument: the same request gives the same result. */
export interface ScreeningRequest {
  /** The ServiceRequest as received. */
  readonly referral: Readonly<Record<string, unknown>>;
  /** The Bundle it came in, where it came in one. */
  readonly context?: unknown;
  /** What came with earlier versions of the order, oldest first: it counts until it is told again (order-layers.ts). */
  readonly earlier?: readonly OrderLayer[];
  /** `factsOfPlan(plan)`, or `factsOfReferral` where there is no plan. */
  readonly facts: PlanFacts;
  readonly rules: RuleSet;
  /** An instant. */
  readonly now: string;
  /** Names of screening settings that are on: `screeningSettings` of the partner's file. */
  readonly settings?: readonly string[];
  /** The prescriber has answered the screening question: nothing is missing then. */
  readonly answered?: boolean;
}

export interface ScreeningResult {
  readonly completeness: Screening['completeness'];
  /** The worst of the open findings; `none` without any. Reject goes before hold, hold before flag. */
  readonly disposition: Disposition | 'none';
  readonly findings: readonly Finding[];
  readonly modifications: readonly PlanModification[];
  /** What the therapist must do before or at the first session. */
  readonly duties: readonly Duty[];
  /** Qualifications that the therapist needs on behalf of a finding. */
  readonly qualifications: TreatmentPlan['performerRequirement']['qualifications'];
  /** Free text, and values that no rule can read: shown to a person, never decided on. */
  readonly shown: readonly Shown[];
  /** FHIRPaths of clinical references of the order that lead to nothing that came with it. */
  readonly missing: readonly string[];
  readonly checkedAt: string;
  readonly ruleSetVersion: string;
}

/**
 * Run all rules on a referral and what came with it.
 *
 * Evidence is read from reasonCode, reasonReference, supportingInfo, contained resources and the Bundle, those of earlier
 * versions included. What is missing is no all-clear: it becomes `completeness` and a duty, and never rejects by itself.
 *
 * @returns Findings worst first, each with the FHIRPaths of its evidence.
 */
export function screen(request: ScreeningRequest): ScreeningResult {
  const { referral, rules, now } = request;
  const { found, resolve, reasons } = recordsOf(referral, request.context, request.earlier ?? []);
  const evidence = [...reasonEvidence(referral, request.facts)];
  for (const one of found) {
    const said = evidenceOf(one, { resolve, regions: rules.regions, now });
    if (said !== undefined) evidence.push(said);
  }
  const observed = hitsOfObservations(found, rules, now);
  const hits = [...hitsOfEvidence(evidence, rules), ...observed.hits, ...hitsOfOrder(referral, request.facts, rules)];
  const gathered = gather(judge(hits, request));
  const findings = gathered.map(({ finding }) => finding);
  const shown = [...shownOf(referral, evidence), ...observed.unreadable];
  const missing = unresolvedReferences(referral, resolve);
  const completeness = request.answered === true ? 'complete' : completenessOf(found, reasons, missing);
  return {
    completeness,
    disposition: worstOpen(findings),
    findings,
    modifications: gathered.flatMap(({ modifications }) => modifications),
    duties: dutiesOf(gathered, { completeness, shown, unresolved: missing }),
    qualifications: [...new Set(gathered.flatMap(({ rule }) => rule.qualifications ?? []))],
    shown,
    missing,
    checkedAt: now,
    ruleSetVersion: rules.version,
  };
}

/** The part of a result that a plan keeps (`plan.screening`). */
export function planScreening({
  completeness,
  checkedAt,
  findings,
  missing = [],
}: Pick<ScreeningResult, 'completeness' | 'checkedAt' | 'findings'> & {
  readonly missing?: readonly string[];
}): Screening {
  const gaps = missing.length === 0 ? {} : { missing: [...missing] };
  return { completeness, checkedAt, findings: findings.map(planFinding), ...gaps };
}

function planFinding({
  ruleVersion,
  title,
  statusReason,
  prescriber,
  therapist,
  ...kept
}: Finding): Screening['findings'][number] {
  return kept;
}

export type { Duty, Evidence, EvidenceCode, Finding, PlanFacts, Shown };
