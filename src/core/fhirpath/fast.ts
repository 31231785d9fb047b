import type { Code, Decide } from './code.ts';
import { isInOrder, type OrderOperator } from './comparison.ts';
import type { Context } from './context.ts';
import type { Item } from './item.ts';
import { rawOf } from './operand.ts';
import { missing } from './path.ts';

/** A plain value of the data, or a sign that the general way must answer. */
type Raw = (self: Item, context: Context) => unknown;

/**
 * `=` for the shapes that invariants are made of, without making items: a path and a literal, two paths, two numbers, two
 * conditions. Whatever is not plain goes the general way.
 */
export function fastEqual(left: Code, right: Code, slow: Decide): Decide | undefined {
  if (isPlainCondition(left) && isPlainCondition(right)) return conditionsEqual(left.decide, right.decide);
  const a = plainOf(left);
  const b = plainOf(right);
  if (a === undefined || b === undefined) return undefined;
  if (left.constant !== undefined && right.constant !== undefined) return undefined;
  const isText = isTextConstant(left) || isTextConstant(right);
  return (self, context) => {
    const x = a(self, context);
    if (x === missing) return -1;
    const y = b(self, context);
    if (y === missing) return -1;
    const kind = typeof x;
    if (kind !== typeof y || (kind !== 'string' && kind !== 'number' && kind !== 'boolean')) return slow(self, context);
    if (x === y) return 1;
    // Two different texts may still be the same moment, unless one is written as a text.
    return kind === 'string' && !isText ? slow(self, context) : 0;
  };
}

/** `<`, `<=`, `>`, `>=` for plain numbers, and for moments that are written alike. */
export function fastOrder(left: Code, right: Code, operator: OrderOperator, slow: Decide): Decide | undefined {
  const a = plainOf(left);
  const b = plainOf(right);
  if (a === undefined || b === undefined) return undefined;
  return (self, context) => {
    const x = a(self, context);
    if (x === missing) return -1;
    const y = b(self, context);
    if (y === missing) return -1;
    if (typeof x === 'number' && typeof y === 'number') return isInOrder(operator, x - y) ? 1 : 0;
    if (typeof x === 'string' && typeof y === 'string' && areAlike(x, y)) {
      return isInOrder(operator, x < y ? -1 : x > y ? 1 : 0) ? 1 : 0;
    }
    return slow(self, context);
  };
}

/**
 * Whether two texts, as moments or as texts, have the order of their characters: same length, both beginning with a
 * digit, and the same zone at the end if long enough to have one.
 */
function areAlike(x: string, y: string): boolean {
  if (x.length !== y.length || !isDigit(x) || !isDigit(y)) return false;
  if (x.length <= 10) return true;
  if (x.endsWith('Z')) return y.endsWith('Z');
  return x.slice(-6) === y.slice(-6) && /^[+-]/.test(x.slice(-6));
}

function isDigit(text: string): boolean {
  const code = text.charCodeAt(0);
  return code >= 48 && code <= 57;
}

function plainOf(code: Code): Raw | undefined {
  if (code.number !== undefined) return code.number;
  if (code.constant !== undefined) {
    const value = code.constant[0]?.value;
    if (code.constant.length !== 1 || typeof value === 'object' || value === undefined) return undefined;
    return () => value;
  }
  return rawOf(code);
}

function isTextConstant(code: Code): boolean {
  return code.constant?.[0]?.type === 'System.String';
}

function isPlainCondition(code: Code): code is Code & { readonly decide: Decide } {
  return code.decide !== undefined && code.constant === undefined;
}

function conditionsEqual(left: Decide, right: Decide): Decide {
  return (self, context) => {
    const a = left(self, context);
    if (a === -1) return -1;
    const b = right(self, context);
    return b === -1 ? -1 : a === b ? 1 : 0;
  };
}
