import { describe, expect, test } from 'vitest';
import { checkMeasure, checkMeasurements, type Measure } from '../../../src/core/plan/measure.ts';
import type { Measurement } from '../../../src/core/plan/session.ts';
import { exampleSession, pain } from './examples.ts';

const painMeasure: Measure = {
  id: 'pain-nrs',
  name: 'Pain intensity',
  code: { system: 'http://loinc.org', code: '72514-3' },
  unit: '{score}',
  range: { min: 0, max: 10 },
  integer: true,
  better: 'lower',
  profile: 'https://tactus.example/fhir/StructureDefinition/massage-pain-observation',
  category: 'survey',
  bodySiteRequired: true,
  source: 'LOINC',
  verified: true,
};
const joint: Measure = {
  ...painMeasure,
  id: 'joint-rom',
  unit: 'deg',
  range: { min: -30, max: 360 },
  integer: false,
  movementRequired: true,
  lateralityRequired: true,
  sitesWithoutSide: ['neck'],
};
const measures = new Map([painMeasure, joint].map((measure) => [measure.id, measure]));
const flexion: Measurement = {
  ...pain('pre', 90),
  measure: 'joint-rom',
  unit: 'deg',
  bodySite: 'knee',
  laterality: 'left',
  movement: 'flexion',
  motion: 'active',
};

function without(measurement: Measurement, key: 'bodySite' | 'laterality' | 'movement' | 'motion'): Measurement {
  const { [key]: _, ...rest } = measurement;
  return rest;
}

describe('a measurement of', () => {
  test.each<readonly [string, Measurement, readonly string[]]>([
    ['pain 0', pain('pre', 0), []],
    ['pain 10', pain('pre', 10), []],
    ['pain 11', pain('pre', 11), ['out-of-range']],
    ['pain -1', pain('pre', -1), ['out-of-range']],
    ['pain 4.5', pain('pre', 4.5), ['not-whole']],
    ['pain in degrees', { ...pain('pre', 4), unit: 'deg' }, ['wrong-unit']],
    ['pain nowhere', without(pain('pre', 4), 'bodySite'), ['cardinality-min']],
    ['pain that is not in a file', { ...pain('pre', 4), measure: 'vas' }, ['unknown-measure']],
    ['a joint at -30', { ...flexion, value: -30 }, []],
    ['a joint at -31', { ...flexion, value: -31 }, ['out-of-range']],
    ['a joint at 360', { ...flexion, value: 360 }, []],
    ['a joint at 361', { ...flexion, value: 361 }, ['out-of-range']],
    ['a joint at 92.5', { ...flexion, value: 92.5 }, []],
    ['a joint without movement', without(flexion, 'movement'), ['cardinality-min']],
    ['a joint without side', without(flexion, 'laterality'), ['cardinality-min']],
    ['a joint of an unknown side', { ...flexion, laterality: 'unknown' }, ['cardinality-min']],
    ['the neck, which has no side', { ...without(flexion, 'laterality'), bodySite: 'neck' }, []],
    ['a joint without active or passive', without(flexion, 'motion'), ['cardinality-min']],
  ])('%s', (_, measurement, codes) => {
    const issues = checkMeasurements({ ...exampleSession, measurements: [measurement] }, measures);
    expect(issues.map((issue) => issue.code)).toEqual(codes);
  });

  test('two wrong things names both, with what is allowed', () => {
    const issues = checkMeasurements(
      { ...exampleSession, measurements: [pain('pre', 11), pain('post', 12)] },
      measures,
    );
    expect(issues.map((issue) => [issue.expression, issue.message])).toEqual([
      ['Session.measurements[0].value', 'pain-nrs is 11 {score}; the measure allows 0 to 10.'],
      ['Session.measurements[1].value', 'pain-nrs is 12 {score}; the measure allows 0 to 10.'],
    ]);
  });
});

describe('a measure file', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ['as it should be', painMeasure, []],
    ['with an upside-down range', { ...painMeasure, range: { min: 10, max: 0 } }, ['Measure.range']],
    ['with an id that is no file name', { ...painMeasure, id: 'Pain NRS' }, ['Measure.id']],
    ['without source', { ...painMeasure, source: '' }, ['Measure.source']],
    ['with a direction that is none', { ...painMeasure, better: 'sideways' }, ['Measure.better']],
  ])('%s', (_, file, paths) => {
    expect(checkMeasure(file).map((issue) => issue.expression)).toEqual(paths);
  });
});
