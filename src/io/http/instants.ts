import { searchFault } from './search-parameters.ts';

/** From `from` on and before `to`; milliseconds since 1970, UTC. `outside` turns it round (prefix ne). */
export interface Instants {
  readonly from: number;
  readonly to: number;
  readonly outside: boolean;
}

const form =
  /^(eq|ne|gt|ge|lt|le|sa|eb)?(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * Read a date of a search: a prefix and a date as exact as the caller wants, which stands for all of that year, month,
 * day, minute, second. Without a zone it is UTC.
 *
 * @see https://hl7.org/fhir/R4/search.html#date
 */
export function instants(name: string, value: string): Instants {
  // An offset's plus that was not escaped arrives as a space.
  const found = form.exec(value.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (found === null) throw searchFault(`${name} must be a date or an instant, such as ge2026-11-26T09:30:00Z.`);
  const { start, end } = covered(found);
  if (Number.isNaN(start)) throw searchFault(`${name} has a date or time that no calendar has.`);
  switch (found[1]) {
    case 'gt':
    case 'sa':
      return { from: end, to: Infinity, outside: false };
    case 'ge':
      return { from: start, to: Infinity, outside: false };
    case 'lt':
    case 'eb':
      return { from: -Infinity, to: start, outside: false };
    case 'le':
      return { from: -Infinity, to: end, outside: false };
    case 'ne':
      return { from: start, to: end, outside: true };
    default:
      return { from: start, to: end, outside: false };
  }
}

export function within(instant: string, range: Instants): boolean {
  const at = Date.parse(instant);
  return (at >= range.from && at < range.to) !== range.outside;
}

/** First millisecond of what the date covers, and the first after it. */
function covered(found: RegExpExecArray): { readonly start: number; readonly end: number } {
  const [, , year, month, day, hour, minute, second, fraction, zone = 'Z'] = found;
  if (hour === undefined) {
    const start = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1));
    const exists = new Date(start).getUTCMonth() === Number(month ?? 1) - 1;
    if (day !== undefined) return { start: exists ? start : Number.NaN, end: start + 86_400_000 };
    const end = month === undefined ? Date.UTC(Number(year) + 1, 0) : Date.UTC(Number(year), Number(month));
    return { start, end };
  }
  const start = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}.${(fraction ?? '0').slice(0, 3)}${zone}`,
  );
  const length = second === undefined ? 60_000 : fraction === undefined ? 1000 : 1;
  return { start, end: start + length };
}
