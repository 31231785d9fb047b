import type { TracedResult, TraceEntry } from '../../core/mapping/mapping.ts';
import { asObject, isJsonArray } from '../../core/plan/json-value.ts';

/**
 * A trace as two columns: each value of the output, and what it came from; then what was not used.
 *
 * @param inputs What the map was given: paths into the prepared context are told as paths into the order.
 */
export function tracePicture(result: TracedResult, inputs: Readonly<Record<string, unknown>>): string {
  const outputs = result.ok ? result.outputs : {};
  const rows = result.trace.flatMap((entry) => {
    const value = valueAt(outputs, entry.target);
    // Objects are told by their leaves; what was made on the way only (`#1`) by what was made of it.
    if (value === undefined || typeof value === 'object') return [];
    const paths = sourcesOf(entry, result.trace).map((path) => originalPath(path, inputs));
    const from = paths.length > 0 ? paths.join(' + ') : 'constant';
    const { map, group, line } = entry.place;
    const rule = `${group}.${entry.place.rule}, ${map.slice(map.lastIndexOf('/') + 1)}:${line}`;
    return [[`${entry.target} = ${JSON.stringify(value)}`, `${from}${rowOf(entry)}`, rule] as const];
  });
  const widths = [0, 1].map((column) => Math.min(60, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))));
  const lines = rows.map(
    ([left, right, rule]) => `${left.padEnd(widths[0] ?? 0)}  <- ${right.padEnd(widths[1] ?? 0)}  (${rule})`,
  );
  const dropped = result.dropped
    .filter((path) => !prepared.test(path))
    .map((path) => `  ${originalPath(path, inputs)}`);
  return [...lines, '', dropped.length === 0 ? 'Everything was read.' : 'Not used:', ...dropped, ''].join('\n');
}

/** What core/plan/referral-context.ts put around what was sent. */
const prepared = /^context\.(resourceType|type|entry\[\d+\]\.(id|fullUrl))$/;

/** A value made of something that was itself made on the way came from what that was made of. */
function sourcesOf(entry: TraceEntry, trace: readonly TraceEntry[], depth = 0): readonly string[] {
  const found = entry.sources.flatMap((source) => {
    if (!source.startsWith('#') || depth > 5) return [source];
    const parts = trace.filter(({ target }) => target === source || target.startsWith(`${source}.`));
    return parts.flatMap((part) => sourcesOf(part, trace, depth + 1));
  });
  return [...new Set(found)];
}

/** `map url#system|code -> system|code`, without what the reader knows. */
function rowOf({ conceptMapRow }: TraceEntry): string {
  if (conceptMapRow === undefined) return '';
  const found = /([^/#]+)#.*\|([^|]*) -> .*\|([^|]*)$/.exec(conceptMapRow);
  return found === null ? ` by ${conceptMapRow}` : ` by ${found[1]}: ${found[2]} -> ${found[3]}`;
}

/** `context.entry[0].resource.name` is what stood at `entry.id`: see core/plan/referral-context.ts. */
export function originalPath(path: string, inputs: Readonly<Record<string, unknown>>): string {
  const found = /^context\.entry\[(\d+)\]\.resource(.*)$/.exec(path);
  const entries = asObject(inputs.context)?.entry;
  if (found === null || !isJsonArray(entries)) return path;
  const id = asObject(entries[Number(found[1])])?.id;
  return typeof id === 'string' ? `${id}${found[2] ?? ''}` : path;
}

/** The value at a path such as `plan.dosage.sessions` or `bundle.entry[0].fullUrl`; undefined when there is none. */
function valueAt(outputs: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = outputs;
  for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    value = isJsonArray(value) ? value[Number(step)] : asObject(value)?.[step];
  }
  return value;
}
