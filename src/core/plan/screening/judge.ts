import { isAtLeastOld, isOlder } from './clinical-time.ts';
import type { Evidence } from './evidence.ts';
import { type PlanFacts, placesOfPlan } from './facts.ts';
import type { Place } from './regions.ts';
import { type Disposition, presentStatuses, type Rule, type Variant, type When } from './rule.ts';
import type { RuleSet } from './rule-set.ts';

/** A rule that found something. */
export interface Hit {
  readonly rule: Rule;
  /** FHIRPaths of the codings or values that it found. */
  readonly paths: readonly string[];
  /** Absent for observations, phases and services: those are there now, without place. */
  readonly evidence?: Evidence;
}

/** What follows from a hit for this plan. */
export interface Judgement extends Hit {
  readonly disposition: Disposition;
  readonly variant?: Variant;
  /** Where it is, as far as the record or the rule says. */
  readonly places: readonly Place[];
}

/** The plan and the moment that hits are judged for. */
export interface JudgingContext {
  readonly rules: RuleSet;
  readonly facts: PlanFacts;
  readonly now: string;
  readonly settings?: readonly string[];
}

interface Bench extends JudgingContext {
  readonly plan: readonly Place[];
  /** Ids of all rules that found something. */
  readonly present: ReadonlySet<string>;
}

/**
 * Judge hits. Each is judged by itself, except that another rule's hit can make it worse (`alongside`); so one more
 * contraindication never makes a decision milder.
 */
export function judge(hits: readonly Hit[], context: JudgingContext): Judgement[] {
  const present = new Set(hits.map(({ rule }) => rule.id));
  const bench: Bench = { ...context, plan: placesOfPlan(context.facts), present };
  return hits.flatMap((hit) => judged(hit, bench) ?? []);
}

function judged(hit: Hit, bench: Bench): Judgement | undefined {
  const { rule, evidence } = hit;
  const statuses = rule.statuses ?? presentStatuses;
  if (evidence !== undefined && !statuses.includes(evidence.status)) return undefined;
  const places = placesOfHit(hit, bench);
  const variant = rule.variants?.find((one) => holds(one, hit, places, bench));
  if (variant?.disposition === 'none') return undefined;
  const disposition = variant?.disposition ?? inScope(rule, places, bench);
  if (disposition === undefined) return undefined;
  return { ...hit, disposition, places, ...(variant === undefined ? {} : { variant }) };
}

/** The record's own place; else what the code says; else what the rule says. */
function placesOfHit({ rule, evidence }: Hit, bench: Bench): readonly Place[] {
  if (evidence !== undefined && evidence.places.length > 0) return evidence.places;
  const byCode = Object.entries(rule.regionsByCode ?? {})
    .filter(([code]) => evidence?.codes.some((one) => isUnder(one.code, code)))
    .flatMap(([, regions]) => regions);
  const regions = byCode.length > 0 ? byCode : (rule.regions ?? []);
  return regions.filter(bench.rules.regions.has).map((region) => ({ region, laterality: 'unknown' }));
}

function isUnder(code: string, prefix: string): boolean {
  return code === prefix || (/^[A-Z]/.test(prefix) && code.toUpperCase().startsWith(prefix));
}

/**
 * The disposition inside or outside of the rule's scope. A plan that names no technique is not treated with a special
 * one by default, but its therapist must know: such a hit travels as a flag.
 */
function inScope(rule: Rule, places: readonly Place[], bench: Bench): Disposition | undefined {
  if (rule.scope === 'region') {
    return bench.rules.regions.meet(places, bench.plan) ? rule.disposition : rule.outside;
  }
  if (rule.scope === 'technique') {
    if (uses(bench.facts, rule.techniques ?? [])) return rule.disposition;
    return bench.facts.techniques.length === 0 ? 'flag' : rule.outside;
  }
  return rule.disposition;
}

function uses(facts: PlanFacts, techniques: readonly string[]): boolean {
  return techniques.some((technique) => facts.techniques.includes(technique));
}

function holds(variant: Variant, { evidence }: Hit, places: readonly Place[], bench: Bench): boolean {
  const { when } = variant;
  const { regions } = bench.rules;
  if (when.codes !== undefined && !hasCode(variant, evidence, bench)) return false;
  if (when.techniques !== undefined && !uses(bench.facts, when.techniques)) return false;
  if (when.target !== undefined && regions.meet(places, bench.plan) !== when.target) return false;
  if (when.regions !== undefined && !regions.meet(asPlaces(when.regions), bench.plan)) return false;
  if (when.statuses !== undefined && !when.statuses.includes(evidence?.status ?? 'unknown')) return false;
  if (when.alongside !== undefined && !bench.present.has(when.alongside)) return false;
  if (when.setting !== undefined && !(bench.settings ?? []).includes(when.setting)) return false;
  return isSince(when, evidence?.began, bench.now);
}

function isSince(when: When, began: string | undefined, now: string): boolean {
  if (when.onsetAtLeast !== undefined && !isAtLeastOld(began, when.onsetAtLeast, now)) return false;
  if (when.onsetMoreThan !== undefined && !isOlder(began, when.onsetMoreThan, now)) return false;
  return when.onsetLessThan === undefined || !isAtLeastOld(began, when.onsetLessThan, now);
}

function hasCode(variant: Variant, evidence: Evidence | undefined, bench: Bench): boolean {
  const index = bench.rules.parts.get(variant);
  let has = false;
  for (const code of evidence?.codes ?? []) {
    index?.find(code, () => {
      has = true;
    });
  }
  return has;
}

function asPlaces(regions: readonly string[]): Place[] {
  return regions.map((region) => ({ region, laterality: 'unknown' }));
}
