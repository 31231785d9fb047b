import type { Task } from '@medplum/fhirtypes';
import type { RuleSet } from '../plan/screening/rule-set.ts';
import { prescriberSentence } from '../plan/screening/tell.ts';
import type { PlanStatus, TreatmentPlan } from '../plan/treatment-plan.ts';
import { isStatusReason, type StatusReason, statusReasonSystem, statusReasons } from './codes.ts';

interface Explained {
  readonly plan: TreatmentPlan;
  readonly reasons: readonly string[];
  readonly rules?: RuleSet;
}

/** What an ending means when nobody told its reason: only what the state itself says. */
const statesThatSay: Readonly<Partial<Record<PlanStatus, StatusReason>>> = {
  expired: 'prescription-expired',
  invalid: 'profile-invalid',
  held: 'missing-information',
};

const unexplained: StatusReason = 'other';

/** Where the state says nothing either the code is `other`, beside what is known: a wrong reason is worse than none. */
const sentencesOfEndings: Readonly<Partial<Record<PlanStatus, string>>> = {
  stopped: 'The course ended before all sessions.',
  cancelled: 'The order was cancelled.',
  rejected: 'The referral was not accepted.',
};

/**
 * Task.statusReason: codes, the weightiest first, and always a sentence; for findings the sentences of their rules.
 *
 * @returns Undefined when there is nothing to say.
 */
export function statusReasonFor({ plan, reasons, rules }: Explained): Task['statusReason'] {
  const told = reasons.filter(isStatusReason);
  const fallback = statesThatSay[plan.status];
  const codes = told.length > 0 || fallback === undefined ? told : [fallback];
  if (codes.length === 0) {
    const text = sentencesOfEndings[plan.status];
    return text === undefined ? undefined : { coding: [{ system: statusReasonSystem, code: unexplained }], text };
  }
  const sentences = codes.flatMap((code) => sentencesFor(code, plan, rules));
  return {
    coding: codes.map((code) => ({ system: statusReasonSystem, code })),
    text: [...new Set(sentences)].join(' '),
  };
}

function sentencesFor(code: StatusReason, plan: TreatmentPlan, rules: RuleSet | undefined): string[] {
  if (rules === undefined) return [statusReasons[code]];
  const told = plan.screening.findings
    .filter(({ state, disposition }) => state === 'open' && disposition !== 'flag')
    .filter(({ ruleId }) => (rules.rules.get(ruleId)?.reason ?? 'contraindication-reported') === code)
    .flatMap((finding) => prescriberSentence(finding, rules) ?? []);
  return told.length > 0 ? told : [statusReasons[code]];
}
