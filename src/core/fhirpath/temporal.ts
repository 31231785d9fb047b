/** A date, dateTime or time taken apart. Parts that are not given are undefined. */
export interface Temporal {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
  /** With its fraction. */
  readonly second?: number;
  /** Minutes east of UTC. */
  readonly offset?: number;
}

/** Strings longer than this are no date: nanoseconds and an offset take 35 characters. */
const maximalLength = 40;
const clock = '(\\d\\d)(?::(\\d\\d)(?::(\\d\\d(?:\\.\\d+)?))?)?';
const datePattern = new RegExp(`^(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:T(?:${clock})?)?)?)?(Z|[+-]\\d\\d:\\d\\d)?$`);
const timePattern = new RegExp(`^T?${clock}$`);

/**
 * Take apart a date (`2026-11`), a dateTime (`2026-11-26T09:00:00Z`) or a time (`09:00`).
 *
 * @returns undefined when the text is none of these or names an impossible moment, such as a 13th month.
 * @see http://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function parseTemporal(text: string): Temporal | undefined {
  if (text.length > maximalLength || text.length < 2) return undefined;
  const date = datePattern.exec(text);
  const time = date === null ? timePattern.exec(text) : date.slice(3);
  if (time === null) return undefined;
  const temporal: Temporal = {
    year: part(date?.[1]),
    month: part(date?.[2]),
    day: part(date?.[3]),
    hour: part(time[1]),
    minute: part(time[2]),
    second: part(time[3]),
    offset: offsetMinutes(date?.[7]),
  };
  return isPossible(temporal) ? temporal : undefined;
}

/** Whether a text can be read as a date, dateTime or time. */
export function isPossibleTemporal(text: string): boolean {
  return parseTemporal(text) !== undefined;
}

/**
 * Compare two moments to the precision that both have.
 *
 * @returns -1, 0, 1; undefined when one is less precise and equal so far, when one is a date and one a time of day, and
 *   when one names its zone, the other does not, and its zone would decide.
 * @see http://hl7.org/fhirpath/N1/#comparison
 */
export function compareTemporals(left: Temporal, right: Temporal): -1 | 0 | 1 | undefined {
  if ((left.year === undefined) !== (right.year === undefined)) return undefined;
  if (left.minute !== undefined && right.minute !== undefined && left.year !== undefined) {
    const minutes = utcMinutes(left) - utcMinutes(right);
    if ((left.offset === undefined) !== (right.offset === undefined)) {
      return compareAcrossZones(left.offset === undefined ? minutes : -minutes, left.offset === undefined ? 1 : -1);
    }
    return minutes === 0 ? compareParts(left.second, right.second) : sign(minutes);
  }
  for (const key of ['year', 'month', 'day', 'hour', 'minute'] as const) {
    const result = compareParts(left[key], right[key]);
    if (result !== 0) return result;
    if (left[key] === undefined && left.year !== undefined) return 0;
  }
  return compareParts(left.second, right.second);
}

/** A local time that is `minutes` after a moment: its zone may lie from 12 hours west to 14 hours east of UTC. */
function compareAcrossZones(minutes: number, direction: 1 | -1): -1 | 1 | undefined {
  if (minutes > 14 * 60) return direction;
  return minutes < -12 * 60 ? (direction === 1 ? -1 : 1) : undefined;
}

/** Days since 1970-01-01 of a day in the Gregorian calendar; the month counts from 1 and may be out of range. */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  // Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last one.
  const shifted = year + Math.floor((month - 3) / 12);
  const monthFromMarch = (((month - 3) % 12) + 12) % 12;
  const century = Math.floor(shifted / 100);
  const leapDays = Math.floor(shifted / 4) - century + Math.floor(century / 4);
  return shifted * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 719_469;
}

/** How many days a month has; the month counts from 1. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function compareParts(left: number | undefined, right: number | undefined): -1 | 0 | 1 | undefined {
  if (left === undefined || right === undefined) return left === right ? 0 : undefined;
  return sign(left - right);
}

function sign(difference: number): -1 | 0 | 1 {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

/** Minutes since 1970 in UTC; of a moment that names no zone, as if it were UTC. */
function utcMinutes(moment: Temporal): number {
  const days = daysSinceEpoch(moment.year ?? 0, moment.month ?? 1, moment.day ?? 1);
  return days * 1440 + (moment.hour ?? 0) * 60 + (moment.minute ?? 0) - (moment.offset ?? 0);
}

function part(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function offsetMinutes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return text.startsWith('-') ? -minutes : minutes;
}

function isPossible(t: Temporal): boolean {
  if (t.year === undefined && t.hour === undefined) return false;
  if (t.month !== undefined && (t.month < 1 || t.month > 12)) return false;
  if (t.day !== undefined && (t.day < 1 || t.day > daysInMonth(t.year ?? 0, t.month ?? 1))) return false;
  if (t.hour !== undefined && (t.hour > 24 || (t.year !== undefined && t.day === undefined))) return false;
  if (t.minute !== undefined && t.minute > 59) return false;
  return t.second === undefined || t.second < 61;
}
