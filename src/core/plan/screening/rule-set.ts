import { type CodeIndex, codeIndex } from './codes.ts';
import type { Regions } from './regions.ts';
import type { ObservationLimit, Rule } from './rule.ts';
import type { Services } from './services.ts';
import type { Techniques } from './techniques.ts';

/** All rules, indexed by what they find, ready to screen with. */
export interface RuleSet {
  /** Changes when any rule or table changes: what a plan records as its ruleSetVersion. */
  readonly version: string;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly regions: Regions;
  readonly techniques: Techniques;
  readonly services: Services;
  readonly conditions: CodeIndex<Rule>;
  readonly medications: CodeIndex<Rule>;
  readonly allergies: CodeIndex<Rule>;
  /** By LOINC code. */
  readonly observations: ReadonlyMap<string, readonly { readonly rule: Rule; readonly limit: ObservationLimit }[]>;
  /** By `system|code`. */
  readonly orders: ReadonlyMap<string, readonly Rule[]>;
  readonly phases: ReadonlyMap<string, readonly Rule[]>;
  /** Of a rule with `except`, and of each variant with `codes`: what they name. */
  readonly parts: ReadonlyMap<object, CodeIndex<true>>;
}

/** The compiled tables of mappings/rules/tables. */
export type Tables = Pick<RuleSet, 'regions' | 'techniques' | 'services'>;

/** Index rules by what they find. `contents` are the files that they come from: the version is their hash. */
export function compileRules(rules: readonly Rule[], tables: Tables, contents: readonly unknown[]): RuleSet {
  const conditions = codeIndex<Rule>();
  const medications = codeIndex<Rule>();
  const allergies = codeIndex<Rule>();
  const observations = new Map<string, { rule: Rule; limit: ObservationLimit }[]>();
  const orders = new Map<string, Rule[]>();
  const phases = new Map<string, Rule[]>();
  const parts = new Map<object, CodeIndex<true>>();
  for (const rule of rules) {
    const { finds } = rule;
    conditions.add(finds.conditions, rule);
    medications.add(finds.medications, rule);
    allergies.add(finds.allergies, rule);
    for (const limit of finds.observations ?? []) push(observations, limit.loinc, { rule, limit });
    for (const { system, code } of finds.services ?? []) push(orders, `${system}|${code}`, rule);
    for (const phase of finds.phases ?? []) push(phases, phase, rule);
    if (finds.except !== undefined) parts.set(rule, indexOf({ icd10: finds.except }));
    for (const variant of rule.variants ?? []) {
      if (variant.when.codes !== undefined) parts.set(variant, indexOf(variant.when.codes));
    }
  }
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return {
    version: contentHash(contents),
    rules: byId,
    ...tables,
    conditions,
    medications,
    allergies,
    observations,
    orders,
    phases,
    parts,
  };
}

function indexOf(codes: Parameters<CodeIndex<true>['add']>[0]): CodeIndex<true> {
  const index = codeIndex<true>();
  index.add(codes, true);
  return index;
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/**
 * 16 hex digits of two FNV-1a hashes over the content. It tells versions apart; it protects against nothing.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 */
function contentHash(contents: readonly unknown[]): string {
  const text = contents
    .map((content) => JSON.stringify(content))
    .sort()
    .join('\n');
  let first = 0x811c9dc5;
  let second = 0x01000193;
  for (let at = 0; at < text.length; at++) {
    first = Math.imul(first ^ text.charCodeAt(at), 0x01000193);
    second = Math.imul(second ^ text.charCodeAt(text.length - 1 - at), 0x01000193);
  }
  return [first, second].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
