import { type Static, Type } from '@sinclair/typebox';
import { closed, type Laterality } from '../fhir-parts.ts';

/** The table of body regions: mappings/rules/tables/regions.json. */
export const RegionTableSchema = Type.Object(
  {
    id: Type.Literal('regions'),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$', description: 'a version such as 1.0.0' }),
    source: Type.String({ minLength: 3 }),
    regions: Type.Record(
      Type.String({ pattern: '^[a-z]+(-[a-z]+)*$' }),
      Type.Object(
        {
          snomed: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{6,18}$', description: 'a SNOMED CT code' }))),
          /** Larger regions that contain it. */
          within: Type.Array(Type.String()),
          /** Neighbours that share tissue with it: a joint and what it joins. */
          touches: Type.Optional(Type.Array(Type.String())),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type RegionTable = Static<typeof RegionTableSchema>;

/** A region and its side. */
export interface Place {
  readonly region: string;
  readonly laterality: Laterality;
}

/** A compiled table. */
export interface Regions {
  has(region: string): boolean;
  /** The region of a SNOMED CT code; undefined when the table does not know it. */
  ofSnomed(code: string): string | undefined;
  /**
   * Whether two lists of places share tissue. An empty list means that nobody knows where, and a region that is not in
   * the table may be anywhere: both meet everything. Left and right of the same region do not meet.
   */
  meet(some: readonly Place[], others: readonly Place[]): boolean;
}

export function compileRegions(table: RegionTable): Regions {
  const bySnomed = new Map<string, string>();
  const meeting = new Map<string, Set<string>>();
  const ids = Object.keys(table.regions);
  for (const id of ids) {
    for (const code of table.regions[id]?.snomed ?? []) bySnomed.set(code, id);
    meeting.set(id, new Set());
  }
  for (const id of ids) {
    for (const larger of withAllAround(table, id)) join(meeting, id, larger);
    for (const neighbour of table.regions[id]?.touches ?? []) join(meeting, id, neighbour);
  }
  const regionsMeet = (a: Place, b: Place): boolean => {
    if (opposite(a.laterality, b.laterality)) return false;
    const around = meeting.get(a.region);
    return around === undefined || !meeting.has(b.region) || around.has(b.region);
  };
  return {
    has: (region) => meeting.has(region),
    ofSnomed: (code) => bySnomed.get(code),
    meet: (some, others) =>
      some.length === 0 || others.length === 0 || some.some((a) => others.some((b) => regionsMeet(a, b))),
  };
}

/** Names in the table that the table does not define, for the loader's issues. */
export function unknownRegions(table: RegionTable): string[] {
  return Object.values(table.regions)
    .flatMap(({ within, touches }) => [...within, ...(touches ?? [])])
    .filter((name) => table.regions[name] === undefined);
}

/** The region itself and all that contain it. */
function withAllAround(table: RegionTable, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(table.regions[next]?.within ?? []));
  }
  return found;
}

function join(meeting: Map<string, Set<string>>, a: string, b: string): void {
  meeting.get(a)?.add(b);
  meeting.get(b)?.add(a);
}

function opposite(a: Laterality, b: Laterality): boolean {
  return (a === 'left' && b === 'right') || (a === 'right' && b === 'left');
}
