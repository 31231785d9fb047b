import { ucum } from '@atomic-ehr/ucum';
import { isOlder } from './clinical-time.ts';
import { type Json, object, objects, text } from './json.ts';
import type { ObservationLimit } from './rule.ts';
import type { Found } from './walk.ts';

/** One value of an Observation: its own, or that of one component. */
export interface ObservedValue {
  readonly loinc: string;
  readonly path: string;
  /** valueQuantity as sent. */
  readonly quantity?: Json;
  /** SNOMED CT codes of valueCodeableConcept. */
  readonly values: readonly string[];
  /** When it was measured; where that is not told, when it was issued. */
  readonly at?: string;
}

const unusable = new Set(['entered-in-error', 'cancelled']);

/** Values of a LOINC-coded Observation; none when it was withdrawn. */
export function observedValues({ path, resource }: Found): ObservedValue[] {
  if (resource.resourceType !== 'Observation' || unusable.has(text(resource.status) ?? '')) return [];
  const period = object(resource.effectivePeriod);
  const at =
    text(resource.effectiveDateTime) ??
    text(resource.effectiveInstant) ??
    text(period?.end) ??
    text(period?.start) ??
    text(resource.issued);
  return [
    ...valuesAt(resource, path, at),
    ...objects(resource.component).flatMap((component, index) =>
      component === undefined ? [] : valuesAt(component, `${path}.component[${index}]`, at),
    ),
  ];
}

function valuesAt(element: Json, path: string, at: string | undefined): ObservedValue[] {
  const quantity = object(element.valueQuantity);
  const coded = objects(object(element.valueCodeableConcept)?.coding).flatMap((coding) => text(coding?.code) ?? []);
  if (quantity === undefined && coded.length === 0) return [];
  return objects(object(element.code)?.coding).flatMap((coding) => {
    const loinc = text(coding?.code);
    if (coding?.system !== 'http://loinc.org' || loinc === undefined) return [];
    return [
      {
        loinc,
        path,
        values: coded,
        ...(quantity === undefined ? {} : { quantity }),
        ...(at === undefined ? {} : { at }),
      },
    ];
  });
}

/**
 * Whether a value reaches a rule's limit.
 *
 * @returns `unreadable` when its unit cannot be converted to the limit's: then a person must look.
 */
export function reaches(value: ObservedValue, limit: ObservationLimit, now: string): boolean | 'unreadable' {
  if (isOlder(value.at, limit.within, now)) return false;
  if (limit.values?.some((code) => value.values.includes(code))) return true;
  if (limit.atLeast === undefined || value.quantity === undefined) return false;
  const number = value.quantity.value;
  const unit = text(value.quantity.code) ?? text(value.quantity.unit);
  if (typeof number !== 'number' || unit === undefined) return 'unreadable';
  const converted = convert(number, unit, limit.atLeast.unit);
  if (converted === undefined) return 'unreadable';
  // "Less than 37" is certainly below 38; "less than 40" may be above it, and the dangerous reading counts.
  const comparator = text(value.quantity.comparator);
  if (comparator === '>' || comparator === '>=') return true;
  if (comparator === '<') return converted > limit.atLeast.value;
  return converted >= limit.atLeast.value;
}

/** Conversions seen so far, as scale and offset: one of the library takes about 20 µs. */
const lines = new Map<string, readonly [scale: number, offset: number] | undefined>();
const lineLimit = 200;

/** Undefined for a unit that UCUM does not know or that measures something else. 100.4 [degF] is 38 Cel, not 38.00…6. */
function convert(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const key = `${from} ${to}`;
  if (!lines.has(key)) {
    if (lines.size >= lineLimit) lines.clear();
    lines.set(key, line(from, to));
  }
  const known = lines.get(key);
  return known === undefined ? undefined : Math.round((value * known[0] + known[1]) * 1e6) / 1e6;
}

/** All units that rules use (temperature, pressure) convert along a line. */
function line(from: string, to: string): readonly [number, number] | undefined {
  try {
    const offset = ucum.convert(0, from, to);
    return [(ucum.convert(1000, from, to) - offset) / 1000, offset];
  } catch {
    return undefined;
  }
}
