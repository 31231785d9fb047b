import type { Truth } from './code.ts';
import type { Context } from './context.ts';
import { asTemporals } from './equality.ts';
import { type Item, type Items, isQuantity, isTemporal } from './item.ts';
import { compareQuantities, quantityOf } from './quantity.ts';
import { compareTemporals } from './temporal.ts';

export type OrderOperator = '<' | '<=' | '>' | '>=';

/** The answer of an operator for an order of -1, 0 or 1. */
export function isInOrder(operator: OrderOperator, order: number): boolean {
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/**
 * `<`, `<=`, `>`, `>=` for collections of one item: numbers, texts, moments, quantities.
 *
 * @returns Empty when a side is empty, or when the precision of moments or the units of quantities leave it open.
 * @see http://hl7.org/fhirpath/N1/#comparison
 */
export function compareCollections(
  left: Items,
  right: Items,
  operator: OrderOperator,
  context: Context,
  at: number,
): Truth {
  if (left.length === 0 || right.length === 0) return -1;
  if (left.length > 1 || right.length > 1) {
    context.fail(`"${operator}" compares single values, these are ${left.length} and ${right.length}.`, at);
  }
  const order = orderOf(left[0] as Item, right[0] as Item, context, at);
  return order === undefined ? -1 : isInOrder(operator, order) ? 1 : 0;
}

function orderOf(left: Item, right: Item, context: Context, at: number): number | undefined {
  const a = left.value;
  const b = right.value;
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return orderOfTexts(left, right, context, at);
  if (isQuantity(left) || isQuantity(right)) {
    const x = quantityOf(a);
    const y = quantityOf(b);
    if (x !== undefined && y !== undefined) return compareQuantities(x, y);
    if (typeof a === typeof b) return undefined;
  }
  return context.fail(`A ${nameOf(left)} cannot be ordered against a ${nameOf(right)}.`, at);
}

function orderOfTexts(left: Item, right: Item, context: Context, at: number): number | undefined {
  const moments = asTemporals(left, right);
  if (moments !== undefined) return compareTemporals(moments[0], moments[1]);
  if (isTemporal(left) !== isTemporal(right) && left.type !== '' && right.type !== '') {
    context.fail(`A ${nameOf(left)} cannot be ordered against a ${nameOf(right)}.`, at);
  }
  const a = left.value as string;
  const b = right.value as string;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How an error names a value: by its type, never by its content. */
export function nameOf(item: Item): string {
  if (item.type !== '') return item.type.replace(/^System\./, '');
  return typeof item.value === 'object' ? 'structure' : typeof item.value;
}
