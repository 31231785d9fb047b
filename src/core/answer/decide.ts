import type { RuleSet } from '../plan/screening/rule-set.ts';
import type { ScreeningResult } from '../plan/screening.ts';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import type { StatusReason } from './codes.ts';
import { type Partner, type Verdict, verdictOnIntent } from './partner.ts';
import { clearanceQuestion, missingFrom, type Question, reasonOfQuestions } from './question.ts';

/** What becomes of a referral. */
export interface Decision {
  readonly state: 'accepted' | 'held' | 'rejected';
  /** Codes of CodeSystem/status-reason, the weightiest first; empty when accepted without a remark. */
  readonly reasons: readonly StatusReason[];
  /** What the prescriber is asked; only of a referral that is held. */
  readonly questions: readonly Question[];
}

export interface DecisionRequest {
  /** The ServiceRequest as received. */
  readonly referral: Readonly<Record<string, unknown>>;
  /** Absent when no plan could be made of it: then it is rejected. */
  readonly plan?: TreatmentPlan;
  readonly screening: Pick<ScreeningResult, 'disposition' | 'findings'>;
  readonly policy: Partner['policy'];
  readonly rules: RuleSet;
  /** An instant. */
  readonly now: string;
}

interface Objection {
  readonly verdict: Verdict;
  readonly reason: StatusReason;
}

/**
 * Decide about a referral: by the partner's policy on its intent, service and validity, by its screening, and by what it
 * leaves open. Reject goes before hold, hold before accept; all reasons are told, those of the decision first.
 */
export function decide(request: DecisionRequest): Decision {
  const { referral, plan, screening, policy } = request;
  // An order not to treat is never a plan, whatever a policy says (ServiceRequest.doNotPerform is a modifier element).
  if (referral.doNotPerform === true) return { state: 'rejected', reasons: ['no-prescription'], questions: [] };
  if (plan === undefined) return { state: 'rejected', reasons: ['profile-invalid'], questions: [] };
  const objections = [...onOrder(request, plan), ...onScreening(screening)];
  const rejections = objections.filter(({ verdict }) => verdict === 'reject');
  if (rejections.length > 0) return { state: 'rejected', reasons: reasonsOf(rejections), questions: [] };
  const holds = objections.filter(({ verdict }) => verdict === 'hold');
  const questions = [...missingFrom(plan, policy), ...clearances(screening)];
  if (holds.length === 0 && questions.length === 0) return { state: 'accepted', reasons: [], questions: [] };
  const asking = reasonOfQuestions(questions.filter(({ code }) => code !== 'clearance'));
  const reasons = [...new Set([...reasonsOf(holds), ...(asking === undefined ? [] : [asking])])];
  return { state: 'held', reasons, questions };
}

function onOrder({ referral, policy, rules, now }: DecisionRequest, plan: TreatmentPlan): Objection[] {
  const found: Objection[] = [];
  const object = (verdict: Verdict, reason: StatusReason) => {
    if (verdict !== 'accept') found.push({ verdict, reason });
  };
  object(
    verdictOnIntent(policy, typeof referral.intent === 'string' ? referral.intent : undefined),
    'intent-not-order',
  );
  // Massage without a clinical reason is wellness; whether the reason was only forgotten can be asked.
  if (plan.indications.length === 0 && !policy.asks.includes('indication')) object('reject', 'no-indication');
  const offer = rules.services.offered(referral);
  if (offer === 'other') object(policy.notMassage, 'unsupported-service-code');
  if (offer === 'unknown') object(policy.unknownCode, 'unsupported-service-code');
  // The last day itself is still good; a day begins and ends in UTC here.
  if (plan.validUntil !== undefined && lastDay(plan.validUntil) < now.slice(0, 10)) {
    object(policy.expired, 'prescription-expired');
  }
  return found;
}

/** The last day of a year or a month that is given as such. */
export function lastDay(date: string): string {
  if (date.length === 4) return `${date}-12-31`;
  return date.length === 7 ? `${date}-31` : date;
}

function onScreening({ findings }: DecisionRequest['screening']): Objection[] {
  return findings
    .filter(({ state, disposition }) => state === 'open' && disposition !== 'flag')
    .map(({ disposition, statusReason }) => ({
      verdict: disposition === 'reject' ? 'reject' : 'hold',
      reason: statusReason,
    }));
}

function clearances({ findings }: DecisionRequest['screening']): Question[] {
  const open = findings.filter(({ state, disposition }) => state === 'open' && disposition === 'hold');
  return open.length === 0 ? [] : [clearanceQuestion(open.map(({ ruleId }) => ruleId))];
}

function reasonsOf(objections: readonly Objection[]): StatusReason[] {
  return [...new Set(objections.map(({ reason }) => reason))];
}
