import type { Duration } from './rule.ts';

/**
 * How long ago something happened, when its date may be a year, a month, a day or an instant. Dates without a time are
 * compared as days in UTC. A date that is not certain is read as the latest that it may be: that is the dangerous
 * reading of "how long ago".
 */

const hour = 3_600_000;
const day = 24 * hour;
const shape = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.+)?)?)?$/;

interface Moment {
  /** Milliseconds since 1970 of the latest day (at its start) or instant that is meant. */
  readonly at: number;
  readonly isDay: boolean;
}

/** @returns Undefined for a text that is no FHIR dateTime. */
function moment(value: string): Moment | undefined {
  const parts = shape.exec(value);
  if (parts === null) return undefined;
  const [, year, month, dayOfMonth, time] = parts;
  if (time !== undefined) {
    // A time without an offset is no FHIR dateTime; read as UTC it means the same on every machine.
    const at = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`);
    return Number.isNaN(at) ? undefined : { at, isDay: false };
  }
  const monthIndex = month === undefined ? 11 : Number(month) - 1;
  // Day 0 of the next month is the last of this one.
  const at =
    dayOfMonth === undefined
      ? Date.UTC(Number(year), monthIndex + 1, 0)
      : Date.UTC(Number(year), monthIndex, Number(dayOfMonth));
  return { at, isDay: true };
}

/**
 * Whether something that happened on `date` is certainly at least `duration` old.
 *
 * @param now An instant.
 * @returns False when the date is absent or cannot be read.
 */
export function isAtLeastOld(date: string | undefined, duration: Duration, now: string): boolean {
  const then = date === undefined ? undefined : moment(date);
  if (then === undefined) return false;
  return after(then, duration) <= comparable(then, duration, now);
}

/** The same for longer than `duration`: exactly `duration` is not enough. */
export function isOlder(date: string | undefined, duration: Duration, now: string): boolean {
  const then = date === undefined ? undefined : moment(date);
  if (then === undefined) return false;
  return after(then, duration) < comparable(then, duration, now);
}

/** A day is compared with the day of now, except in hours: there its last moment counts. */
function comparable(then: Moment, duration: Duration, now: string): number {
  const at = Date.parse(now);
  return then.isDay && duration.unit !== 'hours' ? at - (((at % day) + day) % day) : at;
}

function after(then: Moment, { value, unit }: Duration): number {
  if (unit === 'months') return addMonths(then.at, value);
  if (unit === 'hours') return then.at + value * hour + (then.isDay ? day - 1 : 0);
  return then.at + value * (unit === 'weeks' ? 7 * day : day);
}

/** 31 August and six months is the last of February. */
function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const sameDay = new Date(at);
  sameDay.setUTCMonth(sameDay.getUTCMonth() + months);
  const wanted = (date.getUTCMonth() + months) % 12;
  if (sameDay.getUTCMonth() !== wanted) sameDay.setUTCDate(0);
  return sameDay.getTime();
}
