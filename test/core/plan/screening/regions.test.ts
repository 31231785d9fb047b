import { expect, test } from 'vitest';
import type { Laterality } from '../../../../src/core/plan/fhir-parts.ts';
import { rules } from './record.ts';

const place = (region: string, laterality: Laterality = 'unknown') => ({ region, laterality });
const meet = (a: string, b: string) => rules.regions.meet([place(a)], [place(b)]);

test.each([
  ['knee', 'knee', true],
  ['knee', 'lower-limb', true],
  ['knee', 'entire-body', true],
  ['knee', 'both-knees', true],
  ['knee', 'thigh', true],
  ['knee', 'lower-leg', true],
  ['knee', 'ankle', false],
  ['thigh', 'lower-leg', false],
  ['knee', 'upper-limb', false],
  ['lumbar-spine', 'back', true],
  ['lumbar', 'upper-back', false],
  ['scapula', 'shoulder', true],
  ['neck', 'cervical-spine', true],
  ['neck', 'head', false],
  ['abdomen', 'back', false],
  ['abdomen', 'trunk', true],
  ['knee', 'other', true],
])('%s and %s share tissue: %s', (a, b, shared) => {
  expect(meet(a, b)).toBe(shared);
  expect(meet(b, a)).toBe(shared);
});

test('a place that nobody names may be anywhere', () => {
  expect(rules.regions.meet([], [place('knee')])).toBe(true);
  expect(rules.regions.meet([place('knee')], [])).toBe(true);
  expect(rules.regions.meet([], [])).toBe(true);
});

test.each([
  ['left', 'right', false],
  ['right', 'left', false],
  ['left', 'left', true],
  ['left', 'bilateral', true],
  ['left', 'unknown', true],
  ['left', 'none', true],
] as const)('a %s and a %s knee share tissue: %s', (a, b, shared) => {
  expect(rules.regions.meet([place('knee', a)], [place('knee', b)])).toBe(shared);
});
