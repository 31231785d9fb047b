import type { Context } from './context.ts';
import { Item, type Items, none } from './item.ts';
import { choiceKeys, isChoiceName, isElementName } from './model.ts';

/** One member of a path, prepared. */
export interface Step {
  readonly name: string;
  readonly extraName: string;
  /** For a choice: the keys it may stand under (also those of its extras), each with the key of the value. */
  readonly choices: ReadonlyMap<string, string> | undefined;
  /** The name is one that every JavaScript object answers to, such as `constructor`. */
  readonly isUnsafe: boolean;
}

/** Where a path begins, and its members. */
export interface Path {
  readonly head: 'self' | 'resource' | 'rootResource' | 'context';
  readonly steps: readonly Step[];
}

/** Answers of `singleValue` that are no value of the data. */
export const missing = Symbol('missing');
export const several = Symbol('several');

type JsonObject = Readonly<Record<string, unknown>>;

const knownSteps = new Map<string, Step>();

/** The names of members come from expressions, of which there are some thousands; data adds none. */
export function stepOf(name: string): Step {
  const known = knownSteps.get(name);
  if (known !== undefined) return known;
  const extraName = `_${name}`;
  const step: Step = {
    name,
    extraName,
    // Names that R4 does not know may be choices of a logical model.
    choices: isChoiceName(name) || !isElementName(name) ? choiceKeys(name) : undefined,
    isUnsafe: name in Object.prototype || extraName in Object.prototype,
  };
  knownSteps.set(name, step);
  return step;
}

/** The items of a member, appended to `out`. */
export function appendMember(item: Item, step: Step, out: Item[], context: Context): void {
  const source = childSource(item.value, item.extra);
  if (source === undefined) return;
  let key = step.name;
  let value = own(source, key, step);
  let extra = typeof value === 'object' && !Array.isArray(value) ? undefined : own(source, step.extraName, step);
  if (value === undefined && extra === undefined) {
    const found = step.choices === undefined ? undefined : choiceKey(source, step.choices);
    if (found === undefined) return;
    key = found;
    value = source[key];
    extra = source[`_${key}`];
  }
  appendValues(item, key, value, extra, out, context);
}

function appendValues(parent: Item, key: string, value: unknown, extra: unknown, out: Item[], context: Context): void {
  if (Array.isArray(value) || Array.isArray(extra)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [];
    const extras: readonly unknown[] = Array.isArray(extra) ? extra : [];
    const length = Math.max(values.length, extras.length);
    context.spend(length);
    for (let i = 0; i < length; i++) appendOne(parent, key, values[i], extras[i], out);
  } else {
    appendOne(parent, key, value, extra, out);
  }
}

function appendOne(parent: Item, key: string, value: unknown, extra: unknown, out: Item[]): void {
  const isExtra = typeof extra === 'object' && extra !== null;
  if (value === undefined || value === null) {
    if (isExtra) out.push(new Item(undefined, undefined, extra, parent, key));
  } else {
    out.push(new Item(value, undefined, isExtra ? extra : undefined, parent, key));
  }
}

/** All children of an item, in the order of the data. */
export function appendChildren(item: Item, out: Item[], context: Context): void {
  const source = childSource(item.value, item.extra);
  if (source === undefined) return;
  for (const key in source) {
    context.spend(1);
    if (key.charCodeAt(0) === 95) {
      const plain = key.slice(1);
      if (!Object.hasOwn(source, plain)) appendValues(item, plain, undefined, source[key], out, context);
    } else if (key !== 'resourceType') {
      const value = source[key];
      const extraName = `_${key}`;
      const extra = Object.hasOwn(source, extraName) ? source[extraName] : undefined;
      appendValues(item, key, value, extra, out, context);
    }
  }
}

/** What has the children of a value: the object itself, or the extras of a primitive. */
function childSource(value: unknown, extra: unknown): JsonObject | undefined {
  const source = typeof value === 'object' && value !== null ? value : extra;
  if (typeof source !== 'object' || source === null || Array.isArray(source)) return undefined;
  return source as JsonObject;
}

function own(source: JsonObject, key: string, step: Step): unknown {
  return step.isUnsafe && !Object.hasOwn(source, key) ? undefined : source[key];
}

/** The key under which a choice element stands. */
function choiceKey(source: JsonObject, choices: ReadonlyMap<string, string>): string | undefined {
  for (const key in source) {
    const plain = choices.get(key);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

/** How many items a path leads to, counted no further than `limit`, without making them. */
export function pathCount(value: unknown, extra: unknown, steps: readonly Step[], limit: number, at = 0): number {
  const step = steps[at];
  if (step === undefined) return isPresent(value, extra) ? 1 : 0;
  const source = childSource(value, extra);
  if (source === undefined) return 0;
  let next = own(source, step.name, step);
  let nextExtra = typeof next === 'object' && !Array.isArray(next) ? undefined : own(source, step.extraName, step);
  if (next === undefined && nextExtra === undefined) {
    const key = step.choices === undefined ? undefined : choiceKey(source, step.choices);
    if (key === undefined) return 0;
    next = source[key];
    nextExtra = source[`_${key}`];
  }
  if (!Array.isArray(next) && !Array.isArray(nextExtra)) return pathCount(next, nextExtra, steps, limit, at + 1);
  const values: readonly unknown[] = Array.isArray(next) ? next : [];
  const extras: readonly unknown[] = Array.isArray(nextExtra) ? nextExtra : [];
  const length = Math.max(values.length, extras.length);
  let count = 0;
  for (let i = 0; i < length && count < limit; i++) {
    count += pathCount(values[i], extras[i], steps, limit - count, at + 1);
  }
  return count;
}

/** How many children a value has, without making items. */
export function childCount(value: unknown, extra: unknown): number {
  const source = childSource(value, extra);
  if (source === undefined) return 0;
  let count = 0;
  for (const key in source) {
    const isExtra = key.charCodeAt(0) === 95;
    if (key === 'resourceType' || (isExtra && Object.hasOwn(source, key.slice(1)))) continue;
    const given = source[key];
    if (!Array.isArray(given)) count += given === null ? 0 : 1;
    // The rare list with gaps, or with extras beside it, is counted by its items.
    else if (isExtra || given.includes(null) || Object.hasOwn(source, `_${key}`)) return -1;
    else count += given.length;
  }
  return count;
}

/**
 * The value at the end of a path, without making items.
 *
 * @returns `missing` when there is none; `several` when a list is met or the place has extras only: ask the slow way.
 */
export function singleValue(value: unknown, extra: unknown, steps: readonly Step[]): unknown {
  let current = value;
  let currentExtra = extra;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    const source = childSource(current, currentExtra);
    if (source === undefined) return missing;
    current = own(source, step.name, step);
    if (current === undefined) {
      if (own(source, step.extraName, step) !== undefined) return several;
      const key = step.choices === undefined ? undefined : choiceKey(source, step.choices);
      if (key === undefined) return missing;
      current = source[key];
      if (current === undefined) return several;
    }
    if (Array.isArray(current)) {
      if (current.length !== 1) return several;
      current = current[0];
    }
    if (current === null) return several;
    // Only a step into a primitive's extensions needs its extras, and then the slow way answers.
    if (typeof current !== 'object' && i < steps.length - 1) return several;
    currentExtra = undefined;
  }
  return current;
}

function isPresent(value: unknown, extra: unknown): boolean {
  return (value !== undefined && value !== null) || (typeof extra === 'object' && extra !== null);
}

/** The items that a path begins with. */
export function pathHead(path: Path, self: Item, context: Context): Items {
  if (path.head === 'self') return [self];
  if (path.head === 'resource') return context.resource;
  return path.head === 'rootResource' ? context.rootResource : context.root;
}

/** The items at the end of a path. */
export function pathItems(start: Items, steps: readonly Step[], context: Context): Items {
  let items = start;
  for (const step of steps) {
    if (items.length === 0) return none;
    const next: Item[] = [];
    for (const item of items) appendMember(item, step, next, context);
    items = next;
  }
  return items;
}
