import type { CodeIndex } from './codes.ts';
import { codesOf, type Evidence, type Shown } from './evidence.ts';
import type { PlanFacts } from './facts.ts';
import { type Json, object, objects } from './json.ts';
import type { Hit } from './judge.ts';
import { observedValues, reaches } from './observation.ts';
import type { Rule } from './rule.ts';
import type { RuleSet } from './rule-set.ts';
import type { Found } from './walk.ts';

/** Rules whose codes a condition, a medicine or an allergy carries: one hit a rule and record. */
export function hitsOfEvidence(evidence: readonly Evidence[], rules: RuleSet): Hit[] {
  const indexes = { condition: rules.conditions, medication: rules.medications, allergy: rules.allergies };
  return evidence.flatMap((one) => hitsOfOne(one, indexes[one.kind], rules));
}

function hitsOfOne(evidence: Evidence, index: CodeIndex<Rule>, rules: RuleSet): Hit[] {
  const paths = new Map<Rule, string[]>();
  for (const code of evidence.codes) {
    index.find(code, (rule) => {
      if (evidence.kind === 'condition' && isExcepted(rule, code, rules)) return;
      const known = paths.get(rule);
      if (known === undefined) paths.set(rule, [code.path]);
      else if (!known.includes(code.path)) known.push(code.path);
    });
  }
  return [...paths].map(([rule, found]) => ({ rule, paths: found, evidence }));
}

function isExcepted(rule: Rule, code: Evidence['codes'][number], rules: RuleSet): boolean {
  let excepted = false;
  rules.parts.get(rule)?.find(code, () => {
    excepted = true;
  });
  return excepted;
}

/** Rules whose limit a measured value reaches, and values whose unit cannot be read. */
export function hitsOfObservations(
  found: readonly Found[],
  rules: RuleSet,
  now: string,
): { readonly hits: readonly Hit[]; readonly unreadable: readonly Shown[] } {
  const hits: Hit[] = [];
  const unreadable: Shown[] = [];
  for (const value of found.flatMap(observedValues)) {
    for (const { rule, limit } of rules.observations.get(value.loinc) ?? []) {
      const reached = reaches(value, limit, now);
      const path = `${value.path}.value`;
      if (reached === 'unreadable') unreadable.push({ path, text: `${rule.title}: a value whose unit cannot be read` });
      else if (reached) hits.push({ rule, paths: [path] });
    }
  }
  return { hits, unreadable };
}

/** Rules on the order itself: which service it asks for, and in which phase the patient is. */
export function hitsOfOrder(referral: Json, facts: PlanFacts, rules: RuleSet): Hit[] {
  const concepts = [
    { path: 'ServiceRequest.code', concept: object(referral.code) },
    ...objects(referral.category).map((concept, index) => ({ path: `ServiceRequest.category[${index}]`, concept })),
    ...objects(referral.orderDetail).map((concept, index) => ({
      path: `ServiceRequest.orderDetail[${index}]`,
      concept,
    })),
  ];
  const services = concepts
    .flatMap(({ path, concept }) => codesOf(concept, path))
    .flatMap(({ system, code, path }) =>
      (rules.orders.get(`${system}|${code}`) ?? []).map((rule): Hit => ({ rule, paths: [path] })),
    );
  const phases = (facts.phases ?? []).flatMap((phase, index) =>
    (rules.phases.get(phase) ?? []).map(
      (rule): Hit => ({ rule, paths: [`TreatmentPlan.indications[${index}].phase`] }),
    ),
  );
  return [...services, ...phases];
}
