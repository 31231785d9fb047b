import { type ArithmeticOperator, calculate } from './arithmetic.ts';
import type { BinaryNode, Node } from './ast.ts';
import { type Code, conditionCode, type Decide, decideOf, numberCode, type Truth } from './code.ts';
import { compareCollections, nameOf, type OrderOperator } from './comparison.ts';
import type { Context } from './context.ts';
import { decimalText } from './decimal.ts';
import { union } from './distinct.ts';
import { equalCollections } from './equality.ts';
import { equivalentCollections } from './equivalence.ts';
import { fastEqual, fastOrder } from './fast.ts';
import { type Items, stringItems } from './item.ts';
import { membershipCode } from './membership.ts';
import { singleItem } from './operand.ts';

/**
 * The operators with two sides: http://hl7.org/fhirpath/N1/#operations
 *
 * @param compile Compiles an operand.
 */
export function binaryCode(node: BinaryNode, compile: (node: Node) => Code): Code {
  const { operator, at } = node;
  switch (operator) {
    case 'in':
      return membershipCode(compile(node.left), node.right, compile, at);
    case 'contains':
      return membershipCode(compile(node.right), node.left, compile, at);
    case 'and':
    case 'or':
    case 'xor':
    case 'implies':
      return conditionCode(at, logic(operator, decideOf(compile(node.left)), decideOf(compile(node.right))));
    case '=':
    case '!=':
      return equalityCode(compile(node.left), compile(node.right), operator, at);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return orderCode(compile(node.left), compile(node.right), operator, at);
    default:
      return valueCode(compile(node.left), compile(node.right), operator, at);
  }
}

function logic(operator: 'and' | 'or' | 'xor' | 'implies', left: Decide, right: Decide): Decide {
  switch (operator) {
    case 'and':
      return (self, context) => {
        const a = left(self, context);
        if (a === 0) return 0;
        const b = right(self, context);
        return b === 0 ? 0 : a === 1 && b === 1 ? 1 : -1;
      };
    case 'or':
      return (self, context) => {
        const a = left(self, context);
        if (a === 1) return 1;
        const b = right(self, context);
        return b === 1 ? 1 : a === 0 && b === 0 ? 0 : -1;
      };
    case 'xor':
      return (self, context) => {
        const a = left(self, context);
        if (a === -1) return -1;
        const b = right(self, context);
        return b === -1 ? -1 : a === b ? 0 : 1;
      };
    default:
      return (self, context) => {
        const a = left(self, context);
        if (a === 0) return 1;
        const b = right(self, context);
        return b === 1 ? 1 : a === 1 ? b : -1;
      };
  }
}

function equalityCode(left: Code, right: Code, operator: '=' | '!=', at: number): Code {
  const slow: Decide = (self, context) =>
    equalCollections(left.items(self, context), right.items(self, context), context);
  const equal = fastEqual(left, right, slow) ?? slow;
  return conditionCode(at, operator === '=' ? equal : (self, context) => opposite(equal(self, context)));
}

function opposite(truth: Truth): Truth {
  return truth === 1 ? 0 : truth === 0 ? 1 : -1;
}

function orderCode(left: Code, right: Code, operator: OrderOperator, at: number): Code {
  const slow: Decide = (self, context) =>
    compareCollections(left.items(self, context), right.items(self, context), operator, context, at);
  return conditionCode(at, fastOrder(left, right, operator, slow) ?? slow);
}

function valueCode(left: Code, right: Code, operator: ArithmeticOperator | '|' | '&' | '~' | '!~', at: number): Code {
  const [a, b] = [left.items, right.items];
  switch (operator) {
    case '|':
      return { at, items: (self, context) => union(a(self, context), b(self, context), context) };
    case '&':
      return { at, items: (self, context) => concatenate(a(self, context), b(self, context), context, at) };
    case '~':
      return conditionCode(at, (self, context) => equivalentCollections(a(self, context), b(self, context), context));
    case '!~':
      return conditionCode(at, (self, context) =>
        opposite(equivalentCollections(a(self, context), b(self, context), context)),
      );
    default:
      return arithmeticCode(left, right, operator, at);
  }
}

function arithmeticCode(left: Code, right: Code, operator: ArithmeticOperator, at: number): Code {
  // Counts are whole, small and never empty: their sum needs no care.
  const [x, y] = [left.number, right.number];
  if (operator === '+' && x !== undefined && y !== undefined) {
    return numberCode(at, (self, context) => x(self, context) + y(self, context));
  }
  return {
    at,
    items: (self, context) => calculate(left.items(self, context), right.items(self, context), operator, context, at),
  };
}

/** `&`: an empty side is the empty text; http://hl7.org/fhirpath/N1/#string-concatenation */
function concatenate(left: Items, right: Items, context: Context, at: number): Items {
  const [a, b] = [concatenated(left, context, at), concatenated(right, context, at)];
  context.spendText(a.length + b.length);
  return stringItems(a + b);
}

function concatenated(items: Items, context: Context, at: number): string {
  const item = singleItem(items, context, at, '"&"');
  const value = item?.value;
  if (item === undefined || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return decimalText(value);
  if (typeof value === 'boolean') return String(value);
  return context.fail(`"&" does not work on a ${nameOf(item)}.`, at);
}
