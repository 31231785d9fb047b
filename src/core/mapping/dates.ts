import { Fault } from './fault.ts';

/** Parts of a date and time as read, before they are put together. */
type Parts = Record<
  'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'half' | 'zone',
  string | undefined
>;

const codes: Readonly<Record<string, { readonly part: keyof Parts; readonly pattern: string }>> = {
  yyyy: { part: 'year', pattern: '\\d{4}' },
  MM: { part: 'month', pattern: '\\d{2}' },
  M: { part: 'month', pattern: '\\d{1,2}' },
  dd: { part: 'day', pattern: '\\d{2}' },
  d: { part: 'day', pattern: '\\d{1,2}' },
  HH: { part: 'hour', pattern: '\\d{2}' },
  H: { part: 'hour', pattern: '\\d{1,2}' },
  hh: { part: 'hour', pattern: '\\d{2}' },
  h: { part: 'hour', pattern: '\\d{1,2}' },
  mm: { part: 'minute', pattern: '\\d{2}' },
  m: { part: 'minute', pattern: '\\d{1,2}' },
  ss: { part: 'second', pattern: '\\d{2}' },
  s: { part: 'second', pattern: '\\d{1,2}' },
  a: { part: 'half', pattern: '[AaPp][Mm]?' },
  Z: { part: 'zone', pattern: 'Z|[+-]\\d{2}:?\\d{2}' },
};
const codePattern = /yyyy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|S+|a|Z|./g;

interface Format {
  readonly pattern: RegExp;
  readonly parts: readonly (keyof Parts)[];
}

const formats = new Map<string, Format>();

/**
 * Prepare a format such as `dd.MM.yyyy HH:mm`; the required codes of
 * https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html#date-op-details and those with one digit.
 * @returns A sentence when it holds a code that is not supported (`yy`, `MMM`, `z`); undefined when it is fine.
 */
export function formatFault(format: string): string | undefined {
  if (/(?<!y)y{1,3}(?!y)|M{3,}|z/.test(format))
    return `The date format "${format}" has a code that is not supported: use yyyy, MM, dd, HH, hh, mm, ss, S, a, Z.`;
  if (!/yyyy|H|h/.test(format)) return `The date format "${format}" needs at least yyyy, or HH for a time.`;
  return undefined;
}

function compiled(format: string): Format {
  const known = formats.get(format);
  if (known !== undefined) return known;
  const parts: (keyof Parts)[] = [];
  let source = '';
  for (const [piece] of format.matchAll(codePattern)) {
    const code = codes[piece];
    if (code !== undefined) {
      parts.push(code.part);
      source += `(${code.pattern})`;
    } else if (/^S+$/.test(piece)) {
      parts.push('fraction');
      source += `(\\d{${piece.length}})`;
    } else source += piece.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  }
  const found = { pattern: new RegExp(`^${source}$`), parts };
  formats.set(format, found);
  return found;
}

/**
 * Read a text by a format.
 * @param wanted `date`, `dateTime` or `time`; undefined takes what the format holds.
 * @throws Fault `mapping-date` when the text does not have the format, or is no day of the calendar.
 */
export function readDate(text: unknown, format: string, wanted?: 'date' | 'dateTime' | 'time'): string {
  const { pattern, parts } = compiled(format);
  const found = pattern.exec(String(text));
  if (found === null) throw new Fault('mapping-date', `The text does not have the format "${format}".`);
  const read: Partial<Parts> = {};
  parts.forEach((part, at) => {
    read[part] = found[at + 1];
  });
  const time = timeOf(read);
  if (wanted === 'time' || (wanted === undefined && read.year === undefined)) return required(time, format);
  const date = dateOf(read);
  if (wanted === 'date' || time === undefined || date.length < 10) return date;
  // R4 wants a time zone with every time; without one in the text there is none to be had, so the day is what is known.
  if (read.zone === undefined)
    throw new Fault('mapping-date', `A time needs a time zone: add Z to the format "${format}", or use toDate().`);
  return `${date}T${time}${zoneOf(read.zone)}`;
}

function required(value: string | undefined, format: string): string {
  if (value === undefined) throw new Fault('mapping-date', `The format "${format}" holds no time.`);
  return value;
}

function dateOf(read: Partial<Parts>): string {
  const two = (part: string): string => part.padStart(2, '0');
  const { year = '', month, day } = read;
  if (month === undefined) return year;
  if (day === undefined) return checked(`${year}-${two(month)}`);
  return checked(`${year}-${two(month)}-${two(day)}`);
}

function checked(date: string): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const days = new Date(Date.UTC(2000, month, 0)).getUTCDate();
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month < 1 || month > 12 || day < 1 || day > days || (month === 2 && day === 29 && !leap))
    throw new Fault('mapping-date', 'The text is no day of the calendar.');
  return date;
}

function timeOf(read: Partial<Parts>): string | undefined {
  if (read.hour === undefined) return undefined;
  let hour = Number(read.hour);
  const afternoon = read.half?.toLowerCase().startsWith('p');
  if (read.half !== undefined) hour = (hour % 12) + (afternoon ? 12 : 0);
  const minute = Number(read.minute ?? 0);
  const second = Number(read.second ?? 0);
  if (hour > 23 || minute > 59 || second > 60) throw new Fault('mapping-date', 'The text is no time of the day.');
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(hour)}:${two(minute)}:${two(second)}${read.fraction === undefined ? '' : `.${read.fraction}`}`;
}

function zoneOf(zone: string): string {
  return zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** Seconds since 1970 as a dateTime in a zone such as `+02:00`. */
export function fromUnix(value: unknown, zone: string, wanted: 'date' | 'dateTime' | 'time'): string {
  const seconds = Number(value);
  const found = /^(?:Z|([+-])(\d\d):?(\d\d))$/.exec(zone);
  if (!Number.isFinite(seconds) || found === null || Math.abs(seconds) > 8e12)
    throw new Fault('mapping-date', 'A Unix time is a number of seconds, and its zone is Z or like +02:00.');
  const offset = (found[1] === '-' ? -1 : 1) * (Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0));
  const iso = new Date((seconds + offset * 60) * 1000).toISOString();
  if (wanted === 'date') return iso.slice(0, 10);
  const time = iso.slice(11, 19);
  return wanted === 'time' ? time : `${iso.slice(0, 10)}T${time}${zoneOf(zone)}`;
}
