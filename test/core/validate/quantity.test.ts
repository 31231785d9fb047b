import { expect, it } from 'vitest';
import { compareQuantities } from '../../../src/core/validate/quantity.ts';
import { isUcum } from '../../../src/core/validate/ucum.ts';

const quantity = (value: number, code: string) => ({ value, code, system: 'http://unitsofmeasure.org' });

it.each([
  [[1, 'kg'], [999, 'g'], 1],
  [[1, 'kg'], [1000, 'g'], 0],
  [[37, 'Cel'], [98.6, '[degF]'], 0],
  [[38, 'Cel'], [98.6, '[degF]'], 1],
  [[1, 'mg/dL'], [10, 'mg/L'], 0],
  [[5, 'deg'], [1, 'rad'], -1],
  [[1, 'h'], [61, 'min'], -1],
  [[1, '[mi_i]'], [1, 'km'], 1],
] as const)('%j against %j is %i', ([left, from], [right, to], order) => {
  expect(Math.sign(compareQuantities(quantity(left, from), quantity(right, to)) ?? Number.NaN)).toBe(order);
});

it.each([
  ['m', 's'],
  ['mmol/L', 'mg/dL'],
  ['{score}', '{points}'],
  ['kilos', 'kg'],
])('%s and %s cannot be compared', (from, to) => {
  expect(compareQuantities(quantity(1, from), quantity(2, to))).toBeUndefined();
});

it.each([
  'mm[Hg]',
  'cm',
  '%',
  '10*3/uL',
  '{score}',
  'mL/min/{1.73_m2}',
  '/10*12{rbc}',
  'g%',
  "''",
  '1',
  'deg',
  'U/(10.g){feces}',
])('%s is a unit of UCUM', (code) => expect(isUcum(code)).toBe(true));

it.each(['mmHg', 'degrees', 'lbs', 'years', '', 'cm ', 'm/', '{open', 'a}', '{a{b}}', '('.repeat(200)])(
  '%j is none',
  (code) => expect(isUcum(code)).toBe(false),
);
