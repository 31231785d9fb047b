import { join, resolve } from 'node:path';
import { type Issue, isFault } from '../../core/fhir/issue.ts';
import type { EngineMapping } from '../../core/mapping/engine.ts';
import { loadMappings } from '../../core/mapping/load.ts';
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
  readonly issues: readonly Issue[];
}

/** @param folder A folder like `mappings/`: maps, concept-maps/, measures/, cases/. */
export function loadTools(folder: string = mappingsFolder, definitions: Definitions = loadDefinitions()): MappingTools {
  const path = resolve(folder);
  const loaded = loadMappings(readMappingSources(path), definitions);
  return { folder: path, definitions, mappings: loaded.mappings, measures: readMeasures(path), issues: loaded.issues };
}

/** @throws Error with every fault of every measure file. */
export function readMeasures(folder: string): MeasureTable {
  const files = readDataFiles(join(folder, 'measures'));
  const faults = files.flatMap(({ file, content }) =>
    checkMeasure(content).map(({ message }) => `${file}: ${message}`),
  );
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return new Map(files.map(({ content }) => [(content as Measure).id, content as Measure]));
}

/** Issues of maps as compilers tell them, worst first; empty when there is none. */
export function tellIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ severity, code, expression, message }) => `${expression}: ${severity}: ${message} [${code}]\n`)
    .join('');
}

/** @throws Error that names the mappings there are. */
export function findMapping(tools: MappingTools, name: string): EngineMapping {
  const found = tools.mappings.get(name.replace(/^.*\//, '').replace(/\.map$/, ''));
  if (found !== undefined) return found;
  const faults = tools.issues.filter(isFault);
  const known = `There is no usable mapping "${name}"; there are ${[...tools.mappings.keys()].join(', ') || 'none'}.`;
  throw new Error(faults.length === 0 ? known : `${known}\n${tellIssues(faults)}`);
}
