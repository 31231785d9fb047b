import type { ConceptTable } from './concept-table.ts';
import { embeddedTable } from './concept-table.ts';
import { type Problems, suggestion } from './problems.ts';
import type { GroupSyntax, MapSyntax, Span } from './syntax.ts';

/** A group and the map that it stands in: its aliases, constants and imports are those that its rules see. */
export interface FoundGroup {
  readonly map: MapSyntax;
  readonly group: GroupSyntax;
}

/** All loaded maps, and what each sees of the others. */
export interface LinkedMaps {
  readonly maps: readonly MapSyntax[];
  problemsOf(file: string): Problems;
  /** The map itself, then its imports and theirs, each once. */
  seenFrom(map: MapSyntax): readonly MapSyntax[];
  group(map: MapSyntax, name: string): FoundGroup | undefined;
  groupNames(map: MapSyntax): readonly string[];
  table(map: MapSyntax, url: string): ConceptTable | undefined;
  tableUrls(map: MapSyntax): readonly string[];
}

/**
 * Connect maps by their imports. `*` in an import stands for any characters; imports of imports count too
 * (http://hl7.org/fhir/R5/mapping-language.html#imports). An import that finds nothing is reported.
 */
export function linkMaps(
  maps: readonly MapSyntax[],
  tables: readonly ConceptTable[],
  problemsOf: (file: string) => Problems,
): LinkedMaps {
  const seen = new Map<MapSyntax, readonly MapSyntax[]>();
  const embedded = new Map(
    maps.map((map) => [map, map.conceptMaps.map((entry) => embeddedTable(entry, map.file))] as const),
  );
  for (const map of maps) checkImports(map, maps, problemsOf(map.file));
  const seenFrom = (map: MapSyntax): readonly MapSyntax[] => {
    const found = seen.get(map) ?? reach(map, maps);
    seen.set(map, found);
    return found;
  };
  const tablesSeen = (map: MapSyntax): readonly ConceptTable[] => [
    ...seenFrom(map).flatMap((other) => embedded.get(other) ?? []),
    ...tables,
  ];
  return {
    maps,
    problemsOf,
    seenFrom,
    group(map, name) {
      for (const other of seenFrom(map)) {
        const group = other.groups.find((candidate) => candidate.name === name);
        if (group !== undefined) return { map: other, group };
      }
      return undefined;
    },
    groupNames: (map) => seenFrom(map).flatMap((other) => other.groups.map((group) => group.name)),
    table: (map, url) => tableNamed(tablesSeen(map), url),
    tableUrls: (map) => tablesSeen(map).map((table) => table.url),
  };
}

/** Whether another map imports this one: then it is a library, and its first group no entry. */
export function isImported(map: MapSyntax, linked: LinkedMaps): boolean {
  return linked.maps.some((other) => other !== map && linked.seenFrom(other).includes(map));
}

/** A table by its URL, by `#id`, or by `url-of-a-map#id`, as R3 to R4 maps write it. */
function tableNamed(tables: readonly ConceptTable[], url: string): ConceptTable | undefined {
  const bare = url.replace(/\|.*$/, '');
  const hash = bare.indexOf('#');
  return (
    tables.find((table) => table.url === bare) ??
    (hash < 0 ? undefined : tables.find((table) => table.url === bare.slice(hash)))
  );
}

function matches(pattern: string, url: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(url);
}

function checkImports(map: MapSyntax, maps: readonly MapSyntax[], problems: Problems): void {
  for (const { name, span } of map.imports) {
    if (maps.some((other) => other !== map && matches(name, other.url))) continue;
    const near = suggestion(
      name,
      maps.map((other) => other.url),
    );
    problems.warning('mapping-unknown-import', span, `No loaded map has the url "${name}".${near}`, 'not-found');
  }
}

function reach(start: MapSyntax, maps: readonly MapSyntax[]): readonly MapSyntax[] {
  const found = [start];
  for (const map of found) {
    for (const { name } of map.imports) {
      for (const other of maps) if (!found.includes(other) && matches(name, other.url)) found.push(other);
    }
  }
  return found;
}

/** Reports names that two maps, or two groups of one map, share. */
export function checkUnique(maps: readonly MapSyntax[], problemsOf: (file: string) => Problems): void {
  const twice = <T extends { readonly span: Span }>(
    items: readonly T[],
    key: (item: T) => string,
    report: (item: T, first: T) => void,
  ): void => {
    const first = new Map<string, T>();
    for (const item of items) {
      const earlier = first.get(key(item));
      if (earlier !== undefined && key(item) !== '') report(item, earlier);
      else first.set(key(item), item);
    }
  };
  for (const what of ['url', 'name'] as const)
    twice(
      maps,
      (map) => map[what],
      (map, first) =>
        problemsOf(map.file).error(
          'mapping-duplicate',
          map.span,
          `The ${what} "${map[what]}" is taken by ${first.file} already: give each map its own.`,
          'duplicate',
        ),
    );
  for (const map of maps) {
    const problems = problemsOf(map.file);
    twice(
      map.groups,
      (group) => group.name,
      (group, first) =>
        problems.error(
          'mapping-duplicate',
          group.span,
          `The group "${group.name}" stands in line ${first.span.line} already: rename one.`,
          'duplicate',
        ),
    );
    twice(
      map.constants,
      (constant) => constant.name,
      (constant, first) =>
        problems.error(
          'mapping-duplicate',
          constant.span,
          `The constant "${constant.name}" stands in line ${first.span.line} already.`,
          'duplicate',
        ),
    );
  }
}
