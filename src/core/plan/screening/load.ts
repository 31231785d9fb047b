import type { Issue } from '../../fhir/issue.ts';
import { type CodeIndex, codeIndex } from './codes.ts';
import { checkDataFile, type DataFile, dataFileIssue } from './data-file.ts';
import { compileRegions, type Regions, RegionTableSchema, unknownRegions } from './regions.ts';
import { type ObservationLimit, type Rule, RuleSchema } from './rule.ts';
import { compileTechniques, type Techniques, TechniqueTableSchema } from './techniques.ts';

/** All rules, indexed by what they find, ready to screen with. */
export interface RuleSet {
  /** Changes when any rule or table changes: what a plan records as its ruleSetVersion. */
  readonly version: string;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly regions: Regions;
  readonly techniques: Techniques;
  readonly conditions: CodeIndex<Rule>;
  readonly medications: CodeIndex<Rule>;
  readonly allergies: CodeIndex<Rule>;
  /** By LOINC code. */
  readonly observations: ReadonlyMap<string, readonly { readonly rule: Rule; readonly limit: ObservationLimit }[]>;
  /** By `system|code`. */
  readonly services: ReadonlyMap<string, readonly Rule[]>;
  readonly phases: ReadonlyMap<string, readonly Rule[]>;
  /** Of a rule with `except`, and of each variant with `codes`: what they name. */
  readonly parts: ReadonlyMap<object, CodeIndex<true>>;
}

/** The files of mappings/rules, as io/rules reads them. */
export interface RuleFiles {
  readonly rules: readonly DataFile[];
  /** mappings/rules/tables: regions.json and techniques.json. */
  readonly tables: readonly DataFile[];
}

/**
 * Check and index rules.
 *
 * @returns The rule set, absent when there is a fault; and issues: faults, and a warning for each rule that no clinician
 *   has signed.
 */
export function loadRules(files: RuleFiles): { readonly ruleSet?: RuleSet; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const regions = table(files.tables, 'regions', RegionTableSchema, issues);
  const techniques = table(files.tables, 'techniques', TechniqueTableSchema, issues);
  const rules = new Map<string, Rule>();
  for (const file of files.rules) {
    const checked = checkDataFile(RuleSchema, file);
    if (!checked.ok) {
      issues.push(...checked.issues);
      continue;
    }
    if (rules.has(checked.value.id)) issues.push(dataFileIssue(file.file, '.id', 'is the id of another rule too.'));
    rules.set(checked.value.id, checked.value);
  }
  if (regions !== undefined) {
    for (const name of unknownRegions(regions)) {
      issues.push(dataFileIssue('regions.json', '.regions', `names "${name}", which the table does not define.`));
    }
  }
  for (const file of files.rules) {
    const rule = rules.get((file.content as Rule | undefined)?.id ?? '');
    if (rule !== undefined) issues.push(...contradictions(file.file, rule, rules, regions?.regions ?? {}));
  }
  if (regions === undefined || techniques === undefined || issues.some(({ severity }) => severity === 'error')) {
    return { issues };
  }
  const version = contentHash([...files.rules, ...files.tables].map(({ content }) => content));
  return {
    ruleSet: compile([...rules.values()], compileRegions(regions), compileTechniques(techniques), version),
    issues,
  };
}

function table<Schema extends typeof RegionTableSchema | typeof TechniqueTableSchema>(
  files: readonly DataFile[],
  id: string,
  schema: Schema,
  issues: Issue[],
) {
  const file = files.find(({ content }) => (content as { readonly id?: unknown } | null)?.id === id);
  if (file === undefined) {
    issues.push(dataFileIssue(`mappings/rules/tables/${id}.json`, '', 'is missing.'));
    return undefined;
  }
  const checked = checkDataFile(schema, file);
  if (checked.ok) return checked.value;
  issues.push(...checked.issues);
  return undefined;
}

/** What the schema cannot say about one rule. */
function contradictions(
  file: string,
  rule: Rule,
  rules: ReadonlyMap<string, Rule>,
  regions: Readonly<Record<string, unknown>>,
): Issue[] {
  const issues: Issue[] = [];
  const fault = (place: string, message: string) => issues.push(dataFileIssue(file, place, message));
  if (!file.endsWith(`/${rule.id}.json`)) fault('.id', `is "${rule.id}"; it must be the file's name without .json.`);
  if (Object.keys(rule.finds).length === 0) fault('.finds', 'names nothing to find.');
  if (rule.scope === 'technique' && rule.techniques === undefined)
    fault('.techniques', 'is missing in a technique rule.');
  const named = [
    ...(rule.regions ?? []),
    ...Object.values(rule.regionsByCode ?? {}).flat(),
    ...(rule.variants ?? []).flatMap(({ when }) => when.regions ?? []),
    ...[rule, ...(rule.variants ?? [])]
      .flatMap(({ modifications }) => modifications ?? [])
      .flatMap(({ region }) => region ?? []),
  ];
  for (const region of named) {
    if (regions[region] === undefined)
      fault('', `names the region "${region}", which tables/regions.json does not define.`);
  }
  for (const { when } of rule.variants ?? []) {
    if (when.alongside !== undefined && !rules.has(when.alongside)) {
      fault('.variants', `names the rule "${when.alongside}", which does not exist.`);
    }
  }
  if (rule.reviewedBy === '') {
    const unsigned = `(version ${rule.version}) was not signed by a clinician: reviewedBy is empty.`;
    issues.push({ ...dataFileIssue(file, '', unsigned, 'warning'), code: 'rule-unsigned', type: 'informational' });
  }
  return issues;
}

function compile(rules: readonly Rule[], regions: Regions, techniques: Techniques, version: string): RuleSet {
  const conditions = codeIndex<Rule>();
  const medications = codeIndex<Rule>();
  const allergies = codeIndex<Rule>();
  const observations = new Map<string, { rule: Rule; limit: ObservationLimit }[]>();
  const services = new Map<string, Rule[]>();
  const phases = new Map<string, Rule[]>();
  const parts = new Map<object, CodeIndex<true>>();
  for (const rule of rules) {
    const { finds } = rule;
    conditions.add(finds.conditions, rule);
    medications.add(finds.medications, rule);
    allergies.add(finds.allergies, rule);
    for (const limit of finds.observations ?? []) push(observations, limit.loinc, { rule, limit });
    for (const { system, code } of finds.services ?? []) push(services, `${system}|${code}`, rule);
    for (const phase of finds.phases ?? []) push(phases, phase, rule);
    if (finds.except !== undefined) parts.set(rule, indexOf({ icd10: finds.except }));
    for (const variant of rule.variants ?? []) {
      if (variant.when.codes !== undefined) parts.set(variant, indexOf(variant.when.codes));
    }
  }
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return {
    version,
    rules: byId,
    regions,
    techniques,
    conditions,
    medications,
    allergies,
    observations,
    services,
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
