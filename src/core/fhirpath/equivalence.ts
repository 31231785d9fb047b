import type { QuantityValue } from './ast.ts';
import type { Truth } from './code.ts';
import type { Context } from './context.ts';
import { decimalPlaces, roundDecimal } from './decimal.ts';
import { asTemporals } from './equality.ts';
import { type Item, type Items, isQuantity } from './item.ts';
import { convertQuantity, quantityOf } from './quantity.ts';
import { compareTemporals } from './temporal.ts';

/** Deeper values are not compared for equivalence; FHIR data nests less than 64 levels. */
const maximalDepth = 100;

/**
 * `left ~ right`: never empty; the order does not matter.
 *
 * @see http://hl7.org/fhirpath/N1/#equivalent
 */
export function equivalentCollections(left: Items, right: Items, context: Context): Truth {
  if (left.length !== right.length) return 0;
  return matchAll(left, right, (a, b) => equivalentItems(a, b, context)) ? 1 : 0;
}

/** Case and white space do not matter for texts, places beyond the less precise one not for decimals. */
export function equivalentItems(left: Item, right: Item, context: Context): boolean {
  context.spend(1);
  const a = left.value;
  const b = right.value;
  if (typeof a === 'string' && typeof b === 'string') {
    const moments = asTemporals(left, right);
    if (moments !== undefined) return compareTemporals(moments[0], moments[1]) === 0;
  }
  if (isQuantity(left) || isQuantity(right)) {
    const x = quantityOf(a);
    const y = quantityOf(b);
    if (x !== undefined && y !== undefined) return equivalentQuantities(x, y);
  }
  return equivalentValues(a, b, context, 0);
}

/** In the unit of either, to the places of the less precise one: 4 'g' ~ 4040 'mg'. */
function equivalentQuantities(x: QuantityValue, y: QuantityValue): boolean {
  const inX = convertQuantity(y, x);
  const inY = convertQuantity(x, y);
  if (inX === undefined || inY === undefined) return false;
  return equivalentNumbers(x.value, inX) || equivalentNumbers(inY, y.value);
}

function equivalentValues(a: unknown, b: unknown, context: Context, depth: number): boolean {
  context.spend(1);
  if (depth > maximalDepth) return context.fail(`~ compares values to a depth of ${maximalDepth}.`, -1);
  if (typeof a === 'string' && typeof b === 'string') return normalize(a) === normalize(b);
  if (typeof a === 'number' && typeof b === 'number') return equivalentNumbers(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return matchAll(a, b, (x, y) => equivalentValues(x, y, context, depth + 1));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.every((key) => Object.hasOwn(right, key) && equivalentValues(left[key], right[key], context, depth + 1));
}

/** Whether every value has a partner of its own. */
function matchAll<T>(left: readonly T[], right: readonly T[], isMatch: (a: T, b: T) => boolean): boolean {
  const open = [...right];
  return left.every((a) => {
    const at = open.findIndex((b) => isMatch(a, b));
    if (at >= 0) open.splice(at, 1);
    return at >= 0;
  });
}

function equivalentNumbers(a: number, b: number): boolean {
  if (a === b) return true;
  const places = Math.min(decimalPlaces(a), decimalPlaces(b));
  return roundDecimal(a, places) === roundDecimal(b, places);
}

function normalize(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
