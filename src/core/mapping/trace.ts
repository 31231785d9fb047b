import { choiceType } from '../fhirpath/model.ts';
import type { MappingPlace, TraceEntry } from './mapping.ts';
import type { ReadStep } from './plan.ts';
import { isObject } from './values.ts';

/** What a traced run writes down. */
export interface TraceLog {
  readonly entries: TraceEntry[];
  /** What a rule read, each with all that is below it: by the object or list that it stands in, its keys or indexes. */
  readonly read: Map<object, Set<string | number>>;
  /** How often each rule ran, and each concept map row was used. */
  readonly fired: number[];
  /** How often each rule was come to and did nothing, for want of a source or by its condition. */
  readonly skipped: number[];
  readonly rows: Map<string, number>;
  /** Where things that were made on their own were put: `#1` and the path. */
  readonly attached: [string, string][];
}

/** What is needed to write entries down, and to finish them. */
export type EntryLog = Pick<TraceLog, 'entries' | 'attached'> & Partial<Pick<TraceLog, 'rows'>>;

export function newTraceLog(): TraceLog {
  return { entries: [], read: new Map(), fired: [], skipped: [], rows: new Map(), attached: [] };
}

/** One entry for a value that was set, or, for an object, one for each leaf of it. */
export function logValue(
  log: EntryLog,
  target: string,
  value: unknown,
  sources: readonly string[],
  place: MappingPlace,
  transform: string,
  row?: string,
): void {
  if (typeof value === 'object' && value !== null) {
    // A copied object came from the object at the same place in the source.
    const [from] = sources;
    const single = transform === 'copy' && sources.length === 1 && from !== undefined;
    for (const [path, leaf] of leavesOf(value, '')) {
      void leaf;
      logLeaf(log, target + path, single ? [from + path] : sources, place, transform, row);
    }
    return;
  }
  logLeaf(log, target, sources, place, transform, row);
}

function logLeaf(
  log: EntryLog,
  target: string,
  sources: readonly string[],
  place: MappingPlace,
  transform: string,
  row?: string,
): void {
  if (row !== undefined) log.rows?.set(row, (log.rows.get(row) ?? 0) + 1);
  log.entries.push({ target, sources, place, transform, ...(row === undefined ? {} : { conceptMapRow: row }) });
}

/** All leaves of a JSON value with their paths, such as `.coding[0].code`. */
export function* leavesOf(value: unknown, path: string): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield* leavesOf(value[i], `${path}[${i}]`);
  else if (isObject(value)) for (const key in value) yield* leavesOf(value[key], `${path}.${key}`);
  else if (value !== undefined && value !== null) yield [path, value];
}

/** Writes down that something was read, with all that is below it. */
export function mark(log: TraceLog, owner: object, key: string | number): void {
  const known = log.read.get(owner);
  if (known === undefined) log.read.set(owner, new Set([key]));
  else known.add(key);
}

/** Which places of the inputs some rule read, and the leaves that none did. */
export interface ReadPlaces {
  readonly read: readonly string[];
  /** What a resource calls itself was read to know what it is. */
  readonly dropped: readonly string[];
}

export function readPlaces(inputs: Readonly<Record<string, unknown>>, log: TraceLog): ReadPlaces {
  const read: string[] = [];
  const dropped: string[] = [];
  const walk = (owner: object, key: string | number, value: unknown, path: string): void => {
    if (value === undefined || value === null) return;
    if (log.read.get(owner)?.has(key)) read.push(path);
    else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) walk(value, i, value[i], `${path}[${i}]`);
    else if (isObject(value)) for (const name in value) walk(value, name, value[name], `${path}.${name}`);
    else if (key !== 'resourceType') dropped.push(path);
  };
  for (const name of Object.keys(inputs)) walk(inputs, name, inputs[name], name);
  return { read, dropped };
}

/** Marks what an expression can have read from a value: every place that one of its paths leads to. */
export function markPath(
  log: TraceLog,
  owner: object,
  key: string | number,
  value: unknown,
  path: readonly ReadStep[],
  depth = 0,
): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) markPath(log, value, i, value[i], path, depth);
    return;
  }
  const step = path[depth];
  if (step === undefined || step.name === '*' || !isObject(value)) {
    mark(log, owner, key);
    return;
  }
  const { name } = step;
  if (Object.hasOwn(value, name)) markPath(log, value, name, value[name], path, depth + 1);
  else if (step.isChoice) {
    for (const other in value)
      if (choiceType(other, name) !== undefined) markPath(log, value, other, value[other], path, depth + 1);
  }
}

/** The trace with the final paths of things that were made first and put into their place later. */
export function finishedTrace(log: EntryLog): readonly TraceEntry[] {
  if (log.attached.length === 0) return log.entries;
  const places = new Map(log.attached);
  const resolve = (path: string): string => {
    const found = /^#\d+/.exec(path)?.[0];
    const place = found === undefined ? undefined : places.get(found);
    return place === undefined || found === undefined ? path : resolve(place + path.slice(found.length));
  };
  return log.entries.map((entry) =>
    entry.target.startsWith('#') ? { ...entry, target: resolve(entry.target) } : entry,
  );
}

/** A path without its indexes: the element, not the item. */
export function elementPath(path: string): string {
  return path.replace(/\[\d+\]/g, '');
}
