import type { Static, TSchema } from '@sinclair/typebox';
import type { Issue } from '../../fhir/issue.ts';
import { checkDataFile, type DataFile, dataFileIssue } from './data-file.ts';
import { compileRegions, RegionTableSchema, unknownRegions } from './regions.ts';
import { type Rule, RuleSchema } from './rule.ts';
import { compileRules, type RuleSet } from './rule-set.ts';
import { compileServices, ServiceTableSchema } from './services.ts';
import { compileTechniques, TechniqueTableSchema } from './techniques.ts';

export type { RuleSet };

/** The files of mappings/rules, as io/rules reads them. */
export interface RuleFiles {
  readonly rules: readonly DataFile[];
  /** mappings/rules/tables: regions.json, techniques.json, services.json. */
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
  const regions = table(files, 'regions', RegionTableSchema, issues);
  const techniques = table(files, 'techniques', TechniqueTableSchema, issues);
  const services = table(files, 'services', ServiceTableSchema, issues);
  const rules = checkedRules(files.rules, issues);
  for (const name of regions === undefined ? [] : unknownRegions(regions)) {
    issues.push(dataFileIssue(tableFile('regions'), '.regions', `names "${name}", which the table does not define.`));
  }
  for (const [file, rule] of rules) issues.push(...contradictions(file, rule, [...rules.values()], regions?.regions));
  const isFaulty = issues.some(({ severity }) => severity === 'error');
  if (isFaulty || regions === undefined || techniques === undefined || services === undefined) return { issues };
  const named = compileTechniques(techniques);
  const tables = {
    regions: compileRegions(regions),
    techniques: named,
    services: compileServices(services, named),
  };
  const contents = [...files.rules, ...files.tables].map(({ content }) => content);
  return { ruleSet: compileRules([...rules.values()], tables, contents), issues };
}

/** Rules by file. */
function checkedRules(files: readonly DataFile[], issues: Issue[]): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  const ids = new Set<string>();
  for (const file of files) {
    const checked = checkDataFile(RuleSchema, file);
    if (!checked.ok) {
      issues.push(...checked.issues);
      continue;
    }
    const { id } = checked.value;
    if (ids.has(id)) issues.push(dataFileIssue(file.file, '.id', `is "${id}", which is the id of another rule too.`));
    ids.add(id);
    rules.set(file.file, checked.value);
  }
  return rules;
}

function tableFile(id: string): string {
  return `mappings/rules/tables/${id}.json`;
}

function table<Schema extends TSchema>(
  { tables }: RuleFiles,
  id: string,
  schema: Schema,
  issues: Issue[],
): Static<Schema> | undefined {
  const file = tables.find(({ content }) => (content as { readonly id?: unknown } | null)?.id === id);
  if (file === undefined) {
    issues.push(dataFileIssue(tableFile(id), '', 'is missing.'));
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
  rules: readonly Rule[],
  regions: Readonly<Record<string, unknown>> = {},
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
    if (when.alongside !== undefined && !rules.some(({ id }) => id === when.alongside)) {
      fault('.variants', `names the rule "${when.alongside}", which does not exist.`);
    }
  }
  if (rule.reviewedBy === '') {
    const unsigned = `(version ${rule.version}) was not signed by a clinician: reviewedBy is empty.`;
    issues.push({ ...dataFileIssue(file, '', unsigned, 'warning'), code: 'rule-unsigned', type: 'informational' });
  }
  return issues;
}
