import type { ElementNode } from './element.ts';
import { isObject, own } from './json.ts';
import type { Path } from './path.ts';
import { compareQuantities } from './quantity.ts';
import type { Run } from './run.ts';

/** minValue, maxValue and maxLength: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_ */
export function checkRange(run: Run, value: unknown, node: ElementNode, path: Path): void {
  const finding = rangeFault(value, node, run.options.now);
  if (finding !== undefined) run.issues.add(path, { ...finding, node });
}

type RangeFault = { readonly code: string; readonly type: 'value' | 'too-long'; readonly message: string };

/** What is wrong with the size of the value; undefined when nothing is. */
export function rangeFault(value: unknown, node: ElementNode, now?: () => string): RangeFault | undefined {
  if (node.maxLength !== undefined && typeof value === 'string' && [...value].length > node.maxLength) {
    return {
      code: 'max-length',
      type: 'too-long',
      message: `${node.name} is longer than ${node.maxLength} characters; shorten it.`,
    };
  }
  if (node.minValue !== undefined && isBelow(value, bound(node.minValue, value, -1, now))) {
    return {
      code: 'min-value',
      type: 'value',
      message: `${node.name} is less than the least value allowed, ${limit(node.minValue)}; correct it.`,
    };
  }
  if (node.maxValue !== undefined && isBelow(bound(node.maxValue, value, 1, now), value)) {
    return {
      code: 'max-value',
      type: 'value',
      message: `${node.name} is more than the greatest value allowed, ${limit(node.maxValue)}; correct it.`,
    };
  }
  return undefined;
}

/** A duration as the limit of a date is counted from today: back for the least, ahead for the greatest. */
function bound(limitValue: unknown, value: unknown, sign: 1 | -1, now?: () => string): unknown {
  const amount = own(limitValue, 'value');
  if (typeof value !== 'string' || typeof amount !== 'number' || now === undefined) return limitValue;
  const day = new Date(now());
  const unit = own(limitValue, 'code');
  const months = unit === 'a' ? 12 : unit === 'mo' ? 1 : 0;
  const days = unit === 'wk' ? 7 : unit === 'd' ? 1 : 0;
  day.setUTCMonth(day.getUTCMonth() + sign * amount * months);
  day.setUTCDate(day.getUTCDate() + sign * amount * days);
  return day.toISOString();
}

/** Whether `a` is surely less than `b`; what cannot be compared is not. */
function isBelow(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') {
    const length = Math.min(a.length, b.length);
    const [left, right] = [instantOf(a), instantOf(b)];
    if (left !== undefined && right !== undefined) return left < right;
    return a.slice(0, length) < b.slice(0, length);
  }
  return isObject(a) && isObject(b) && (compareQuantities(a, b) ?? 0) < 0;
}

/** Milliseconds of a time stamp with zone, so that zones do not disturb the comparison. */
function instantOf(value: string): number | undefined {
  if (value.length < 20 || value.charAt(10) !== 'T') return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function limit(value: unknown): string {
  if (!isObject(value)) return String(value);
  return `${String(own(value, 'value'))} ${String(own(value, 'code') ?? own(value, 'unit') ?? '')}`.trim();
}
