import type { Issue } from '../fhir/issue.ts';
import { worstFirst } from '../fhir/issue.ts';
import { type ConceptTable, linkTables, resourceTable } from './concept-table.ts';
import { sha256 } from './digest.ts';
import { type EngineMapping, newMapping } from './engine.ts';
import { checkUnique, type LinkedMaps, linkMaps } from './link.ts';
import type { LoadedMappings, MappingSource } from './mapping.ts';
import { type Models, typeLibrary } from './models.ts';
import { parseMap } from './parse.ts';
import { newProblems, type Problems } from './problems.ts';
import { planMap } from './resolve.ts';
import { readStructureMap } from './structure-map.ts';
import type { MapSyntax, Span } from './syntax.ts';

/** Loaded mappings with what the tools of this project ask of them beyond the contract. */
export interface EngineMappings extends LoadedMappings {
  /** By name. A map with an error is not among them. */
  readonly mappings: ReadonlyMap<string, EngineMapping>;
}

const start: Span = { offset: 0, length: 1, line: 1, column: 1 };

/**
 * Load mappings: mapping-language text, StructureMap and ConceptMap resources, all that belongs together at once.
 *
 * @returns Every map without an error, by name, and all issues of all files: errors keep their map (and those that
 *   import it) out, warnings do not.
 */
export function loadMappings(sources: readonly MappingSource[], models: Models): EngineMappings {
  const problems = new Map<string, Problems>(sources.map((source) => [source.file, newProblems(source.file)]));
  const problemsOf = (file: string): Problems => {
    const found = problems.get(file) ?? newProblems(file);
    problems.set(file, found);
    return found;
  };
  const maps: MapSyntax[] = [];
  const tables: ConceptTable[] = [];
  for (const source of sources) readSource(source, problemsOf(source.file), maps, tables);
  linkTables(tables, problemsOf, start);
  checkUnique(maps, problemsOf);
  const linked = linkMaps(maps, tables, problemsOf);
  const library = typeLibrary(models);
  const digests = new Map<string, string>();
  const digestOf = (file: string): string => {
    const found = digests.get(file) ?? sha256(sources.find((source) => source.file === file)?.text ?? '');
    digests.set(file, found);
    return found;
  };
  const planned = maps.map((map) => ({ map, plan: planMap(map, linked, library, models) }));
  const mappings = new Map<string, EngineMapping>();
  for (const { map, plan } of planned) {
    if (plan === undefined || linked.seenFrom(map).some((seen) => problemsOf(seen.file).hasErrors())) continue;
    mappings.set(map.name, newMapping(map, plan, versionOf(map, linked, tables, digestOf)));
  }
  const issues: Issue[] = [...problems.values()].flatMap((found) => found.issues);
  return { mappings, issues: worstFirst(issues) };
}

function readSource(source: MappingSource, problems: Problems, maps: MapSyntax[], tables: ConceptTable[]): void {
  if (!/^\uFEFF?\s*\{/.test(source.text)) {
    maps.push(parseMap(source, problems));
    return;
  }
  let resource: { readonly resourceType?: unknown };
  try {
    resource = JSON.parse(source.text.replace(/^\uFEFF/, ''));
  } catch {
    problems.error('mapping-syntax', start, 'The file is no JSON, though it begins like it.');
    return;
  }
  if (resource.resourceType === 'StructureMap')
    maps.push(readStructureMap(resource, source.file, source.text, problems));
  else if (resource.resourceType === 'ConceptMap') {
    const table = resourceTable(resource, source.file, problems, start);
    if (table !== undefined) tables.push(table);
  } else
    problems.error(
      'mapping-syntax',
      start,
      `The file holds ${String(resource.resourceType ?? 'no resource')}, but only StructureMap and ConceptMap are mappings.`,
    );
}

/** What a plan records as its mapping version: the text of the map, of its imports and of all concept maps. */
function versionOf(
  map: MapSyntax,
  linked: LinkedMaps,
  tables: readonly ConceptTable[],
  digests: (file: string) => string,
): string {
  const files = [...linked.seenFrom(map).map((seen) => seen.file), ...tables.map((table) => table.file)];
  return sha256(
    [...new Set(files)]
      .sort()
      .map((file) => `${file} ${digests(file)}`)
      .join('\n'),
  ).slice(0, 16);
}
