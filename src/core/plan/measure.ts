import { type Static, Type } from '@sinclair/typebox';
import type { Issue } from '../fhir/issue.ts';
import { checker } from './check.ts';
import { closed, oneOf, TextSchema } from './fhir-parts.ts';
import type { Measurement, Session } from './session.ts';

/**
 * A measure: something that can be measured, as data: mappings/measures/<id>.json. Adding one is adding a file.
 */
export const MeasureSchema = Type.Object(
  {
    /** The file's name without `.json`: lower case with hyphens, for example `pain-nrs`. */
    id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', description: 'lower case letters, digits and hyphens' }),
    name: TextSchema,
    code: Type.Object({ system: TextSchema, code: TextSchema, display: Type.Optional(TextSchema) }, closed),
    /** UCUM code of the value, for example `{score}`. */
    unit: TextSchema,
    /** Both ends are allowed values. */
    range: Type.Object({ min: Type.Number(), max: Type.Number() }, closed),
    integer: Type.Optional(Type.Boolean()),
    /** Which direction is an improvement; absent where it depends (blood pressure). */
    better: Type.Optional(oneOf(['lower', 'higher'])),
    /** Canonical URL of the Observation profile. */
    profile: TextSchema,
    /** https://hl7.org/fhir/R4/valueset-observation-category.html */
    category: oneOf(['survey', 'exam', 'vital-signs', 'therapy']),
    /** Whether a value means nothing without the region that it was measured on. */
    bodySiteRequired: Type.Optional(Type.Boolean()),
    /** Whether a value needs the side of its region, for example because limbs are compared with each other. */
    lateralityRequired: Type.Optional(Type.Boolean()),
    /** Regions (catalogue site.*) that have no side, where `lateralityRequired` does not hold. */
    sitesWithoutSide: Type.Optional(Type.Array(TextSchema)),
    /** Whether a value needs the movement of the joint and whether it was active or passive. */
    movementRequired: Type.Optional(Type.Boolean()),
    /** Where code, range and direction come from. */
    source: TextSchema,
    /** Whether code and display were seen together in that source. */
    verified: Type.Boolean(),
  },
  closed,
);

export type Measure = Static<typeof MeasureSchema>;

/** All measures by id. */
export type MeasureTable = ReadonlyMap<string, Measure>;

const checkShape = checker('Measure', MeasureSchema, (value) => {
  const { range } = value as Measure;
  if (range.min < range.max) return [];
  return [fault('out-of-range', 'Measure.range', `The range ${range.min} to ${range.max} holds no value.`)];
});

/** @returns Faults of a measure file's content; empty when it is a Measure. */
export function checkMeasure(value: unknown): Issue[] {
  return checkShape(value);
}

/**
 * Check a session's measurements against the measures.
 *
 * @returns A fault for each unknown measure, other unit, value outside the range, broken number where whole ones are
 *   measured, and missing region or movement; each names measure, value and what is allowed.
 */
export function checkMeasurements(session: Session, measures: MeasureTable): Issue[] {
  return session.measurements.flatMap((measurement, index) =>
    checkMeasurement(measurement, measures.get(measurement.measure), `Session.measurements[${index}]`),
  );
}

function checkMeasurement(measurement: Measurement, measure: Measure | undefined, path: string): Issue[] {
  const named = measurement.measure;
  if (measure === undefined) {
    return [
      fault('unknown-measure', `${path}.measure`, `The measure ${named} is not known; add its file or use another.`),
    ];
  }
  const { value, unit } = measurement;
  const { min, max } = measure.range;
  const issues: Issue[] = [];
  if (unit !== measure.unit) {
    issues.push(fault('wrong-unit', `${path}.unit`, `${named} is in ${unit}; it is measured in ${measure.unit}.`));
  } else if (value < min || value > max) {
    const allowed = `the measure allows ${min} to ${max}`;
    issues.push(fault('out-of-range', `${path}.value`, `${named} is ${value} ${unit}; ${allowed}.`));
  } else if (measure.integer === true && !Number.isInteger(value)) {
    issues.push(fault('not-whole', `${path}.value`, `${named} is ${value}; it is measured in whole numbers.`));
  }
  if (measure.bodySiteRequired === true && measurement.bodySite === undefined) {
    issues.push(fault('cardinality-min', `${path}.bodySite`, `${named} needs the region that it was measured on.`));
  }
  if (needsSide(measurement, measure)) {
    issues.push(fault('cardinality-min', `${path}.laterality`, `${named} needs its side: left, right or bilateral.`));
  }
  if (measure.movementRequired === true) issues.push(...checkMovement(measurement, path));
  return issues;
}

function needsSide(measurement: Measurement, measure: Measure): boolean {
  if (measure.lateralityRequired !== true) return false;
  const { bodySite, laterality } = measurement;
  if (bodySite !== undefined && measure.sitesWithoutSide?.includes(bodySite) === true) return false;
  return laterality === undefined || laterality === 'none' || laterality === 'unknown';
}

function checkMovement(measurement: Measurement, path: string): Issue[] {
  const needed = ['movement', 'motion'] as const;
  return needed
    .filter((element) => measurement[element] === undefined)
    .map((element) => fault('cardinality-min', `${path}.${element}`, `${measurement.measure} needs its ${element}.`));
}

function fault(code: string, expression: string, message: string): Issue {
  const type = code === 'cardinality-min' ? 'required' : code === 'unknown-measure' ? 'code-invalid' : 'value';
  return { severity: 'error', code, type, expression, message };
}
