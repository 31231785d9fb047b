import type { QuantityValue } from './ast.ts';
import { divideDecimals, multiplyDecimals } from './decimal.ts';

/** A quantity in a basic unit of its dimension, so that two of the same dimension compare by value. */
export interface Measured {
  readonly value: number;
  readonly dimension: string;
}

const calendar: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['year', [12, 'calendar month']],
  ['month', [1, 'calendar month']],
  ['week', [604_800, 's']],
  ['day', [86_400, 's']],
  ['hour', [3_600, 's']],
  ['minute', [60, 's']],
  ['second', [1, 's']],
  ['millisecond', [0.001, 's']],
]);

/** UCUM units with a factor that is an exact decimal; https://ucum.org/ucum. Others compare with the same unit only. */
const ucumUnits: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['1', [1, '1']],
  ['%', [0.01, '1']],
  ['wk', [604_800, 's']],
  ['d', [86_400, 's']],
  ['h', [3_600, 's']],
  ['min', [60, 's']],
  ['[in_i]', [0.0254, 'm']],
  ['[ft_i]', [0.3048, 'm']],
  ['[lb_av]', [453.59237, 'g']],
  ['[oz_av]', [28.349523125, 'g']],
  ['t', [1_000_000, 'g']],
  ['bar', [100_000, 'Pa']],
]);
const metricUnits: ReadonlyMap<string, string> = new Map([
  ['g', 'g'],
  ['m', 'm'],
  ['s', 's'],
  ['L', 'L'],
  ['l', 'L'],
  ['mol', 'mol'],
  ['Pa', 'Pa'],
  ['J', 'J'],
  ['W', 'W'],
  ['V', 'V'],
  ['N', 'N'],
  ['Hz', 'Hz'],
  ['eq', 'eq'],
  ['[iU]', '[iU]'],
  ['cal', 'cal'],
]);
const prefixes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['h', 1e2],
  ['da', 10],
  ['d', 0.1],
  ['c', 0.01],
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
  ['p', 1e-12],
  ['M', 1e6],
  ['G', 1e9],
]);

/** The calendar unit that a word or a UCUM time unit stands for in date arithmetic, in the singular. */
const timeUnits: ReadonlyMap<string, string> = new Map([
  ['a', 'year'],
  ['mo', 'month'],
  ['wk', 'week'],
  ['d', 'day'],
  ['h', 'hour'],
  ['min', 'minute'],
  ['s', 'second'],
  ['ms', 'millisecond'],
]);

/** A JSON value as a quantity; undefined when it has no number. */
export function quantityOf(value: unknown): QuantityValue | undefined {
  if (typeof value === 'number') return { value, unit: '1', system: 'http://unitsofmeasure.org', code: '1' };
  if (typeof value !== 'object' || value === null) return undefined;
  const quantity = value as Partial<Record<keyof QuantityValue, unknown>>;
  if (typeof quantity.value !== 'number') return undefined;
  return {
    value: quantity.value,
    ...(typeof quantity.unit === 'string' ? { unit: quantity.unit } : {}),
    ...(typeof quantity.system === 'string' ? { system: quantity.system } : {}),
    ...(typeof quantity.code === 'string' ? { code: quantity.code } : {}),
  };
}

/**
 * A quantity in a basic unit.
 *
 * Calendar years and months are a dimension of their own: a UCUM `a` is 365.25 days, a calendar year is not.
 *
 * @see http://hl7.org/fhirpath/N1/#quantity-equality
 */
export function measure(quantity: QuantityValue): Measured {
  const word = calendarUnit(quantity);
  if (word !== undefined) {
    const [factor, dimension] = calendar.get(word) ?? [1, word];
    return { value: multiplyDecimals(quantity.value, factor), dimension };
  }
  const unit = quantity.code ?? quantity.unit ?? '1';
  if (quantity.code !== undefined && !isUcum(quantity.system)) {
    return { value: quantity.value, dimension: `${quantity.system ?? ''}|${unit}` };
  }
  const [factor, dimension] = ucumFactor(unit);
  return { value: multiplyDecimals(quantity.value, factor), dimension };
}

/** -1, 0 or 1; undefined when the units cannot be compared. */
export function compareQuantities(left: QuantityValue, right: QuantityValue): -1 | 0 | 1 | undefined {
  const a = measure(left);
  const b = measure(right);
  if (a.dimension !== b.dimension) return undefined;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** The value of a quantity in the unit of another; undefined when the units have nothing in common. */
export function convertQuantity(quantity: QuantityValue, like: QuantityValue): number | undefined {
  const from = measure(quantity);
  const to = measure({ ...like, value: 1 });
  return from.dimension === to.dimension ? divideDecimals(from.value, to.value) : undefined;
}

/** The calendar unit of a duration, in the singular: `4 days` (HL7 also takes `4 'days'`) is `day`, `4 'wk'` is `week`. */
export function durationUnit(quantity: QuantityValue): string | undefined {
  const unit = quantity.code ?? quantity.unit ?? '';
  return calendarUnit(quantity) ?? timeUnits.get(unit) ?? calendarUnit({ value: 1, unit });
}

/** The unit as a user reads it: `days`, or `'mg'`. */
export function quantityText(quantity: QuantityValue, value: string): string {
  if (calendarUnit(quantity) !== undefined) return `${value} ${quantity.unit}`;
  return `${value} '${quantity.code ?? quantity.unit ?? '1'}'`;
}

function calendarUnit(quantity: QuantityValue): string | undefined {
  if (quantity.code !== undefined || quantity.unit === undefined) return undefined;
  const singular = quantity.unit.endsWith('s') ? quantity.unit.slice(0, -1) : quantity.unit;
  return calendar.has(singular) ? singular : undefined;
}

function isUcum(system: string | undefined): boolean {
  return system === undefined || system === 'http://unitsofmeasure.org';
}

function ucumFactor(unit: string): readonly [number, string] {
  const known = ucumUnits.get(unit);
  if (known !== undefined) return known;
  for (const length of [0, 1, 2]) {
    const factor = prefixes.get(unit.slice(0, length));
    const dimension = metricUnits.get(unit.slice(length));
    if (factor !== undefined && dimension !== undefined) return [factor, dimension];
  }
  return [1, unit];
}
