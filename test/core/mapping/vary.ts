/** Seeded numbers from 0 to 1; the same seed gives the same series (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const strange: readonly unknown[] = [
  null,
  '',
  'x',
  0,
  -1,
  1.5,
  1e21,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  ['a', 'b'],
  { a: 1 },
  'é😀\u2028"\\',
  '2026-02-30',
  '{score}',
  '__proto__',
];

/**
 * A JSON value with some places changed: removed, doubled, wrapped into a list, taken out of one, replaced by a value
 * of another kind or from elsewhere in the same data, or with an element added that belongs nowhere.
 */
export function vary(value: unknown, random: () => number, changes: number): unknown {
  const copy: unknown = structuredClone(value);
  for (let i = 0; i < changes; i++) {
    const places = placesOf(copy);
    const [owner, key] = places[Math.floor(random() * places.length)] ?? [];
    if (owner !== undefined && key !== undefined) change(owner, key, random, places);
  }
  return copy;
}

type Owner = Record<string, unknown>;
type Place = readonly [owner: Owner, key: string];

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Owner;
  return Object.keys(owner).flatMap((key) => [[owner, key] as const, ...placesOf(owner[key])]);
}

function change(owner: Owner, key: string, random: () => number, places: readonly Place[]): void {
  const current = owner[key];
  const [other, otherKey] = places[Math.floor(random() * places.length)] ?? [owner, key];
  switch (Math.floor(random() * 8)) {
    case 0:
      if (Array.isArray(owner)) owner.splice(Number(key), 1);
      else delete owner[key];
      return;
    case 1:
      if (Array.isArray(current)) current.push(...structuredClone(current));
      else owner[key] = [current, structuredClone(current)];
      return;
    case 2:
      owner[key] = [current];
      return;
    case 3:
      if (Array.isArray(current)) owner[key] = current[0];
      return;
    case 4:
      owner[key] = structuredClone(strange[Math.floor(random() * strange.length)]);
      return;
    case 5:
      owner[key] = structuredClone(other[otherKey]);
      return;
    case 6:
      if (!Array.isArray(owner))
        owner[['toString', 'extension', 'valueString', 'id', '_status', 'text'][Math.floor(random() * 6)] ?? 'id'] =
          structuredClone(current);
      return;
    default:
      Object.defineProperty(owner, '__proto__', {
        value: { polluted: true },
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
}
