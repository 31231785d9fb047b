import { join } from 'node:path';
import { type Anchors, loadAnchors } from '../core/answer/anchor.ts';
import { loadPartners, type Partner } from '../core/answer/partner.ts';
import { type Issue, isFault } from '../core/fhir/issue.ts';
import { newLoader } from '../core/mapping/load.ts';
import type { Mapping } from '../core/mapping/mapping.ts';
import { checkMeasure, type Measure, type MeasureTable } from '../core/plan/measure.ts';
import type { DataFile } from '../core/plan/screening/data-file.ts';
import { loadRules, type RuleSet } from '../core/plan/screening/load.ts';
import { settingNames } from '../core/plan/screening/setting-names.ts';
import { createValidator } from '../core/validate/create.ts';
import type { Definitions, Validator } from '../core/validate/validator.ts';
import { loadDefinitions } from '../io/definitions/definitions.ts';
import { readMappingSources } from '../io/mappings/read-mappings.ts';
import { readDataFiles, readRules } from '../io/rules/read-rules.ts';

/** All that is data: read and checked at start. While Tactus runs another may take its place, but none is changed. */
export interface Catalog {
  readonly definitions: Definitions;
  readonly validator: Validator;
  readonly partners: ReadonlyMap<string, Partner>;
  readonly anchors: Anchors;
  readonly rules: RuleSet;
  readonly measures: MeasureTable;
  readonly mappings: ReadonlyMap<string, Mapping>;
  readonly referralToPlan: Mapping;
  readonly sessionToOutcome: Mapping;
  /** Warnings: for example rules that no clinician has signed. */
  readonly warnings: readonly Issue[];
}

/** Tactus does not start on data that contradicts itself: this lists what and where. */
export class CatalogFault extends Error {
  override readonly name = 'CatalogFault';
  readonly issues: readonly Issue[];
  constructor(issues: readonly Issue[]) {
    const lines = issues.map(({ expression, message }) => `  ${expression}: ${message}`);
    super(`The data that Tactus works with has faults; correct them and start again.\n${lines.join('\n')}`);
    this.issues = issues;
  }
}

export interface CatalogFolders {
  readonly mappings: string;
  readonly profiles: string;
  /** Takes the place of `baseUrl` in partner files, by partner id: another server for tests and rehearsals. */
  readonly baseUrls?: ReadonlyMap<string, string>;
}

/**
 * Read profiles, mappings, rules, measures and partners, and check them against each other.
 *
 * @throws CatalogFault with every fault of every file.
 */
export function loadCatalog(folders: CatalogFolders): Catalog {
  return catalogLoader(folders)();
}

/** The same, to be asked again after each change. Profiles and what is made of them are read once; so are unchanged maps. */
export function catalogLoader(folders: CatalogFolders): () => Catalog {
  const definitions = loadDefinitions(folders.profiles);
  const fixed = { definitions, validator: createValidator(definitions), load: newLoader(definitions) };
  return () => readCatalog(folders, fixed);
}

function readCatalog(
  folders: CatalogFolders,
  { definitions, validator, load }: Pick<Catalog, 'definitions' | 'validator'> & { load: ReturnType<typeof newLoader> },
): Catalog {
  const partners = loadPartners(
    readDataFiles(join(folders.mappings, 'partners')).map((file) => withBaseUrl(file, folders.baseUrls)),
  );
  const anchors = loadAnchors(readDataFiles(join(folders.mappings, 'anchors')));
  const rules = loadRules(readRules(join(folders.mappings, 'rules')));
  const measures = loadMeasures(folders.mappings);
  const mappings = load(readMappingSources(folders.mappings));
  const issues = [
    ...partners.issues,
    ...anchors.issues,
    ...rules.issues,
    ...measures.issues,
    ...mappings.issues,
    ...contradictions(partners.partners, anchors.anchors, definitions),
    ...unknownSettings(partners.partners, rules.ruleSet),
  ];
  const referralToPlan = mappings.mappings.get('referral-to-plan');
  const sessionToOutcome = mappings.mappings.get('session-to-outcome');
  for (const [name, found] of Object.entries({
    'referral-to-plan': referralToPlan,
    'session-to-outcome': sessionToOutcome,
  })) {
    if (found === undefined) issues.push(missing(`mappings/${name}.map`, `defines no usable map called ${name}.`));
  }
  const { ruleSet } = rules;
  if (issues.some(isFault) || ruleSet === undefined || referralToPlan === undefined || sessionToOutcome === undefined) {
    throw new CatalogFault(issues.filter(isFault));
  }
  return {
    definitions,
    validator,
    partners: partners.partners,
    anchors: anchors.anchors,
    rules: ruleSet,
    measures: measures.table,
    mappings: mappings.mappings,
    referralToPlan,
    sessionToOutcome,
    warnings: issues,
  };
}

function withBaseUrl(file: DataFile, baseUrls: CatalogFolders['baseUrls']): DataFile {
  const content = file.content as { readonly id?: string } | null;
  const baseUrl = baseUrls?.get(content?.id ?? '');
  return baseUrl === undefined ? file : { ...file, content: { ...content, baseUrl } };
}

function loadMeasures(folder: string): { readonly table: MeasureTable; readonly issues: readonly Issue[] } {
  const table = new Map<string, Measure>();
  const issues: Issue[] = [];
  for (const { file, content } of readDataFiles(join(folder, 'measures'))) {
    const found = checkMeasure(content);
    issues.push(...found.map((issue) => ({ ...issue, expression: `${file} ${issue.expression}` })));
    if (found.some(isFault)) continue;
    const measure = content as Measure;
    table.set(measure.id, measure);
  }
  return { table, issues };
}

/** What each file may not know of the others. */
function contradictions(partners: ReadonlyMap<string, Partner>, anchors: Anchors, definitions: Definitions): Issue[] {
  const issues: Issue[] = [];
  for (const partner of partners.values()) {
    const file = `mappings/partners/${partner.id}.json`;
    if (definitions.structure(partner.profile) === undefined) {
      issues.push(missing(`${file} .profile`, `names ${partner.profile}, which is not among the profiles.`));
    }
    if (!anchors.has(partner.anchor)) {
      issues.push(missing(`${file} .anchor`, `names "${partner.anchor}", which has no file in mappings/anchors.`));
    }
  }
  return issues;
}

/** A setting that no rule knows is misspelt: a rule would be milder than the partner wants. */
function unknownSettings(partners: ReadonlyMap<string, Partner>, rules: RuleSet | undefined): Issue[] {
  if (rules === undefined) return [];
  const known = settingNames(rules);
  return [...partners.values()].flatMap(({ id, screeningSettings = [] }) =>
    screeningSettings
      .filter((name) => !known.includes(name))
      .map((name) => {
        const told = `names "${name}", which no rule asks for; known are ${known.join(', ')}.`;
        return missing(`mappings/partners/${id}.json .screeningSettings`, told);
      }),
  );
}

function missing(expression: string, message: string): Issue {
  return { severity: 'error', code: 'catalog-contradiction', type: 'not-found', expression, message };
}
