import type { TSchema } from '@sinclair/typebox';
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
  fill(plan, TreatmentPlanSchema);
  return plan;
}

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
}

function fill(value: unknown, schema: TSchema | Shape): void {
  const shape = schema as Shape;
  const object = asObject(value) as Record<string, unknown> | undefined;
  if (object === undefined || shape.properties === undefined) return;
  for (const [name, child] of Object.entries(shape.properties)) {
    if (object[name] === undefined && shape.required?.includes(name) === true) putEmpty(object, name, child);
    const there = object[name];
    if (!isJsonArray(there)) {
      fill(there, child);
      continue;
    }
    if (child.items !== undefined) for (const item of there) fill(item, child.items);
    if (sets.has(name)) object[name] = distinct(there);
  }
}

function putEmpty(object: Record<string, unknown>, name: string, shape: Shape): void {
  if (shape.type === 'array') object[name] = [];
  // An object that must have something of its own stays missing, so that the check names it.
  if (shape.type === 'object' && mayBeEmpty(shape)) object[name] = {};
}

function mayBeEmpty(shape: Shape): boolean {
  return (shape.required ?? []).every((name) => shape.properties?.[name]?.type === 'array');
}

/** Lists where the same thing twice says no more than once: hospitals name a technique in code and in orderDetail. */
const sets: ReadonlySet<string> = new Set(['technique', 'kinds', 'requested', 'identifiers']);

function distinct(items: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    return !seen.has(key) && seen.add(key);
  });
}
