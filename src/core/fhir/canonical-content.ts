/** More differing paths than this help nobody. */
export const differingPathsLimit = 50;

/**
 * What a server sets on a resource, not its author: so a sender's copy of our answer, or a second export of the same
 * order, is the same content. https://hl7.org/fhir/R4/resource.html#Meta
 */
const serverSet: ReadonlySet<string> = new Set(['versionId', 'lastUpdated', 'source']);

/**
 * The meaning of a resource as text: keys sorted, without `id` and what a server sets in `meta`. Equal text means "the
 * same again". Lists keep their order and strings their bytes; 1.0 and 1 are equal.
 */
export function canonicalContent(resource: Readonly<Record<string, unknown>>): string {
  return write(contentOf(resource));
}

/**
 * Where two resources differ, as FHIRPaths in the order of their names, at most 50. An element that only one of them
 * has is named itself, not its children.
 */
export function differingPaths(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const paths: string[] = [];
  compare(contentOf(before), contentOf(after), String(after.resourceType ?? before.resourceType ?? ''), paths);
  return paths;
}

function contentOf(resource: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { id: _, meta, ...content } = resource;
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) return meta === undefined ? content : resource;
  const kept = Object.fromEntries(Object.entries(meta).filter(([key]) => !serverSet.has(key)));
  return Object.keys(kept).length === 0 ? content : { ...content, meta: kept };
}

function write(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join()}}`;
}

function compare(before: unknown, after: unknown, path: string, paths: string[]): void {
  if (paths.length >= differingPathsLimit || before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let at = 0; at < Math.max(before.length, after.length); at++) {
      compare(before[at], after[at], `${path}[${at}]`, paths);
    }
  } else if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      compare(before[key], after[key], `${path}.${key}`, paths);
    }
  } else {
    paths.push(path);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
