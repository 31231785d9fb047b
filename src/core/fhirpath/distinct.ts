import type { Context } from './context.ts';
import { equalItems } from './equality.ts';
import { type Item, type Items, isTemporal } from './item.ts';

/** Keeping an item costs some times what visiting one costs. */
const addSteps = 5;

/**
 * The items met so far, by `=`. Plain values are found by a key, so that a long list of identifiers stays linear;
 * structures are compared with those of the same look.
 */
export class Seen {
  private readonly context: Context;
  private readonly buckets = new Map<string | number | boolean, Item[] | true>();

  constructor(context: Context) {
    this.context = context;
  }

  has(item: Item): boolean {
    const bucket = this.buckets.get(keyOf(item));
    if (bucket === undefined || bucket === true) return bucket === true;
    return bucket.some((other) => equalItems(other, item, this.context) === 1);
  }

  /** Adds an item; false when an equal one is there already. */
  add(item: Item): boolean {
    this.context.spend(addSteps);
    if (typeof item.value === 'string') this.context.spendText(item.value.length);
    if (this.has(item)) return false;
    const key = keyOf(item);
    if (isPlain(item)) this.buckets.set(key, true);
    else this.bucket(key).push(item);
    return true;
  }

  private bucket(key: string | number | boolean): Item[] {
    const bucket = this.buckets.get(key);
    if (bucket !== undefined && bucket !== true) return bucket;
    const fresh: Item[] = [];
    this.buckets.set(key, fresh);
    return fresh;
  }
}

/** The items without those that equal an earlier one. */
export function distinct(items: Items, context: Context): Items {
  if (items.length < 2) return items;
  const seen = new Seen(context);
  return items.filter((item) => seen.add(item));
}

/** Whether no two items are equal. */
export function isDistinct(items: Items, context: Context): boolean {
  if (items.length < 2) return true;
  const seen = new Seen(context);
  return items.every((item) => seen.add(item));
}

/** `left | right`. */
export function union(left: Items, right: Items, context: Context): Items {
  if (left.length === 0) return distinct(right, context);
  if (right.length === 0) return distinct(left, context);
  return distinct([...left, ...right], context);
}

/** Equal only to itself: texts that are no moments, numbers, booleans. */
function isPlain(item: Item): boolean {
  const value = item.value;
  if (typeof value === 'string') return !isTemporal(item);
  return typeof value === 'number' || typeof value === 'boolean';
}

function keyOf(item: Item): string | number | boolean {
  const value = item.value;
  if (typeof value === 'string') return isTemporal(item) ? 'm' : `t${value}`;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return 'x';
  // Quantities of different units may be equal; everything else must agree in these.
  const look = value as Record<string, unknown>;
  if (typeof look.value === 'number') return 'q';
  return `o${plain(look.id)}|${plain(look.code)}|${plain(look.url)}|${plain(look.system)}|${plain(look.reference)}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
