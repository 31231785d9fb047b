import { cast, isCastable } from './cast.ts';
import { formatFault, fromUnix, readDate } from './dates.ts';
import { escapeFault, escapeText } from './escape.ts';
import { Fault, kindOf } from './fault.ts';

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
const ucumSystem = 'http://unitsofmeasure.org';

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

function textOf(value: unknown): string {
  if (typeof value === 'object') throw new Fault('mapping-transform-failed', `A text is needed, not ${kindOf(value)}.`);
  return String(value);
}

function truncate(value: unknown, length: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = textOf(value);
  const end = Number(length);
  // By characters, not by UTF-16 units: half a surrogate pair is no text.
  return /[\ud800-\udfff]/.test(text) ? [...text].slice(0, end).join('') : text.slice(0, end);
}

function append(values: readonly unknown[]): string | undefined {
  let joined: string | undefined;
  for (const value of values) {
    if (value === undefined) continue;
    joined = (joined ?? '') + (typeof value === 'string' ? value : textOf(value));
  }
  return joined;
}

function identity(resource: unknown): { readonly resourceType: string; readonly id: string } {
  const { resourceType, id } = (typeof resource === 'object' && resource !== null ? resource : {}) as Record<
    string,
    unknown
  >;
  if (typeof resourceType !== 'string')
    throw new Fault(
      'mapping-reference',
      `Only a resource can be referred to, not ${kindOf(resource)} without resourceType.`,
    );
  if (typeof id !== 'string' || id === '')
    throw new Fault(
      'mapping-reference',
      `The ${resourceType} has no id, so nothing can refer to it: set its id first.`,
    );
  return { resourceType, id };
}

function referenceTo(resource: unknown): string {
  const { resourceType, id } = identity(resource);
  return `${resourceType}/${id}`;
}

/** What a Reference inside a transaction holds: the full URL of the entry, which is the id as URN where it is a UUID. */
function pointerTo(resource: unknown): string {
  const { resourceType, id } = identity(resource);
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
    ? `urn:uuid:${id.toLowerCase()}`
    : `${resourceType}/${id}`;
}

/** An object of the values that are there; undefined when none is. */
function filled(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

function coding(system: unknown, code: unknown, display: unknown): Record<string, unknown> | undefined {
  return code === undefined ? undefined : filled({ system, code, display });
}

function codeableConcept(values: readonly unknown[]): Record<string, unknown> | undefined {
  if (values.length === 1) return filled({ text: values[0] });
  const [system, code, display] = values;
  const one = coding(system, code, display);
  return one === undefined ? undefined : { coding: [one] };
}

const naturalQuantity = /^\s*(<=|>=|<|>)?\s*([+-]?\d+(?:\.\d+)?)\s*(\S.*)?$/;

function quantity(values: readonly unknown[]): Record<string, unknown> | undefined {
  if (values.length > 1) {
    const [value, unit, system, code] = values;
    if (value === undefined) return undefined;
    return filled({
      value: cast(value, 'decimal'),
      unit,
      system: system ?? (code === undefined ? undefined : ucumSystem),
      code,
    });
  }
  if (values[0] === undefined) return undefined;
  const found = naturalQuantity.exec(textOf(values[0]));
  if (found === null) throw new Fault('mapping-transform-failed', 'The text is no quantity such as "<5 mg".');
  return filled({ value: Number(found[2]), comparator: found[1], unit: found[3]?.trim() });
}

function identifier([system, value, type]: readonly unknown[]): Record<string, unknown> | undefined {
  if (value === undefined) return undefined;
  const kind =
    type === undefined
      ? undefined
      : { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: type }] };
  return filled({ type: kind, system, value: textOf(value) });
}

function contactPoint(values: readonly unknown[]): Record<string, unknown> | undefined {
  const [first, second] = values;
  if (values.length > 1) return second === undefined ? undefined : filled({ system: first, value: textOf(second) });
  return first === undefined ? undefined : filled({ system: contactSystem(textOf(first)), value: textOf(first) });
}

/** Mail and web addresses and telephone numbers show what they are; anything else stays without a system. */
function contactSystem(value: string): string | undefined {
  if (/^(mailto:)?[^\s@]+@[^\s@]+$/.test(value)) return 'email';
  if (/^https?:\/\//.test(value)) return 'url';
  return /^(tel:)?\+?[\d\s()./-]{3,}$/.test(value) ? 'phone' : undefined;
}
