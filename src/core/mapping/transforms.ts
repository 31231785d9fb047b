import { cast, isCastable } from './cast.ts';
import { formatFault, fromUnix, readDate } from './dates.ts';
import { escapeFault, escapeText } from './escape.ts';
import { Fault } from './fault.ts';
import { codeableConcept, coding, contactPoint, identifier, quantity, textOf } from './make-datatype.ts';
import { pointerTo, referenceTo } from './refer.ts';

/** What a transform may ask of the run that it is in. */
export interface TransformRun {
  readonly now: string;
  readonly newId: () => string;
}

type Literals = readonly (string | number | boolean | undefined)[];

/** A transform that is a function of its arguments. An absent argument is undefined. */
export interface Transform {
  /** Fewest and most arguments. */
  readonly arguments: readonly [number, number];
  /** What it takes, in words. */
  readonly usage: string;
  /** The FHIR type that it gives. */
  readonly gives: (literals: Literals) => string | undefined;
  /** A sentence when constant arguments are wrong. */
  readonly check?: (literals: Literals) => string | undefined;
  /** @returns undefined to set nothing. @throws Fault */
  readonly apply: (values: readonly unknown[], run: TransformRun) => unknown;
}

const always = (type: string) => (): string => type;

const unixUsage = 'seconds since 1970 and a time zone';

/**
 * The transforms of https://hl7.org/fhir/R4/valueset-map-transform.html that need nothing but their arguments, and
 * the date transforms that replace `dateOp` in
 * https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html. create, copy, evaluate and translate are planned
 * on their own.
 */
export const transforms: ReadonlyMap<string, Transform> = new Map<string, Transform>([
  [
    'truncate',
    {
      arguments: [2, 2],
      usage: 'a text and a length',
      gives: always('string'),
      check: checkLength,
      apply: ([text, length]) => truncate(text, length),
    },
  ],
  [
    'escape',
    {
      arguments: [2, 3],
      usage: 'a text and one or two formats',
      gives: always('string'),
      check: (given) => escapeFault(given.slice(1)),
      apply: ([text, from, to]) =>
        text === undefined ? undefined : escapeText(textOf(text), String(from), String(to ?? from), to === undefined),
    },
  ],
  [
    'cast',
    {
      arguments: [1, 2],
      usage: 'a value and a type',
      gives: ([, type]) => (type === undefined ? undefined : String(type)),
      check: checkCast,
      apply: ([value, type]) => (value === undefined ? undefined : cast(value, String(type).replace(/^FHIR\./, ''))),
    },
  ],
  ['append', { arguments: [1, 50], usage: 'texts', gives: always('string'), apply: append }],
  [
    'reference',
    {
      arguments: [1, 1],
      usage: 'a resource',
      gives: always('string'),
      apply: ([resource]) => (resource === undefined ? undefined : referenceTo(resource)),
    },
  ],
  [
    'pointer',
    {
      arguments: [1, 1],
      usage: 'a resource',
      gives: always('uri'),
      apply: ([resource]) => (resource === undefined ? undefined : pointerTo(resource)),
    },
  ],
  ['uuid', { arguments: [0, 0], usage: 'nothing', gives: always('id'), apply: (_, run) => run.newId() }],
  [
    'dateOp',
    {
      arguments: [2, 2],
      usage: 'a text and its date format',
      gives: ([, format]) =>
        typeof format !== 'string'
          ? undefined
          : !format.includes('yyyy')
            ? 'time'
            : /H|h/.test(format)
              ? 'dateTime'
              : 'date',
      check: ([, format]) => checkFormat(format),
      apply: ([text, format]) => (text === undefined ? undefined : readDate(text, String(format))),
    },
  ],
  ['toDate', dateTransform('date', 'yyyy-MM-dd')],
  ['toDateTime', dateTransform('dateTime', 'yyyy-MM-ddTHH:mm:ssZ')],
  ['toTime', dateTransform('time', 'HH:mm:ss')],
  ['unixToDate', unixTransform('date')],
  ['unixToDateTime', unixTransform('dateTime')],
  ['unixToTime', unixTransform('time')],
  [
    'cc',
    {
      arguments: [1, 3],
      usage: 'a text, or a system, a code and a display',
      gives: always('CodeableConcept'),
      apply: codeableConcept,
    },
  ],
  [
    'c',
    {
      arguments: [2, 3],
      usage: 'a system, a code and a display',
      gives: always('Coding'),
      apply: ([system, code, display]) => coding(system, code, display),
    },
  ],
  [
    'qty',
    {
      arguments: [1, 4],
      usage: 'a text, or a value, a unit, a system and a code',
      gives: always('Quantity'),
      apply: quantity,
    },
  ],
  ['id', { arguments: [2, 3], usage: 'a system, a value and a type', gives: always('Identifier'), apply: identifier }],
  [
    'cp',
    {
      arguments: [1, 2],
      usage: 'a value, or a system and a value',
      gives: always('ContactPoint'),
      apply: contactPoint,
    },
  ],
]);

function dateTransform(type: 'date' | 'dateTime' | 'time', standard: string): Transform {
  return {
    arguments: [1, 2],
    usage: 'a text and its date format',
    gives: always(type),
    check: ([, format]) => (format === undefined ? undefined : checkFormat(format)),
    apply: ([text, format]) =>
      text === undefined
        ? undefined
        : format === undefined
          ? readStandard(text, type, standard)
          : readDate(text, String(format), type),
  };
}

/** Without a format a text already in FHIR's own form passes as it is. */
function readStandard(text: unknown, type: 'date' | 'dateTime' | 'time', standard: string): string {
  try {
    return String(cast(text, type));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return readDate(text, standard, type);
  }
}

function unixTransform(type: 'date' | 'dateTime' | 'time'): Transform {
  return {
    arguments: [1, 2],
    usage: unixUsage,
    gives: always(type),
    apply: ([value, zone]) => (value === undefined ? undefined : fromUnix(value, String(zone ?? 'Z'), type)),
  };
}

function checkLength([, length]: Literals): string | undefined {
  return length === undefined || (typeof length === 'number' && Number.isInteger(length) && length >= 0)
    ? undefined
    : 'The length of truncate() is a whole number from 0.';
}

function checkCast([, type]: Literals): string | undefined {
  return type === undefined || isCastable(String(type).replace(/^FHIR\./, ''))
    ? undefined
    : `cast() knows the primitive types of FHIR, not "${String(type)}".`;
}

function checkFormat(format: string | number | boolean | undefined): string | undefined {
  return typeof format === 'string'
    ? formatFault(format)
    : "A date format is a text in quotes, for example 'dd.MM.yyyy'.";
}

/** The first characters of a text. By characters, not by UTF-16 units: half a surrogate pair is no text. */
export function truncate(value: unknown, length: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = textOf(value);
  const end = Number(length);
  const short = text.slice(0, end);
  return /[\ud800-\udfff]/.test(short) ? [...text].slice(0, end).join('') : short;
}

function append(values: readonly unknown[]): string | undefined {
  let joined: string | undefined;
  for (const value of values) {
    if (value === undefined) continue;
    joined = (joined ?? '') + (typeof value === 'string' ? value : textOf(value));
  }
  return joined;
}
