import type { QuantityValue } from './ast.ts';
import { nameOf } from './comparison.ts';
import type { Context } from './context.ts';
import {
  addDecimals,
  divideDecimals,
  multiplyDecimals,
  remainder,
  subtractDecimals,
  wholeQuotient,
} from './decimal.ts';
import { decimalItems, Item, type Items, isInteger, isQuantity, isTemporal, none, stringItems } from './item.ts';
import { convertQuantity, quantityOf } from './quantity.ts';
import { shiftTemporal } from './shift.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | 'div' | 'mod';

/** Beyond a 32-bit integer the result of integers is empty; http://hl7.org/fhirpath/N1/#math. */
const maximalInteger = 2_147_483_647;

/**
 * `+ - * / div mod` for collections of one item.
 *
 * @returns Empty when a side is empty, when dividing by zero, on overflow, and for quantities with units that have
 *   nothing in common.
 * @see http://hl7.org/fhirpath/N1/#math
 */
export function calculate(
  left: Items,
  right: Items,
  operator: ArithmeticOperator,
  context: Context,
  at: number,
): Items {
  if (left.length === 0 || right.length === 0) return none;
  if (left.length > 1 || right.length > 1) {
    context.fail(`"${operator}" needs single values, these are ${left.length} and ${right.length}.`, at);
  }
  const a = left[0] as Item;
  const b = right[0] as Item;
  if (a.value === undefined || b.value === undefined) return none;
  if (typeof a.value === 'number' && typeof b.value === 'number') return numbers(a, b, operator);
  if ((operator === '+' || operator === '-') && typeof a.value === 'string' && isQuantity(b)) {
    return moment(a, b, operator, context, at);
  }
  if (operator === '+' && typeof a.value === 'string' && typeof b.value === 'string' && !isTemporal(a)) {
    context.spendText(a.value.length + b.value.length);
    return stringItems(a.value + b.value);
  }
  const x = isQuantity(a) || isQuantity(b) ? quantityOf(a.value) : undefined;
  const y = x === undefined ? undefined : quantityOf(b.value);
  if (x !== undefined && y !== undefined) return quantities(x, y, operator);
  return context.fail(`"${operator}" does not work on a ${nameOf(a)} and a ${nameOf(b)}.`, at);
}

function numbers(a: Item, b: Item, operator: ArithmeticOperator): Items {
  const result = calculateNumbers(a.value as number, b.value as number, operator);
  if (result === undefined) return none;
  const isWhole = operator === 'div' || (operator !== '/' && isInteger(a) && isInteger(b));
  if (!isWhole) return decimalItems(result);
  return Math.abs(result) > maximalInteger ? none : [new Item(result, 'System.Integer')];
}

function calculateNumbers(a: number, b: number, operator: ArithmeticOperator): number | undefined {
  switch (operator) {
    case '+':
      return addDecimals(a, b);
    case '-':
      return subtractDecimals(a, b);
    case '*':
      return multiplyDecimals(a, b);
    case '/':
      return divideDecimals(a, b);
    case 'div':
      return wholeQuotient(a, b);
    default:
      return remainder(a, b);
  }
}

function moment(a: Item, b: Item, operator: '+' | '-', context: Context, at: number): Items {
  const quantity = quantityOf(b.value);
  if (quantity === undefined) return none;
  const amount = operator === '-' ? { ...quantity, value: -quantity.value } : quantity;
  const shifted = shiftTemporal(a.value as string, amount);
  if (shifted === undefined) {
    return context.fail(`A ${nameOf(a)} cannot be moved by a quantity of this unit.`, at);
  }
  return shifted === '' ? none : [new Item(shifted, a.type)];
}

function quantities(x: QuantityValue, y: QuantityValue, operator: ArithmeticOperator): Items {
  if (operator === '*' || operator === '/') return product(x, y, operator);
  if (operator === 'div' || operator === 'mod') return none;
  const converted = convertQuantity(y, x);
  if (converted === undefined) return none;
  const value = operator === '+' ? addDecimals(x.value, converted) : subtractDecimals(x.value, converted);
  return [new Item({ ...x, value }, 'System.Quantity')];
}

/** A product or quotient by a plain number keeps the unit, a quotient of like units has none; others need UCUM. */
function product(x: QuantityValue, y: QuantityValue, operator: '*' | '/'): Items {
  if (y.code === '1') {
    const value = operator === '*' ? multiplyDecimals(x.value, y.value) : divideDecimals(x.value, y.value);
    return value === undefined ? none : [new Item({ ...x, value }, 'System.Quantity')];
  }
  if (operator === '*') {
    if (x.code === '1') return [new Item({ ...y, value: multiplyDecimals(x.value, y.value) }, 'System.Quantity')];
    return none;
  }
  const converted = convertQuantity(x, y);
  const value = converted === undefined ? undefined : divideDecimals(converted, y.value);
  return value === undefined ? none : [new Item(quantityOf(value), 'System.Quantity')];
}
