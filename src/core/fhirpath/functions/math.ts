import type { Code } from '../code.ts';
import { nameOf } from '../comparison.ts';
import type { Context } from '../context.ts';
import { roundDecimal } from '../decimal.ts';
import { type Call, define, type FunctionDefinition, type Functions } from '../definition.ts';
import { decimalItems, Item, type Items, integerItems, isInteger, isQuantity, none } from '../item.ts';
import { singleInteger, singleItem, singleNumber } from '../operand.ts';
import { quantityOf } from '../quantity.ts';

/**
 * Math: http://hl7.org/fhirpath/N1/#math-1. What has no real result, such as the root of a negative number, is empty.
 */
export const mathFunctions: Functions = {
  abs: define(0, 0, absCode),
  ceiling: whole(Math.ceil),
  floor: whole(Math.floor),
  truncate: whole(Math.trunc),
  exp: real(Math.exp),
  ln: real((value) => (value > 0 ? Math.log(value) : Number.NaN)),
  sqrt: real(Math.sqrt),
  log: define(1, 1, (call) =>
    onTwo(call, (value, base) =>
      decimalItems(value > 0 && base > 0 && base !== 1 ? logarithm(value, base) : Number.NaN),
    ),
  ),
  power: define(1, 1, powerCode),
  round: define(0, 1, roundCode),
};

function whole(change: (value: number) => number): FunctionDefinition {
  return onNumber((value) => {
    const result = change(value);
    return Math.abs(result) > 2_147_483_647 ? none : integerItems(result === 0 ? 0 : result);
  });
}

function real(change: (value: number) => number): FunctionDefinition {
  return onNumber((value) => decimalItems(change(value)));
}

function onNumber(answer: (value: number) => Items): FunctionDefinition {
  return define(0, 0, (call) => ({
    at: call.at,
    items: (self, context) => {
      const value = singleNumber(call.base.items(self, context), context, call.at, `${call.name}()`);
      return value === undefined ? none : answer(value);
    },
  }));
}

function onTwo(call: Call, answer: (value: number, argument: number, input: Items) => Items): Code {
  const argument = call.argument(0).items;
  return {
    at: call.at,
    items: (self, context) => {
      const input = call.base.items(self, context);
      const value = singleNumber(input, context, call.at, `${call.name}()`);
      const other = singleNumber(argument(self, context), context, call.at, `The argument of ${call.name}()`);
      return value === undefined || other === undefined ? none : answer(value, other, input);
    },
  };
}

/** Math.log(8) / Math.log(2) misses 3 by the last bit; the exact powers have functions of their own. */
function logarithm(value: number, base: number): number {
  if (base === 2) return Math.log2(value);
  return base === 10 ? Math.log10(value) : Math.log(value) / Math.log(base);
}

function absCode(call: Call): Code {
  return {
    at: call.at,
    items: (self, context) => {
      const item = singleItem(call.base.items(self, context), context, call.at, 'abs()');
      return item === undefined || item.value === undefined ? none : absolute(item, context, call.at);
    },
  };
}

function absolute(item: Item, context: Context, at: number): Items {
  if (typeof item.value === 'number')
    return [new Item(Math.abs(item.value), isInteger(item) ? 'System.Integer' : 'System.Decimal')];
  const quantity = isQuantity(item) ? quantityOf(item.value) : undefined;
  if (quantity === undefined) return context.fail(`abs() needs a number, not a ${nameOf(item)}.`, at);
  return [new Item({ ...quantity, value: Math.abs(quantity.value) }, 'System.Quantity')];
}

/** Integers to a whole power stay integers. */
function powerCode(call: Call): Code {
  return onTwo(call, (value, exponent, input) => {
    const result = value ** exponent;
    const first = input[0];
    const isWhole = first !== undefined && isInteger(first) && Number.isInteger(exponent) && exponent >= 0;
    if (!isWhole) return decimalItems(result);
    return Math.abs(result) > 2_147_483_647 ? none : integerItems(result);
  });
}

function roundCode(call: Call): Code {
  const precision = call.arguments.length > 0 ? call.argument(0).items : undefined;
  return {
    at: call.at,
    items: (self, context) => {
      const value = singleNumber(call.base.items(self, context), context, call.at, 'round()');
      const given = precision && singleInteger(precision(self, context), context, call.at, 'The precision of round()');
      if (given !== undefined && given < 0) context.fail('The precision of round() should not be negative.', call.at);
      return value === undefined ? none : decimalItems(roundDecimal(value, given ?? 0));
    },
  };
}
