import type { Random } from './random.ts';

type Container = Record<string, unknown> | unknown[];

const hostile: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  ' ',
  'x',
  {},
  [],
  [[]],
  [null],
  { extension: [] },
  { url: 'x' },
  'http://',
  '#',
  '#x',
  'Patient/1',
  '__proto__',
  'constructor',
  { constructor: 1 },
  { resourceType: 'Patient' },
  { resourceType: 'toString' },
  '2026-02-30',
  '2026-11-26T24:00:00Z',
  '\u0000',
  '\ud800',
  'a'.repeat(5000),
  'AAAA  '.repeat(60).concat('!'),
  '<div xmlns="http://www.w3.org/1999/xhtml">'.repeat(50),
  '&'.repeat(500),
  `urn:oid:${'1.'.repeat(300)}`,
  `urn:uuid:${'0'.repeat(64)}`,
  '|'.repeat(200),
  'http://a|b|c',
];
const keys: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'extension',
  'modifierExtension',
  'contained',
  'id',
  '_id',
  '_status',
  'resourceType',
  'meta',
  'text',
  'valueString',
  'valueQuantity',
  'reference',
  'coding',
  'url',
  'hasOwnProperty',
];

/** A resource with one to five mutations at random places, sometimes a deep or a wide one. */
export function mutate(resource: unknown, random: Random): unknown {
  let mutated = resource;
  for (let times = 1 + random.below(5); times > 0; times -= 1) {
    const place = pickPlace(mutated, random);
    if (place !== undefined) change(place, random);
  }
  if (random.next() < 0.02) mutated = deep(mutated, random);
  if (random.next() < 0.01)
    mutated = {
      resourceType: 'Bundle',
      type: random.pick(['document', 'searchset', 'transaction', 'collection']),
      entry: [{ fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', resource: mutated }, { resource: mutated }],
    };
  return mutated;
}

/** A container somewhere inside, each level as likely as the next. */
function pickPlace(value: unknown, random: Random): Container | undefined {
  let found: Container | undefined;
  let next = value;
  while (typeof next === 'object' && next !== null) {
    found = next as Container;
    const inner = Object.values(found).filter((one) => typeof one === 'object' && one !== null);
    if (inner.length === 0 || random.next() < 0.25) break;
    next = random.pick(inner);
  }
  return found;
}

function change(place: Container, random: Random): void {
  const names = Object.keys(place);
  const name = names.length === 0 ? undefined : random.pick(names);
  const kind = random.below(7);
  if (Array.isArray(place)) {
    if (kind === 0) place.length = 0;
    else if (kind === 1) place.push(structuredClone(random.pick(hostile)));
    else if (kind === 2 && isSmall(place)) place.push(...structuredClone(place));
    else if (kind === 3 && isSmall(place))
      place.push(...Array.from({ length: random.below(200) }, () => structuredClone(place[0] ?? 'x')));
    else if (name !== undefined) place[Number(name)] = structuredClone(random.pick(hostile));
    return;
  }
  if (kind === 0 && name !== undefined) delete place[name];
  else if (kind === 1) define(place, random.pick(keys), structuredClone(random.pick(hostile)));
  else if (kind === 2 && name !== undefined) define(place, `_${name}`, structuredClone(random.pick(hostile)));
  else if (kind === 3 && name !== undefined) place[name] = [place[name]];
  else if (kind === 4 && name !== undefined && typeof place[name] === 'string')
    place[name] = scramble(String(place[name]), random);
  else if (name !== undefined) define(place, name, structuredClone(random.pick(hostile)));
}

/** What is repeated stays below the size that a body may have. */
function isSmall(place: unknown[]): boolean {
  return place.length < 100 && JSON.stringify(place).length < 2000;
}

/** As JSON.parse does it: `__proto__` becomes a property like any other. */
function define(place: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, writable: true, enumerable: true, configurable: true });
}

function scramble(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  return random.next() < 0.5
    ? text.slice(0, at) + random.pick(['\t', 'é', '<', '|', '/', '0', '', ' ']) + text.slice(at + 1)
    : text.repeat(1 + random.below(20));
}

function deep(resource: unknown, random: Random): unknown {
  let extension: unknown = { url: 'https://example.com/x', valueString: 'x' };
  for (let depth = random.below(120); depth > 0; depth -= 1)
    extension = { url: 'https://example.com/x', extension: [extension] };
  return { ...(resource as object), extension: [extension] };
}
