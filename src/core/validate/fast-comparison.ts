import type { Node } from '../fhirpath/parser.ts';
import { compilePath } from './fast-expression-path.ts';
import { type Condition, type Focus, giveUp, onlyValue } from './fast-path.ts';
import { quote } from './fast-source.ts';
import { compareTimes } from './native-invariants.ts';

type Operator = (Node & { kind: 'binary' })['operator'];

const signs: Partial<Record<Operator, string>> = {
  '=': '===',
  '!=': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** A comparison of two single values; empty where one of them is. */
export function comparison(operator: Operator, left: Node, right: Node, focus: Focus): Condition | undefined {
  const [a, b] = [compilePath(left, focus), compilePath(right, focus)];
  const sign = signs[operator];
  if (a?.place === undefined || b?.place === undefined || sign === undefined) return undefined;
  const areTexts = texts.has(a.place.type) && texts.has(b.place.type);
  const order = areTexts ? textOrder : times.has(a.place.type) && times.has(b.place.type) ? timeOrder : plainOrder;
  const code: Condition['code'] = (frame, from) => {
    const [one, other] = [frame.variable(), frame.variable()];
    const isMissing = [a, b].map((path, at) => {
      const value = `(${at === 0 ? one : other}=${onlyValue(path, frame, from)})`;
      return path.literal === undefined ? `${value}===undefined` : `(${value},false)`;
    });
    const inOrder = `${frame.source.constant(order)}(${one},${other})${sign}0`;
    const literal = b.literal;
    const isPlain = literal !== undefined && (typeof literal === 'string' ? areTexts : typeof literal === 'number');
    // A value beside a literal of its own kind is compared in place: most comparisons are of this kind.
    const compared = isPlain ? `(typeof ${one}===${quote(typeof literal)}?${one}${sign}${other}:${inOrder})` : inOrder;
    return `(${isMissing.join('||')}?2:${compared}?1:0)`;
  };
  return { isBoolean: false, code };
}

const texts = new Set(['string', 'code', 'uri', 'url', 'canonical', 'id', 'markdown', 'oid', 'uuid']);
const times = new Set(['date', 'dateTime', 'instant']);

/** Negative, zero or positive for two numbers, or two booleans of which only equality is asked. */
function plainOrder(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one === 'boolean' && typeof other === 'boolean') return one === other ? 0 : 1;
  return giveUp();
}

function textOrder(one: unknown, other: unknown): number {
  if (typeof one !== 'string' || typeof other !== 'string') return plainOrder(one, other);
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function timeOrder(one: unknown, other: unknown): number {
  if (typeof one !== 'string' || typeof other !== 'string') return plainOrder(one, other);
  if (one === other) return 0;
  if (areAlike(one, other)) return one < other ? -1 : 1;
  const order = compareTimes(one, other);
  if (order === 'before') return -1;
  return order === 'after' ? 1 : giveUp();
}

/**
 * Two different times of one length and in one zone are in the order of their characters; a leap second is left to the
 * engine. To read them took 1 µs a Procedure.
 */
function areAlike(one: string, other: string): boolean {
  if (one.length !== other.length || one.length <= 10) return false;
  if (one.charCodeAt(17) === 54 || other.charCodeAt(17) === 54) return false;
  return one.slice(-6) === other.slice(-6) || (one.endsWith('Z') && other.endsWith('Z'));
}
