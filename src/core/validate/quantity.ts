import { ucum } from '@atomic-ehr/ucum';
import { type JsonObject, own, text } from './json.ts';
import { isUcum } from './ucum.ts';

/** UCUM prefixes, as powers of ten: https://ucum.org/ucum#section-Prefixes */
const prefixes: Readonly<Record<string, number>> = {
  T: 12,
  G: 9,
  M: 6,
  k: 3,
  h: 2,
  da: 1,
  d: -1,
  c: -2,
  m: -3,
  u: -6,
  n: -9,
  p: -12,
};
const prefixable = ['g', 'm', 'L', 'l', 's', 'mol', 'Pa', 'J', 'W', 'Hz', 'N', 'V', 'A', 'K', 'cal', 'eq', '[IU]'];
/** Units of one dimension with their size in the first of them. */
const scales: readonly Readonly<Record<string, number>>[] = [
  { s: 1, min: 60, h: 3600, d: 86_400, wk: 604_800 },
  { mo: 1, a: 12 },
  { cm: 1, '[in_i]': 2.54, '[ft_i]': 30.48 },
  { g: 1, '[oz_av]': 28.349523125, '[lb_av]': 453.59237 },
];

/**
 * Compare two Quantities: negative, zero or positive as `a` is less than, equal to or more than `b`; undefined when
 * their units cannot be brought together.
 */
export function compareQuantities(a: JsonObject, b: JsonObject): number | undefined {
  const [left, right] = [own(a, 'value'), own(b, 'value')];
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const [from, to] = [unitOf(a), unitOf(b)];
  if (from === to) return left - right;
  if (from === undefined || to === undefined) return undefined;
  for (const scale of scales) {
    const [f, t] = [factorIn(scale, from), factorIn(scale, to)];
    if (f !== undefined && t !== undefined) return left * f - right * t;
  }
  const [f, t] = [baseOf(from), baseOf(to)];
  if (f !== undefined && t !== undefined && f.unit === t.unit) return left * f.factor - right * t.factor;
  return own(a, 'system') === own(b, 'system') ? byUcum(left, from, right, to) : undefined;
}

/** Other units by the tables of UCUM, which also know those with an offset, such as degrees of Celsius and Fahrenheit. */
function byUcum(left: number, from: string, right: number, to: string): number | undefined {
  // What stands in braces is counted, not measured: scores are no points.
  if (/[{}]/.test(from + to) || from.length + to.length > 100 || !isUcum(from) || !isUcum(to)) return undefined;
  try {
    const order = ucum.convert(left, from, to) - right;
    // Converted numbers are not exact: what differs by less than a billionth is the same.
    return Math.abs(order) <= Math.abs(right) * 1e-9 ? 0 : order;
  } catch {
    return undefined;
  }
}

function unitOf(quantity: JsonObject): string | undefined {
  return text(own(quantity, 'code')) ?? text(own(quantity, 'unit'));
}

function factorIn(scale: Readonly<Record<string, number>>, unit: string): number | undefined {
  if (Object.hasOwn(scale, unit)) return scale[unit];
  const base = baseOf(unit);
  if (base === undefined || base.factor === 1) return undefined;
  const [name] = Object.keys(scale);
  if (name === base.unit) return base.factor;
  return name === 'cm' && base.unit === 'm' ? base.factor * 100 : undefined;
}

function baseOf(unit: string): { readonly unit: string; readonly factor: number } | undefined {
  if (prefixable.includes(unit)) return { unit: unit === 'l' ? 'L' : unit, factor: 1 };
  for (const [prefix, power] of Object.entries(prefixes)) {
    const rest = unit.slice(prefix.length);
    if (unit.startsWith(prefix) && prefixable.includes(rest))
      return { unit: rest === 'l' ? 'L' : rest, factor: 10 ** power };
  }
  return undefined;
}
