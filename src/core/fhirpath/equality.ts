import type { Truth } from './code.ts';
import type { Context } from './context.ts';
import { type Item, type Items, isQuantity, isTemporal } from './item.ts';
import { compareQuantities, quantityOf } from './quantity.ts';
import { compareTemporals, parseTemporal, type Temporal } from './temporal.ts';

/**
 * `left = right` for collections: empty when one is empty; otherwise as many items, equal one by one and in order.
 *
 * @see http://hl7.org/fhirpath/N1/#equals
 */
export function equalCollections(left: Items, right: Items, context: Context): Truth {
  if (left.length === 0 || right.length === 0) return -1;
  if (left.length !== right.length) return 0;
  let result: Truth = 1;
  for (let i = 0; i < left.length; i++) {
    const one = equalItems(left[i] as Item, right[i] as Item, context);
    if (one === 0) return 0;
    if (one === -1) result = -1;
  }
  return result;
}

/** `=` for two items; empty when the precision of dates or the units of quantities leave it open. */
export function equalItems(left: Item, right: Item, context: Context): Truth {
  context.spend(1);
  const a = left.value;
  const b = right.value;
  if (typeof a === 'string' && typeof b === 'string') {
    return a === b && !isMixed(left, right) ? 1 : equalTexts(left, right);
  }
  if (typeof a === 'object' || typeof b === 'object') return equalObjects(left, right, context);
  if (a === undefined || b === undefined) return a === b && deepEqual(left.extra, right.extra, context) ? 1 : 0;
  return a === b ? 1 : 0;
}

/** Two moments, or a moment and a text of unknown type, taken apart; undefined when they do not compare as moments. */
export function asTemporals(left: Item, right: Item): readonly [Temporal, Temporal] | undefined {
  const leftIs = isTemporal(left);
  const rightIs = isTemporal(right);
  const fits = leftIs ? rightIs || right.type === '' : (rightIs || right.type === '') && left.type === '';
  if (!fits) return undefined;
  const a = parseTemporal(left.value as string);
  const b = a === undefined ? undefined : parseTemporal(right.value as string);
  return a === undefined || b === undefined ? undefined : [a, b];
}

/** Whether two JSON values are the same, whatever the order of their properties. Without recursion. */
export function deepEqual(left: unknown, right: unknown, context: Context): boolean {
  const open: unknown[] = [left, right];
  while (open.length > 0) {
    context.spend(1);
    const b = open.pop();
    const a = open.pop();
    if (a === b) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(b, key)) return false;
      open.push((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
    }
  }
  return true;
}

/** A text and a moment, both written in the expression, differ though their characters agree. */
function isMixed(left: Item, right: Item): boolean {
  const types = [left.type, right.type];
  return (
    types.includes('System.String') && types.some((type) => type.startsWith('System.') && type !== 'System.String')
  );
}

function equalTexts(left: Item, right: Item): Truth {
  const moments = asTemporals(left, right);
  if (moments === undefined) return 0;
  if ((moments[0].year === undefined) !== (moments[1].year === undefined)) return 0;
  const order = compareTemporals(moments[0], moments[1]);
  return order === undefined ? -1 : order === 0 ? 1 : 0;
}

function equalObjects(left: Item, right: Item, context: Context): Truth {
  if (left.value === right.value) return 1;
  if ((isQuantity(left) && isQuantityLike(right)) || (isQuantity(right) && isQuantityLike(left))) {
    const a = quantityOf(left.value);
    const b = quantityOf(right.value);
    if (a !== undefined && b !== undefined) {
      const order = compareQuantities(a, b);
      return order === undefined ? -1 : order === 0 ? 1 : 0;
    }
  }
  return deepEqual(left.value, right.value, context) ? 1 : 0;
}

function isQuantityLike(item: Item): boolean {
  return typeof item.value === 'number' || isQuantity(item);
}
