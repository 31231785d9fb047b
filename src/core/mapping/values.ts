import { choiceType } from '../fhirpath/model.ts';
import { Fault, kindOf } from './fault.ts';
import type { StepPlan } from './plan.ts';

/** The children of a value by one step, with their keys and types where the data says them. */
export interface Child {
  readonly key: string;
  readonly value: unknown;
  readonly type: string | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What an element has at a step, before lists are taken apart; undefined when nothing is there.
 * @throws Fault `mapping-input-shape` when a model is known and the value has no elements at all.
 */
export function childAt(value: unknown, step: StepPlan): Child | undefined {
  if (!isObject(value)) {
    if (value === undefined || value === null) return undefined;
    if (step.kind === 'open')
      return step.name === 'value' && typeof value !== 'object' ? { key: '', value, type: undefined } : undefined;
    throw new Fault('mapping-input-shape', `An object with "${step.name}" is needed, but there is ${kindOf(value)}.`);
  }
  if (step.kind === 'key')
    return present(step.key, value[step.key], step.types.length === 1 ? step.types[0]?.name : undefined);
  if (step.kind === 'choice') {
    if (step.choices.length > 12) return scan(value, step);
    for (const { key, type } of step.choices) {
      const found = value[key];
      if (found !== undefined && found !== null) return { key, value: found, type: type.name };
    }
    return undefined;
  }
  return present(step.name, value[step.name], undefined) ?? openChoice(value, step.name);
}

function present(key: string, value: unknown, type: string | undefined): Child | undefined {
  return value === undefined || value === null ? undefined : { key, value, type };
}

/** Extension.value[x] has fifty types: looking at the few keys that are there is quicker. */
function scan(value: JsonObject, step: StepPlan): Child | undefined {
  return scanFor(value, typesByKey(step));
}

export function scanFor(value: JsonObject, types: ReadonlyMap<string, string>): Child | undefined {
  for (const key in value) {
    const type = types.get(key);
    if (type !== undefined) return present(key, value[key], type);
  }
  return undefined;
}

const known = new WeakMap<StepPlan, ReadonlyMap<string, string>>();

/** The names of the types that a choice can have, by the keys that tell them. */
export function typesByKey(step: StepPlan): ReadonlyMap<string, string> {
  const found = known.get(step) ?? new Map(step.choices.map(({ key, type }) => [key, type.name]));
  known.set(step, found);
  return found;
}

/** Without a model `value` may still stand as `valueQuantity`. */
function openChoice(value: JsonObject, name: string): Child | undefined {
  for (const key in value) {
    const type = key.length > name.length ? choiceType(key, name) : undefined;
    if (type !== undefined) return present(key, value[key], type);
  }
  return undefined;
}

/** The type of an item where the step leaves it open: what a resource says of itself. */
export function typeOfItem(value: unknown, type: string | undefined): string | undefined {
  if (!isObject(value)) return type;
  const { resourceType } = value;
  return typeof resourceType === 'string' && (type === undefined || type === 'Resource' || type === 'DomainResource')
    ? resourceType
    : type;
}

/**
 * Refuse what the model does not allow at a place.
 * @throws Fault `mapping-input-shape`
 */
export function checkShape(step: StepPlan, value: unknown, isItem: boolean): void {
  const isList = Array.isArray(value);
  if (isList && (isItem || step.list === false))
    throw new Fault('mapping-input-shape', `"${step.name}" is a list here, but holds one value.`);
  if (!isItem && step.list === true && !isList)
    throw new Fault('mapping-input-shape', `"${step.name}" is ${kindOf(value)} here, but must be a list.`);
  if (isList) return;
  const wanted = shapeOf(step.types);
  if (wanted === undefined || (wanted === 'object') === (typeof value === 'object')) return;
  throw new Fault(
    'mapping-input-shape',
    `"${step.name}" is ${kindOf(value)} here, but must be ${wanted === 'primitive' ? 'a single value' : 'an object'}.`,
  );
}

/** Whether values of some types are objects in JSON; undefined where they may be either. */
function shapeOf(types: StepPlan['types']): 'primitive' | 'object' | undefined {
  let shape: 'primitive' | 'object' | undefined;
  for (const type of types) {
    const own = type.kind === 'primitive' ? 'primitive' : 'object';
    if (shape !== undefined && shape !== own) return undefined;
    shape = own;
  }
  return shape;
}

/**
 * A copy that shares nothing with the original: later rules may fill it, and the input must stay as it is.
 * @throws Fault `mapping-forbidden-name` for a key that would change the object's kind.
 */
export function cloneValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneValue);
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    if (key === '__proto__')
      throw new Fault(
        'mapping-forbidden-name',
        'The input has an element "__proto__", which is no element of anything.',
      );
    copy[key] = cloneValue((value as JsonObject)[key]);
  }
  return copy;
}

export function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

/** Whether the result of a condition lets the rule go on: nothing and false do not. */
export function isTrue(result: readonly { readonly value: unknown }[]): boolean {
  return result.length > 1 || (result.length === 1 && result[0]?.value !== false);
}
