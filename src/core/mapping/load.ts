import type { Issue } from '../fhir/issue.ts';
import { worstFirst } from '../fhir/issue.ts';
import { parseJson } from '../fhir/json.ts';
import { type ConceptTable, linkTables, resourceTable } from './concept-table.ts';
import { deferredMapping } from './deferred.ts';
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
    const reached = new Set<string>();
    const isLibrary = new Map(maps.map((map) => [map, isImported(map, linked)] as const));
    for (const map of [...maps].sort((a, b) => Number(isLibrary.get(a)) - Number(isLibrary.get(b)))) {
      const version = versionOf([...linked.seenFrom(map).map(({ file }) => file), ...tableFiles], files);
      // Of a part all whose groups were planned for the maps that import it, all that is wrong is told already.
      const isTold = isLibrary.get(map) === true && groupsOf(map).every((group) => reached.has(group));
      const key = `${version} ${isLibrary.get(map)} ${isTold}`;
      const before = plans.get(map.file);
      const world: PlanWorld = { version, linked, library, models };
      const plan = before?.key === key ? before : { key, ...(isTold ? planLater(map, world) : planNow(map, world)) };
      planned.set(map.file, plan);
      for (const group of plan.groups) reached.add(group);
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

/** A map as it was planned, with what planning told of its own file and of others, and the groups that it came to. */
interface PlannedMap {
  readonly key: string;
  readonly mapping: EngineMapping | undefined;
  readonly issues: ReadonlyMap<string, readonly Issue[]>;
  readonly groups: readonly string[];
}

interface PlanWorld {
  readonly version: string;
  readonly linked: LinkedMaps;
  readonly library: TypeLibrary;
  readonly models: Models;
}

function planNow(map: MapSyntax, { version, linked, library, models }: PlanWorld): Omit<PlannedMap, 'key'> {
  const told = new Map<string, Problems>();
  const plan = planMap(map, { ...linked, problemsOf: problemsIn(told) }, library, models);
  const issues = new Map([...told].map(([file, problems]) => [file, problems.issues] as const));
  const groups = plan === undefined ? [] : [...new Set(plan.groups.map((group) => `${group.map} ${group.name}`))];
  return { mapping: plan && newMapping(map, plan, version), issues, groups };
}

/** Most parts of maps are never run by themselves: planning them all doubles the time of a start. */
function planLater(map: MapSyntax, world: PlanWorld): Omit<PlannedMap, 'key'> {
  const mapping = deferredMapping(map, world.version, () => {
    const { mapping: planned } = planNow(map, world);
    if (planned === undefined) throw new Error(`The map ${map.url} has no group.`);
    return planned;
  });
  return { mapping, issues: new Map(), groups: [] };
}

function groupsOf(map: MapSyntax): readonly string[] {
  // A map without a group is nobody's part; it is planned, so that this is told.
  return map.groups.length === 0 ? [''] : map.groups.map((group) => `${map.url} ${group.name}`);
}

function isJson({ text }: MappingSource): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

function readSource(source: MappingSource, problems: Problems): Pick<ReadFile, 'map' | 'table'> {
  if (!isJson(source)) return { map: parseMap(source, problems) };
  // Of two equal keys JSON.parse lets the last win: a row would lead elsewhere than where its author reads.
  const parsed = parseJson(source.text);
  if (!parsed.ok) {
    for (const { line = 1, column = 1, message } of parsed.issues) {
      problems.error('mapping-syntax', { ...start, line, column }, `The file is no sound JSON. ${message}`);
    }
    return {};
  }
  const resource = parsed.value as { readonly resourceType?: unknown };
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
