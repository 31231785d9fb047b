import type { MappingPlace, TraceEntry } from './mapping.ts';
import { isObject } from './values.ts';

/** What a traced run writes down. */
export interface TraceLog {
  readonly entries: TraceEntry[];
  /** Input paths that a rule read, each with all that is below it. */
  readonly read: Set<string>;
  /** How often each rule ran, and each concept map row was used. */
  readonly fired: number[];
  /** How often each rule was come to and did nothing, for want of a source or by its condition. */
  readonly skipped: number[];
  readonly rows: Map<string, number>;
  /** Where things that were made on their own were put: `#1` and the path. */
  readonly attached: [string, string][];
}

export function newTraceLog(): TraceLog {
  return { entries: [], read: new Set(), fired: [], skipped: [], rows: new Map(), attached: [] };
}

/** One entry for a value that was set, or, for an object, one for each leaf of it. */
export function logValue(
  log: TraceLog,
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
  log: TraceLog,
  target: string,
  sources: readonly string[],
  place: MappingPlace,
  transform: string,
  row?: string,
): void {
  if (row !== undefined) log.rows.set(row, (log.rows.get(row) ?? 0) + 1);
  log.entries.push({ target, sources, place, transform, ...(row === undefined ? {} : { conceptMapRow: row }) });
}

/** All leaves of a JSON value with their paths, such as `.coding[0].code`. */
export function* leavesOf(value: unknown, path: string): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield* leavesOf(value[i], `${path}[${i}]`);
  else if (isObject(value)) for (const key in value) yield* leavesOf(value[key], `${path}.${key}`);
  else if (value !== undefined && value !== null) yield [path, value];
}

/** Leaves of the inputs that no rule read. What a resource calls itself was read to know what it is. */
export function droppedOf(inputs: Readonly<Record<string, unknown>>, log: TraceLog): readonly string[] {
  const dropped: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (value === undefined || value === null || log.read.has(path)) return;
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) walk(value[i], `${path}[${i}]`);
    else if (isObject(value)) for (const key in value) walk(value[key], `${path}.${key}`);
    else if (!path.endsWith('.resourceType')) dropped.push(path);
  };
  for (const [name, value] of Object.entries(inputs)) walk(value, name);
  return dropped;
}

/** Marks what an expression can have read from a value: every place that one of its paths leads to. */
export function markPath(log: TraceLog, value: unknown, at: string, path: readonly string[], depth = 0): void {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) markPath(log, value[i], `${at}[${i}]`, path, depth);
    return;
  }
  const name = path[depth];
  if (name === undefined || name === '*') {
    log.read.add(at);
    return;
  }
  if (!isObject(value)) {
    if (value !== undefined && value !== null) log.read.add(at);
    return;
  }
  if (Object.hasOwn(value, name)) {
    markPath(log, value[name], `${at}.${name}`, path, depth + 1);
    return;
  }
  for (const key in value) {
    if (key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)))
      markPath(log, value[key], `${at}.${key}`, path, depth + 1);
  }
}

/** The trace with the final paths of things that were made first and put into their place later. */
export function finishedTrace(log: TraceLog): readonly TraceEntry[] {
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
