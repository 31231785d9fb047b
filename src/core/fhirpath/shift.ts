import type { QuantityValue } from './ast.ts';
import { decimalPlaces } from './decimal.ts';
import { durationUnit } from './quantity.ts';
import { daysInMonth, daysSinceEpoch, parseTemporal, type Temporal } from './temporal.ts';

/** Seconds in the units of fixed length. */
const seconds: Readonly<Record<string, number>> = {
  week: 604_800,
  day: 86_400,
  hour: 3_600,
  minute: 60,
  second: 1,
  millisecond: 0.001,
};

/**
 * Move a date, dateTime or time by a duration, on the calendar: a month later than 31 January is the last of February.
 * A duration finer than the precision of the moment is first cut to that precision: `@2014 + 24 months` is `@2016`.
 *
 * @returns The moment with the precision and zone it had; empty text beyond year 1 or 9999; undefined when the text is no
 *   moment or the unit none of time.
 * @see http://hl7.org/fhirpath/N1/#datetime-arithmetic
 */
export function shiftTemporal(text: string, amount: QuantityValue): string | undefined {
  const moment = parseTemporal(text);
  const unit = durationUnit(amount);
  if (moment === undefined || unit === undefined) return undefined;
  if (moment.year === undefined) return shiftTime(text, moment, unit, amount.value);
  if (unit === 'year' || unit === 'month') {
    return shiftMonths(text, moment, Math.trunc(amount.value) * (unit === 'year' ? 12 : 1));
  }
  const value = unit === 'second' || unit === 'millisecond' ? amount.value : Math.trunc(amount.value);
  const length = value * (seconds[unit] ?? 0);
  // Without a day there is no calendar to count on: months of 30 days, years of 365.
  if (moment.month === undefined) return shiftMonths(text, moment, Math.trunc(length / (365 * 86_400)) * 12);
  if (moment.day === undefined) return shiftMonths(text, moment, Math.trunc(length / (30 * 86_400)));
  return shiftSeconds(text, moment, length);
}

function shiftMonths(text: string, moment: Temporal, months: number): string {
  const total =
    (moment.year ?? 0) * 12 +
    (moment.month ?? 1) -
    1 +
    (moment.month === undefined ? Math.trunc(months / 12) * 12 : months);
  const year = Math.floor(total / 12);
  const month = (total % 12) + 1;
  const day = Math.min(moment.day ?? 1, daysInMonth(year, month));
  return format(text, moment, { year, month, day });
}

function shiftSeconds(text: string, moment: Temporal, length: number): string {
  const days = daysSinceEpoch(moment.year ?? 0, moment.month ?? 1, moment.day ?? 1);
  if (moment.hour === undefined) return format(text, moment, civil(days + Math.trunc(length / 86_400)));
  const whole = moment.minute === undefined ? Math.trunc(length / 3_600) * 3_600 : wholeUnits(moment, length);
  const clock = days * 86_400 + moment.hour * 3_600 + (moment.minute ?? 0) * 60 + (moment.second ?? 0) + whole;
  const day = Math.floor(clock / 86_400);
  return format(text, moment, { ...civil(day), ...clockParts(clock - day * 86_400) });
}

function shiftTime(text: string, moment: Temporal, unit: string, value: number): string | undefined {
  if (unit !== 'hour' && unit !== 'minute' && unit !== 'second' && unit !== 'millisecond') return undefined;
  const length = wholeUnits(moment, value * (seconds[unit] ?? 0));
  const clock = (moment.hour ?? 0) * 3_600 + (moment.minute ?? 0) * 60 + (moment.second ?? 0) + length;
  return format(text, moment, clockParts(((clock % 86_400) + 86_400) % 86_400));
}

function wholeUnits(moment: Temporal, length: number): number {
  return moment.second === undefined ? Math.trunc(length / 60) * 60 : length;
}

function clockParts(clock: number): { hour: number; minute: number; second: number } {
  const whole = Math.floor(clock);
  // Milliseconds are the finest unit of a duration; sums of doubles are cut back to what was written.
  const fraction = Math.round((clock - whole) * 1e6) / 1e6;
  return { hour: Math.floor(whole / 3_600), minute: Math.floor(whole / 60) % 60, second: (whole % 60) + fraction };
}

/** The calendar day of a count of days since 1970-01-01. */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function format(text: string, old: Temporal, parts: Partial<Temporal>): string {
  const t = { ...old, ...parts };
  if (t.year !== undefined && (t.year < 1 || t.year > 9999)) return '';
  let result = t.year === undefined ? '' : pad(t.year, 4);
  if (old.month !== undefined) result += `-${pad(t.month, 2)}`;
  if (old.day !== undefined) result += `-${pad(t.day, 2)}`;
  if (old.hour !== undefined) result += `${old.year === undefined ? '' : 'T'}${pad(t.hour, 2)}`;
  if (old.minute !== undefined) result += `:${pad(t.minute, 2)}`;
  if (old.second !== undefined) result += `:${secondText(t.second ?? 0, /\.(\d+)/.exec(text)?.[1]?.length ?? 0)}`;
  return result + (/(?:Z|[+-]\d\d:\d\d)$/.exec(old.hour === undefined ? '' : text)?.[0] ?? '');
}

function secondText(second: number, places: number): string {
  const digits = Math.max(places, Math.min(6, decimalPlaces(second)));
  return second.toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0');
}

function pad(value: number | undefined, width: number): string {
  return String(value ?? 0).padStart(width, '0');
}
