import type { Issue } from '../fhir/issue.ts';
import { worstFirst } from '../fhir/issue.ts';
import { type ConceptTable, linkTables, resourceTable } from './concept-table.ts';
import { sha256 } from './digest.ts';
import { type EngineMapping, newMapping } from './engine.ts';
import { checkUnique, isImported, type LinkedMaps, linkMaps } from './link.ts';
import type { LoadedMappings, MappingSource } from './mapping.ts';
import { type Models, type TypeLibrary, typeLibrary } from './models.ts';
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
  return newLoader(models)(sources);
}

/**
 * A way to load the same mappings again and again, for those who change them: each load gives what `loadMappings`
 * would, but files that are as they were are not read again, and a map of which neither its text, its imports nor the
 * concept maps changed is the same object as before, with its compiled code.
 */
export function newLoader(models: Models): (sources: readonly MappingSource[]) => EngineMappings {
  let files: ReadonlyMap<string, ReadFile> = new Map();
  let plans: ReadonlyMap<string, PlannedMap> = new Map();
  return (sources) => {
    files = readFiles(sources, files);
    const collected = new Map<string, Problems>();
    const problemsOf = problemsIn(collected);
    for (const [file, { issues }] of files) for (const issue of issues) problemsOf(file).add(issue);
    const read = [...files.values()];
    const maps = read.flatMap(({ map }) => map ?? []);
    const tables = read.flatMap(({ table }) => table ?? []);
    linkTables(tables, problemsOf, start);
    checkUnique(maps, problemsOf);
    const linked = linkMaps(maps, tables, problemsOf);
    const library = typeLibrary(models);
    const tableFiles = tables.map(({ file }) => file);
    const planned = new Map<string, PlannedMap>();
    for (const map of maps) {
      const version = versionOf([...linked.seenFrom(map).map(({ file }) => file), ...tableFiles], files);
      const key = `${version} ${isImported(map, linked)}`;
      const before = plans.get(map.file);
      const plan = before?.key === key ? before : planOne(map, { key, version }, linked, library, models);
      planned.set(map.file, plan);
      for (const [file, issues] of plan.issues) for (const issue of issues) problemsOf(file).add(issue);
    }
    plans = planned;
    const mappings = new Map<string, EngineMapping>();
    for (const map of maps) {
      const mapping = planned.get(map.file)?.mapping;
      if (mapping === undefined || linked.seenFrom(map).some((seen) => problemsOf(seen.file).hasErrors())) continue;
      mappings.set(map.name, mapping);
    }
    const issues: Issue[] = [...collected.values()].flatMap((found) => found.issues);
    return { mappings, issues: worstFirst(issues) };
  };
}

/** What is told of each file, in the order in which files are first asked for. */
function problemsIn(collected: Map<string, Problems>): (file: string) => Problems {
  return (file) => {
    const found = collected.get(file) ?? newProblems(file);
    collected.set(file, found);
    return found;
  };
}

/** One file as it was read. */
interface ReadFile {
  readonly text: string;
  readonly digest: string;
  readonly issues: readonly Issue[];
  readonly map?: MapSyntax;
  readonly table?: ConceptTable;
}

/** Reads what is new. Concept maps know each other once they are linked: one that changed has all of them read again. */
function readFiles(
  sources: readonly MappingSource[],
  before: ReadonlyMap<string, ReadFile>,
): ReadonlyMap<string, ReadFile> {
  const names = new Set(sources.map(({ file }) => file));
  const isAsBefore = ({ file, text }: MappingSource): boolean => before.get(file)?.text === text;
  const areTablesAsBefore =
    sources.every((source) => isAsBefore(source) || !isJson(source)) &&
    [...before].every(([file, { table }]) => table === undefined || names.has(file));
  const found = new Map<string, ReadFile>();
  for (const source of sources) {
    const known = before.get(source.file);
    const isKept = known !== undefined && isAsBefore(source) && (known.table === undefined || areTablesAsBefore);
    found.set(source.file, isKept ? known : readFile(source, known?.text === source.text ? known.digest : undefined));
  }
  return found;
}

function readFile(source: MappingSource, digest: string | undefined): ReadFile {
  const problems = newProblems(source.file);
  const found = readSource(source, problems);
  return { text: source.text, digest: digest ?? sha256(source.text), issues: problems.issues, ...found };
}

/** A map as it was planned, with what planning told of its own file and of others. */
interface PlannedMap {
  readonly key: string;
  readonly mapping: EngineMapping | undefined;
  readonly issues: ReadonlyMap<string, readonly Issue[]>;
}

function planOne(
  map: MapSyntax,
  { key, version }: { readonly key: string; readonly version: string },
  linked: LinkedMaps,
  library: TypeLibrary,
  models: Models,
): PlannedMap {
  const told = new Map<string, Problems>();
  const plan = planMap(map, { ...linked, problemsOf: problemsIn(told) }, library, models);
  const issues = new Map([...told].map(([file, problems]) => [file, problems.issues] as const));
  return { key, mapping: plan && newMapping(map, plan, version), issues };
}

function isJson({ text }: MappingSource): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

function readSource(source: MappingSource, problems: Problems): Pick<ReadFile, 'map' | 'table'> {
  if (!isJson(source)) return { map: parseMap(source, problems) };
  let resource: { readonly resourceType?: unknown };
  try {
    resource = JSON.parse(source.text.replace(/^\uFEFF/, ''));
  } catch {
    problems.error('mapping-syntax', start, 'The file is no JSON, though it begins like it.');
    return {};
  }
  if (resource.resourceType === 'StructureMap')
    return { map: readStructureMap(resource, source.file, source.text, problems) };
  if (resource.resourceType === 'ConceptMap') {
    const table = resourceTable(resource, source.file, problems, start);
    return table === undefined ? {} : { table };
  }
  problems.error(
    'mapping-syntax',
    start,
    `The file holds ${String(resource.resourceType ?? 'no resource')}, but only StructureMap and ConceptMap are mappings.`,
  );
  return {};
}

/** What a plan records as its mapping version: the text of the map, of its imports and of all concept maps. */
function versionOf(names: readonly string[], files: ReadonlyMap<string, ReadFile>): string {
  const lines = [...new Set(names)].sort().map((name) => `${name} ${files.get(name)?.digest}`);
  return sha256(lines.join('\n')).slice(0, 16);
}
