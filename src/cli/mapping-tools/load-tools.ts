import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Issue, isFault } from '../../core/fhir/issue.ts';
import type { EngineMapping } from '../../core/mapping/engine.ts';
import { newLoader } from '../../core/mapping/load.ts';
import type { MappingSource } from '../../core/mapping/mapping.ts';
import { pictureOf, suggestion } from '../../core/mapping/problems.ts';
import { checkMeasure, type Measure, type MeasureTable } from '../../core/plan/measure.ts';
import type { Definitions } from '../../core/validate/validator.ts';
import { loadDefinitions } from '../../io/definitions/definitions.ts';
import { mappingsFolder, readMappingSources } from '../../io/mappings/read-mappings.ts';
import { readDataFiles } from '../../io/rules/read-rules.ts';

/** What the mapping commands work with. */
export interface MappingTools {
  readonly folder: string;
  readonly definitions: Definitions;
  readonly mappings: ReadonlyMap<string, EngineMapping>;
  readonly measures: MeasureTable;
  /** The files that the mappings were loaded from. */
  readonly sources: readonly MappingSource[];
  readonly issues: readonly Issue[];
}

/**
 * @param folder A folder like `mappings/`: maps, concept-maps/, measures/, cases/.
 * @throws Error when there is no such folder, or it has no map in it.
 */
export function loadTools(folder: string = mappingsFolder, definitions: Definitions = loadDefinitions()): MappingTools {
  return toolsLoader(folder, definitions)();
}

/** The same, to be asked again after each change: what did not change is kept. */
export function toolsLoader(
  folder: string = mappingsFolder,
  definitions: Definitions = loadDefinitions(),
): () => MappingTools {
  const path = resolve(folder);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw new Error(`${path} is no folder.`);
  const load = newLoader(definitions);
  return () => {
    const sources = readMappingSources(path);
    if (!sources.some(({ file }) => file.endsWith('.map'))) throw new Error(`There is no .map file in ${path}.`);
    const { mappings, issues } = load(sources);
    return { folder: path, definitions, mappings, measures: readMeasures(path), sources, issues };
  };
}

/** @throws Error with every fault of every measure file. */
export function readMeasures(folder: string): MeasureTable {
  const path = join(folder, 'measures');
  const files = existsSync(path) ? readDataFiles(path) : [];
  const faults = files.flatMap(({ file, content }) =>
    checkMeasure(content).map(({ message }) => `${file}: ${message}`),
  );
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return new Map(files.map(({ content }) => [(content as Measure).id, content as Measure]));
}

/**
 * Issues of maps as compilers tell them: each with its line and a caret under the place, and how many there are.
 * Empty when there is none.
 */
export function tellIssues(issues: readonly Issue[], sources: readonly MappingSource[] = []): string {
  if (issues.length === 0) return '';
  const faults = issues.filter(isFault).length;
  const counts = [many(faults, 'error'), many(issues.length - faults, 'warning')].filter((text) => text !== '');
  const pictures = [...issues].sort(byPlace).map((issue) => pictureOf(issue, sources));
  return `${[...pictures, counts.join(', ')].join('\n\n')}\n`;
}

/** What keeps a map out first, then as one reads: file by file, line by line. */
function byPlace(a: Issue, b: Issue): number {
  const fileOf = ({ expression }: Issue): string => expression.replace(/:\d+:\d+$/, '');
  return (
    Number(isFault(b)) - Number(isFault(a)) ||
    fileOf(a).localeCompare(fileOf(b)) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
}

function many(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** @throws Error that names the mappings there are. */
export function findMapping(tools: Pick<MappingTools, 'mappings' | 'issues' | 'sources'>, name: string): EngineMapping {
  const wanted = name.replace(/^.*\//, '').replace(/\.map$/, '');
  const found = tools.mappings.get(wanted);
  if (found !== undefined) return found;
  const faults = tools.issues.filter(isFault);
  const names = [...tools.mappings.keys()];
  const known = `There is no usable mapping "${name}"; there are ${names.join(', ') || 'none'}.${suggestion(wanted, names)}`;
  throw new Error(faults.length === 0 ? known : `${known}\n\n${tellIssues(faults, tools.sources).trimEnd()}`);
}
