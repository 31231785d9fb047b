/** Where two JSON values differ in meaning. */
export interface Difference {
  readonly path: string;
  /** Undefined: not there. */
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Compare by meaning: instants in different zones are equal when they are the same moment, and lists that are sets are
 * equal in any order. Numbers are equal by value (6 and 6.0), keys in any order.
 *
 * @returns Nothing when both mean the same; else every difference with its path, in the order of `expected`.
 */
export function differences(expected: unknown, actual: unknown, path = ''): Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(expected, actual, path);
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return keys.flatMap((key) => differences(expected[key], actual[key], path === '' ? key : `${path}.${key}`));
  }
  return same(expected, actual) ? [] : [{ path, expected, actual }];
}

/**
 * Whether two JSON values are written alike: every list in the same order, every text the same. What is alike means the
 * same; most golden cases are, and this is told ten times quicker.
 */
export function areAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, at) => areAlike(item, other[at]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => areAlike(one[key], other[key]));
}

/**
 * Lists whose order says nothing, by name of the element: codings, identifiers, categories, extensions and the entries
 * of a transaction (https://hl7.org/fhir/R4/http.html#trules). Elsewhere order is kept: given names, treatments.
 */
const sets: ReadonlySet<string> = new Set([
  'bodySite',
  'category',
  'coding',
  'codings',
  'complication',
  'component',
  'entry',
  'extension',
  'identifier',
  'identifiers',
  'kinds',
  'modifications',
  'profile',
  'qualifications',
  'reports',
  'requested',
  'technique',
]);

function compareLists(expected: readonly unknown[], actual: readonly unknown[], path: string): Difference[] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const [left, right] = sets.has(name) ? withoutPairs(expected, actual) : [indexed(expected), indexed(actual)];
  const found: Difference[] = [];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const index = left[at]?.index ?? right[at]?.index ?? at;
    found.push(...differences(left[at]?.item, right[at]?.item, `${path}[${index}]`));
  }
  return found;
}

interface Placed {
  readonly index: number;
  readonly item: unknown;
}

function indexed(items: readonly unknown[]): Placed[] {
  return items.map((item, index) => ({ index, item }));
}

/** What is left of two sets when equal members are taken out of both. */
function withoutPairs(expected: readonly unknown[], actual: readonly unknown[]): [Placed[], Placed[]] {
  const right = indexed(actual);
  const left = indexed(expected).filter(({ item }) => {
    const at = right.findIndex((candidate) => differences(item, candidate.item).length === 0);
    if (at >= 0) right.splice(at, 1);
    return at < 0;
  });
  return [left, right];
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function same(expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  if (typeof expected !== 'string' || typeof actual !== 'string') return false;
  return instant.test(expected) && instant.test(actual) && Date.parse(expected) === Date.parse(actual);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
