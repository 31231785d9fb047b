import { cast } from './cast.ts';
import { Fault, kindOf } from './fault.ts';

const ucumSystem = 'http://unitsofmeasure.org';

export function textOf(value: unknown): string {
  if (typeof value === 'object') throw new Fault('mapping-transform-failed', `A text is needed, not ${kindOf(value)}.`);
  return String(value);
}

/** An object of the values that are there; undefined when none is. */
function filled(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

export function coding(system: unknown, code: unknown, display: unknown): Record<string, unknown> | undefined {
  return code === undefined ? undefined : filled({ system, code, display });
}

export function codeableConcept(values: readonly unknown[]): Record<string, unknown> | undefined {
  if (values.length === 1) return filled({ text: values[0] });
  const [system, code, display] = values;
  const one = coding(system, code, display);
  return one === undefined ? undefined : { coding: [one] };
}

const naturalQuantity = /^\s*(<=|>=|<|>)?\s*([+-]?\d+(?:\.\d+)?)\s*(\S.*)?$/;

export function quantity(values: readonly unknown[]): Record<string, unknown> | undefined {
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

export function identifier([system, value, type]: readonly unknown[]): Record<string, unknown> | undefined {
  if (value === undefined) return undefined;
  const kind =
    type === undefined
      ? undefined
      : { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: type }] };
  return filled({ type: kind, system, value: textOf(value) });
}

export function contactPoint(values: readonly unknown[]): Record<string, unknown> | undefined {
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
