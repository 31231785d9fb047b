import type { ScreeningFinding, TreatmentPlan } from '../treatment-plan.ts';
import { type Duty, dutiesOf, withVersion } from './finding.ts';
import type { RuleSet } from './rule-set.ts';

/** What a plan's findings mean in words: the plan keeps only their rules. */

/** @returns Undefined when the rule is no longer there. */
export function prescriberSentence(finding: ScreeningFinding, rules: RuleSet): string | undefined {
  return sentence(finding, rules, 'prescriber');
}

/** @returns Undefined when the rule is no longer there. */
export function therapistSentence(finding: ScreeningFinding, rules: RuleSet): string | undefined {
  return sentence(finding, rules, 'therapist');
}

/** The variant that gave this disposition speaks first, then the rule. */
function sentence(finding: ScreeningFinding, rules: RuleSet, to: 'prescriber' | 'therapist'): string | undefined {
  const rule = rules.rules.get(finding.ruleId);
  if (rule === undefined) return undefined;
  const fromVariant = rule.disposition === finding.disposition || rule.outside === finding.disposition;
  const ofVariant = rule.variants?.find((variant) => variant.disposition === finding.disposition)?.[to];
  return withVersion(fromVariant ? rule[to] : (ofVariant ?? rule[to]), finding.evidence);
}

/** The therapist's page of a plan: each finding as a sentence, and what must be done before the first session. */
export function therapistSheet(
  plan: Pick<TreatmentPlan, 'screening' | 'notes'>,
  rules: RuleSet,
): {
  readonly findings: readonly { readonly finding: ScreeningFinding; readonly sentence: string }[];
  readonly duties: readonly Duty[];
} {
  const findings = plan.screening.findings.flatMap((finding) => {
    const words = therapistSentence(finding, rules);
    return words === undefined ? [] : [{ finding, sentence: words }];
  });
  const found = findings.flatMap(({ finding }) => rules.rules.get(finding.ruleId) ?? []).map((rule) => ({ rule }));
  const shown = plan.notes.map(({ text }, index) => ({ path: `TreatmentPlan.notes[${index}].text`, text }));
  const { completeness, missing = [] } = plan.screening;
  return { findings, duties: dutiesOf(found, { completeness, shown, unresolved: missing }) };
}
