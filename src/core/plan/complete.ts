import { asObject, isJsonArray } from './json-value.ts';
import { TreatmentPlanSchema } from './treatment-plan.ts';

/**
 * FHIR knows no empty list and no empty object, so a mapping cannot make one; a plan has them, because its readers
 * would else ask for each list whether it is there. This puts the empty ones in and takes repetitions out of lists that
 * are sets. It adds no clinical value.
 *
 * @param plan What the mapping gave; it is changed.
 */
export function completePlan(plan: unknown): unknown {
  fill(plan, members);
  return plan;
}

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
}

/** What is to do for one element of an object. */
interface Member {
  readonly name: string;
  /** What is put where it is absent. */
  readonly empty: 'list' | 'object' | undefined;
  readonly isSet: boolean;
  /** Of an object, or of the items of a list. */
  readonly members: readonly Member[];
}

/** Lists where the same thing twice says no more than once: hospitals name a technique in code and in orderDetail. */
const sets: ReadonlySet<string> = new Set(['technique', 'kinds', 'requested', 'identifiers']);

const members = membersOf(TreatmentPlanSchema as Shape);

function membersOf(shape: Shape): readonly Member[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, child]): Member[] => {
    const isRequired = shape.required?.includes(name) === true;
    const empty = !isRequired ? undefined : child.type === 'array' ? 'list' : mayBeEmpty(child) ? 'object' : undefined;
    const isSet = sets.has(name);
    const inner = membersOf(child.items ?? child);
    return empty === undefined && !isSet && inner.length === 0 ? [] : [{ name, empty, isSet, members: inner }];
  });
}

/** An object that must have something of its own stays missing, so that the check names it. */
function mayBeEmpty(shape: Shape): boolean {
  if (shape.type !== 'object') return false;
  return (shape.required ?? []).every((name) => shape.properties?.[name]?.type === 'array');
}

function fill(value: unknown, wanted: readonly Member[]): void {
  const object = asObject(value) as Record<string, unknown> | undefined;
  if (object === undefined) return;
  for (const { name, empty, isSet, members: inner } of wanted) {
    if (object[name] === undefined && empty !== undefined) object[name] = empty === 'list' ? [] : {};
    const there = object[name];
    if (!isJsonArray(there)) {
      if (there !== undefined) fill(there, inner);
      continue;
    }
    if (inner.length > 0) for (const item of there) fill(item, inner);
    if (isSet && there.length > 1) object[name] = distinct(there);
  }
}

function distinct(items: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    return !seen.has(key) && seen.add(key);
  });
}
