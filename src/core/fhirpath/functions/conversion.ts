import { type Code, decideOf } from '../code.ts';
import type { Context } from '../context.ts';
import { decimalText } from '../decimal.ts';
import { type Call, define, type FunctionDefinition, type Functions } from '../definition.ts';
import { booleanItems, Item, type Items, isInteger, isQuantity, isTemporal, none, stringItems } from '../item.ts';
import { singleItem } from '../operand.ts';
import { quantityOf, quantityText } from '../quantity.ts';
import { parseTemporal } from '../temporal.ts';

/**
 * Conversion: http://hl7.org/fhirpath/N1/#conversion
 */
export const conversionFunctions: Functions = {
  iif: define(2, 3, iifCode),
  ...pair('Boolean', toBoolean),
  ...pair('Integer', toInteger),
  ...pair('Decimal', toDecimal),
  ...pair('Date', (item) => toMoment(item, 'Date')),
  ...pair('DateTime', (item) => toMoment(item, 'DateTime')),
  ...pair('Time', (item) => toMoment(item, 'Time')),
  ...pair('Quantity', toQuantity),
  ...pair('String', toText),
};

const trueTexts = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const falseTexts = new Set(['false', 'f', 'no', 'n', '0', '0.0']);
const integerPattern = /^[+-]?\d{1,10}$/;
const decimalPattern = /^[+-]?\d{1,40}(?:\.\d{1,40})?$/;
const quantityPattern =
  /^([+-]?\d{1,40}(?:\.\d{1,40})?)(?:\s+(?:'([^']{1,64})'|((?:year|month|week|day|hour|minute|second|millisecond)s?)))?$/;

/** Only the branch that is chosen is worked out; the criterion sees the input as a whole. */
function iifCode(call: Call): Code {
  // Without an input before it, the function stands on the focus, and so do its arguments.
  const part = (index: number) => (call.hasBase ? call.onInput(index) : call.argument(index));
  const decide = decideOf(part(0));
  const then = part(1).items;
  const otherwise = call.arguments.length > 2 ? part(2).items : () => none;
  const choose: Code['items'] = (self, context) => (decide(self, context) === 1 ? then : otherwise)(self, context);
  if (!call.hasBase) return { at: call.at, items: choose };
  const input = call.base.items;
  return {
    at: call.at,
    items: (self, context) => {
      const outer = context.head;
      context.head = input(self, context);
      const result = choose(self, context);
      context.head = outer;
      return result;
    },
  };
}

function pair(type: string, convert: (item: Item) => Items): Record<string, FunctionDefinition> {
  const single = (call: Call, answer: (items: Items) => Items) => ({
    at: call.at,
    items: (self: Item, context: Context) => {
      const item = singleItem(call.base.items(self, context), context, call.at, `${call.name}()`);
      return item === undefined ? none : answer(convert(item));
    },
  });
  return {
    [`to${type}`]: define(0, 0, (call) => single(call, (items) => items)),
    [`convertsTo${type}`]: define(0, 0, (call) => single(call, (items) => booleanItems(items.length > 0))),
  };
}

function toBoolean({ value }: Item): Items {
  if (typeof value === 'boolean') return booleanItems(value);
  if (value === 1 || value === 0) return booleanItems(value === 1);
  if (typeof value !== 'string') return none;
  const text = value.toLowerCase();
  return trueTexts.has(text) ? booleanItems(true) : falseTexts.has(text) ? booleanItems(false) : none;
}

function toInteger(item: Item): Items {
  const value = item.value;
  if (isInteger(item)) return made(value, 'Integer');
  if (typeof value === 'boolean') return made(value ? 1 : 0, 'Integer');
  if (typeof value !== 'string' || !integerPattern.test(value)) return none;
  return Math.abs(Number(value)) > 2_147_483_647 ? none : made(Number(value), 'Integer');
}

function toDecimal({ value }: Item): Items {
  if (typeof value === 'number') return made(value, 'Decimal');
  if (typeof value === 'boolean') return made(value ? 1 : 0, 'Decimal');
  return typeof value === 'string' && decimalPattern.test(value) ? made(Number(value), 'Decimal') : none;
}

function toMoment(item: Item, type: 'Date' | 'DateTime' | 'Time'): Items {
  const text = item.value;
  if (typeof text !== 'string') return none;
  const moment = parseTemporal(text);
  if (moment === undefined || (moment.year === undefined) !== (type === 'Time')) return none;
  // A dateTime becomes a date by losing its time; a text must be a date as it stands.
  if (type !== 'Date') return made(type === 'Time' ? text.replace(/^T/, '') : text, type);
  if (text.length <= 10) return made(text, type);
  return isTemporal(item) ? made(text.slice(0, 10), type) : none;
}

function toQuantity(item: Item): Items {
  const value = typeof item.value === 'boolean' ? Number(item.value) : item.value;
  if (typeof value === 'number' || isQuantity(item)) {
    const quantity = quantityOf(value);
    return quantity === undefined ? none : made(quantity, 'Quantity');
  }
  const found = typeof value === 'string' ? quantityPattern.exec(value) : null;
  if (found === null) return none;
  const [, number, code, word] = found;
  if (word !== undefined) return made({ value: Number(number), unit: word }, 'Quantity');
  const unit = code ?? '1';
  return made({ value: Number(number), unit, system: 'http://unitsofmeasure.org', code: unit }, 'Quantity');
}

function toText(item: Item): Items {
  const value = item.value;
  if (typeof value === 'string') return stringItems(value);
  if (typeof value === 'number') {
    const text = decimalText(value);
    // A Decimal of the language shows that it is one; a number of the data stays as it is written.
    return stringItems(item.type === 'System.Decimal' && Number.isInteger(value) ? `${text}.0` : text);
  }
  if (typeof value === 'boolean') return stringItems(String(value));
  const quantity = isQuantity(item) ? quantityOf(value) : undefined;
  return quantity === undefined ? none : stringItems(quantityText(quantity, decimalText(quantity.value)));
}

function made(value: unknown, type: string): Items {
  return [new Item(value, `System.${type}`)];
}
