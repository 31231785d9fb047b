import { orderNamed, versionNamed } from '../order-layers.ts';
import type { PlanModification, Screening, ScreeningFinding } from '../treatment-plan.ts';
import type { Shown } from './evidence.ts';
import type { Judgement } from './judge.ts';
import { type Disposition, dispositions, type FindingReason, type Rule } from './rule.ts';

/** What a rule found, as the plan keeps it, and what to tell about it. */
export type Finding = Readonly<ScreeningFinding> & {
  readonly ruleVersion: string;
  readonly title: string;
  /** Code of CodeSystem/status-reason. */
  readonly statusReason: FindingReason;
  readonly prescriber: string;
  readonly therapist: string;
};

/** Something that the therapist must do. */
export interface Duty {
  readonly code: string;
  readonly sentence: string;
  readonly ruleId?: string;
}

/** A finding with what else follows from it. */
export interface Gathered {
  readonly finding: Finding;
  readonly rule: Rule;
  readonly modifications: readonly PlanModification[];
}

/** One finding a rule, disposition and variant, with all its evidence; worst first, then by rule. */
export function gather(judgements: readonly Judgement[]): Gathered[] {
  const groups = new Map<string, Judgement[]>();
  for (const judgement of judgements) {
    const { rule, disposition, variant } = judgement;
    const key = `${dispositions.indexOf(disposition)} ${rule.id} ${variant ? rule.variants?.indexOf(variant) : ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [judgement]);
    else group.push(judgement);
  }
  const keys = [...groups.keys()].sort((a, b) => (a < b ? -1 : 1));
  return keys.flatMap((key) => gathered(groups.get(key) ?? []));
}

function gathered(group: readonly Judgement[]): Gathered[] {
  const [first] = group;
  if (first === undefined) return [];
  const { rule, variant, disposition } = first;
  const region = group.flatMap(({ places }) => places)[0]?.region;
  const evidence = [...new Set(group.flatMap(({ paths }) => paths))];
  const finding: Finding = {
    ruleId: rule.id,
    disposition,
    evidence,
    ...(region === undefined ? {} : { region }),
    state: 'open',
    ruleVersion: rule.version,
    title: rule.title,
    statusReason: rule.reason ?? 'contraindication-reported',
    prescriber: withVersion(variant?.prescriber ?? rule.prescriber, evidence),
    therapist: withVersion(variant?.therapist ?? rule.therapist, evidence),
  };
  return [{ finding, rule, modifications: modificationsOf(group) }];
}

/** A sentence of a rule, and where it is told of only by what came before this version: by what. */
export function withVersion(sentence: string, evidence: readonly string[]): string {
  const ofThis = evidence.filter((path) => orderNamed(path) === undefined);
  const versions = new Set(ofThis.map(versionNamed));
  if (evidence.length === 0 || versions.has(undefined)) return sentence;
  const named = [...versions].sort((a, b) => (a ?? 0) - (b ?? 0)).join(' and ');
  const byVersions = versions.size === 0 ? [] : [`version ${named} of the order`];
  const byOrder = ofThis.length < evidence.length ? ['an order before this one'] : [];
  return `${sentence} (Told with ${[...byVersions, ...byOrder].join(' and ')}, and not taken back since.)`;
}

/** `avoid-region` without a region in the rule means the region of the evidence. */
function modificationsOf(group: readonly Judgement[]): PlanModification[] {
  const found = new Map<string, PlanModification>();
  for (const { rule, variant, places } of group) {
    for (const { code, region, minutes } of variant?.modifications ?? rule.modifications) {
      const where = region === undefined && code === 'avoid-region' ? places.map((place) => place.region) : [region];
      for (const place of where.length === 0 ? [undefined] : where) {
        found.set(`${code} ${place}`, {
          code,
          ...(place === undefined ? {} : { region: place }),
          ...(minutes === undefined ? {} : { minutes }),
          origin: 'rule',
          ruleId: rule.id,
        });
      }
    }
  }
  return [...found.values()];
}

/**
 * The worst of what still stands: reject before hold before flag. What a named person has overridden or cleared no
 * longer stops the plan, but travels with it as a flag.
 */
export function worstOpen(findings: readonly Pick<ScreeningFinding, 'disposition' | 'state'>[]): Disposition | 'none' {
  if (findings.length === 0) return 'none';
  const open = new Set(findings.map(({ disposition, state }) => (state === 'open' ? disposition : 'flag')));
  return dispositions.find((one) => open.has(one)) ?? 'none';
}

/** More paths than this help nobody who reads a sentence. */
const missingNamed = 5;

/** What is missing, and must be asked or read by a person. */
export interface Gaps {
  readonly completeness: Screening['completeness'];
  readonly shown: readonly Shown[];
  /** References of the order that lead to nothing that came with it. */
  readonly unresolved: readonly string[];
}

export function dutiesOf(found: readonly Pick<Gathered, 'rule'>[], gaps: Gaps): Duty[] {
  const duties = new Map<string, Duty>();
  const add = (duty: Duty) => {
    if (!duties.has(duty.code)) duties.set(duty.code, duty);
  };
  for (const { rule } of found) for (const duty of rule.duties ?? []) add({ ...duty, ruleId: rule.id });
  if (gaps.completeness !== 'complete') {
    const told = gaps.completeness === 'absent' ? 'told nothing' : 'told only a part';
    const sentence = `The order ${told} about other illnesses, medicines and allergies: ask the patient before the first session.`;
    add({ code: 'screen-before-first-session', sentence });
  }
  if (gaps.unresolved.length > 0) {
    const named = gaps.unresolved.slice(0, missingNamed).join(', ');
    const more = gaps.unresolved.length > missingNamed ? ' and more' : '';
    const sentence = `The order refers to records that did not come with it (${named}${more}): ask for them or ask the patient.`;
    add({ code: 'missing-records', sentence });
  }
  if (gaps.shown.length > 0) {
    add({
      code: 'read-free-text',
      sentence: 'The order has words that no rule can read: read them before the first session.',
    });
  }
  return [...duties.values()];
}
