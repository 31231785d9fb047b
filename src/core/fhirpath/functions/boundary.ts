import type { Code } from '../code.ts';
import { nameOf } from '../comparison.ts';
import { addDecimals, decimalPlaces } from '../decimal.ts';
import { type Call, define, type Functions } from '../definition.ts';
import { Item, type Items, isQuantity, isTemporal, none } from '../item.ts';
import { singleInteger, singleItem } from '../operand.ts';
import { quantityOf } from '../quantity.ts';
import { daysInMonth, parseTemporal, type Temporal } from '../temporal.ts';

/**
 * The least and the greatest value that a value of limited precision may stand for: 2014 may be any day of that year.
 * Profiles use them to compare dates of unequal precision. The argument is a precision: decimal places, or digits of the
 * date (4 year, 6 month, 8 day, 10, 12, 14 time, 17 milliseconds; for a time of day 2, 4, 6, 9).
 *
 * @see https://hl7.org/fhirpath/2025Jan/#lowboundaryprecision-integer-decimal--date--datetime--time
 */
export const boundaryFunctions: Functions = {
  lowBoundary: define(0, 1, (call) => boundaryCode(call, false)),
  highBoundary: define(0, 1, (call) => boundaryCode(call, true)),
};

/** Places of a decimal where none are asked for, and at most. */
const decimalDefault = 8;
const decimalMaximum = 28;

function boundaryCode(call: Call, isHigh: boolean): Code {
  const precision = call.arguments.length > 0 ? call.argument(0).items : undefined;
  return {
    at: call.at,
    items: (self, context) => {
      const item = singleItem(call.base.items(self, context), context, call.at, `${call.name}()`);
      const given = precision && singleInteger(precision(self, context), context, call.at, `${call.name}()`);
      if (item === undefined || item.value === undefined) return none;
      if (typeof item.value === 'number') {
        return items(decimalBoundary(item.value, given ?? decimalDefault, isHigh), 'System.Decimal');
      }
      if (isQuantity(item)) return quantityBoundary(item, given ?? decimalDefault, isHigh);
      const moment = typeof item.value === 'string' ? parseTemporal(item.value) : undefined;
      if (moment === undefined) return context.fail(`${call.name}() does not work on a ${nameOf(item)}.`, call.at);
      const isDate = item.type === 'date' || item.type === 'System.Date';
      const isTime = moment.year === undefined;
      const digits = given ?? (isTime ? 9 : isDate ? 8 : 17);
      const type = isTemporal(item) ? item.type : `System.${isTime ? 'Time' : 'DateTime'}`;
      return items(isTime ? timeBoundary(moment, digits, isHigh) : dateBoundary(moment, digits, isHigh), type);
    },
  };
}

function items(value: number | string | undefined, type: string): Items {
  return value === undefined ? none : [new Item(value, type)];
}

function decimalBoundary(value: number, places: number, isHigh: boolean): number | undefined {
  if (places < 0 || places > decimalMaximum) return undefined;
  const half = Number(`5e${-(decimalPlaces(value) + 1)}`);
  const bound = addDecimals(value, isHigh ? half : -half);
  if (decimalPlaces(bound) <= places) return bound;
  // Cut outwards, so that the bound still holds all that the value may stand for.
  const unit = Number(`1e${-places}`);
  const cut = Number(bound.toFixed(places));
  if (isHigh ? cut >= bound : cut <= bound) return cut === 0 ? 0 : cut;
  return addDecimals(cut, isHigh ? unit : -unit);
}

function quantityBoundary(item: Item, places: number, isHigh: boolean): Items {
  const quantity = quantityOf(item.value);
  const value = quantity === undefined ? undefined : decimalBoundary(quantity.value, places, isHigh);
  return value === undefined ? none : [new Item({ ...quantity, value }, 'System.Quantity')];
}

function dateBoundary(moment: Temporal, digits: number, isHigh: boolean): string | undefined {
  const year = moment.year ?? 0;
  const month = moment.month ?? (isHigh ? 12 : 1);
  const day = moment.day ?? (isHigh ? daysInMonth(year, month) : 1);
  const date = [pad(year, 4), pad(month, 2), pad(day, 2)];
  if (digits === 4 || digits === 6 || digits === 8) return date.slice(0, digits / 2 - 1).join('-');
  if (digits === 10 || digits === 12 || digits === 14 || digits === 17) {
    return `${date.join('-')}T${clock(moment, digits - 8, isHigh)}${zone(moment, isHigh)}`;
  }
  return undefined;
}

function timeBoundary(moment: Temporal, digits: number, isHigh: boolean): string | undefined {
  return digits === 2 || digits === 4 || digits === 6 || digits === 9 ? clock(moment, digits, isHigh) : undefined;
}

function clock(moment: Temporal, digits: number, isHigh: boolean): string {
  const second = moment.second ?? (isHigh ? 59.999 : 0);
  const hourAndMinute = [pad(moment.hour ?? (isHigh ? 23 : 0), 2), pad(moment.minute ?? (isHigh ? 59 : 0), 2)];
  if (digits <= 4) return hourAndMinute.slice(0, digits / 2).join(':');
  const isWhole = moment.second !== undefined && Number.isInteger(second);
  const exact = isHigh && isWhole ? second + 0.999 : second;
  const text = digits === 9 ? exact.toFixed(3).padStart(6, '0') : pad(Math.floor(second), 2);
  return [...hourAndMinute, text].join(':');
}

/** Time zones reach from 14 hours east to 12 hours west of UTC: it is earliest in the east. */
function zone(moment: Temporal, isHigh: boolean): string {
  const { offset } = moment;
  if (offset === undefined) return isHigh ? '-12:00' : '+14:00';
  if (offset === 0) return 'Z';
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
