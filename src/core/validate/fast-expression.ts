import { type Node, parseFhirPath } from '../fhirpath/parser.ts';
import type { ElementNode } from './element.ts';
import { type Condition, compilePath, type Focus, notSure, type Path, type Truth } from './fast-expression-path.ts';
import { compareTimes } from './native-invariants.ts';
import type { Registry } from './registry.ts';

/**
 * Compile an invariant of the common kind (paths, ofType, where, exists, comparison with literals, logic) straight onto
 * JSON, the structure being known from the definition.
 *
 * @returns Whether it surely holds: false means that the FHIRPath engine must be asked; undefined when the expression
 *   uses more than this subset.
 * @see http://hl7.org/fhirpath/N1/
 */
export function compileCondition(
  expression: string,
  node: ElementNode,
  registry: Registry,
): ((value: unknown) => boolean) | undefined {
  let condition: Condition | undefined;
  try {
    condition = conditionOf(parseFhirPath(expression).node, {
      registry,
      conditionOf,
      place: { node, type: node.types[0]?.code ?? node.name },
    });
  } catch {
    // Not even FHIRPath: the engine says so when it is asked.
    return undefined;
  }
  if (condition === undefined) return undefined;
  const decide = condition;
  return (value) => {
    try {
      return decide(value) !== 0;
    } catch (error) {
      if (error === notSure) return false;
      throw error;
    }
  };
}

function conditionOf(node: Node, focus: Focus): Condition | undefined {
  if (node.kind === 'literal') return typeof node.value === 'boolean' ? constant(node.value ? 1 : 0) : undefined;
  if (node.kind === 'binary') return logic(node.operator, node.left, node.right, focus);
  if (node.kind === 'call') return callCondition(node, focus);
  const path = compilePath(node, focus);
  return path === undefined ? undefined : (value) => truthOf(path.read(value));
}

function constant(truth: Truth): Condition {
  return () => truth;
}

/** A single value as a condition: a boolean is itself, anything else is true. */
function truthOf(values: readonly unknown[]): Truth {
  if (values.length > 1) throw notSure;
  if (values.length === 0) return 2;
  return values[0] === false ? 0 : 1;
}

function callCondition(node: Node & { kind: 'call' }, focus: Focus): Condition | undefined {
  const { name, base } = node;
  const [argument] = node.arguments;
  if (name === 'not' && base !== undefined) {
    const inner = conditionOf(base, focus);
    return inner && ((value) => flip(inner(value)));
  }
  const path = base === undefined ? undefined : compilePath(base, focus);
  if (path === undefined) return undefined;
  if (name === 'exists' && argument === undefined) return (value) => (path.read(value).length > 0 ? 1 : 0);
  if (name === 'empty') return (value) => (path.read(value).length > 0 ? 0 : 1);
  if (name === 'exists' && argument !== undefined) {
    const filter = path.place === undefined ? undefined : conditionOf(argument, { ...focus, place: path.place });
    return filter && ((value) => (path.read(value).some((one) => filter(one) === 1) ? 1 : 0));
  }
  if (
    (name === 'startsWith' || name === 'endsWith') &&
    argument?.kind === 'literal' &&
    typeof argument.value === 'string'
  ) {
    const part = argument.value;
    const test = (text: string) => (name === 'startsWith' ? text.startsWith(part) : text.endsWith(part));
    return (value) => {
      const one = single(path.read(value));
      if (one === undefined) return 2;
      if (typeof one !== 'string') throw notSure;
      return test(one) ? 1 : 0;
    };
  }
  const result = compilePath(node, focus);
  return result === undefined ? undefined : (value) => truthOf(result.read(value));
}

function flip(truth: Truth): Truth {
  if (truth === 2) return 2;
  return truth === 1 ? 0 : 1;
}

function single(values: readonly unknown[]): unknown {
  if (values.length > 1) throw notSure;
  return values[0];
}

type Operator = (Node & { kind: 'binary' })['operator'];

function logic(operator: Operator, left: Node, right: Node, focus: Focus): Condition | undefined {
  if (operator !== 'and' && operator !== 'or' && operator !== 'implies' && operator !== 'xor') {
    return comparison(operator, left, right, focus);
  }
  const [a, b] = [conditionOf(left, focus), conditionOf(right, focus)];
  if (a === undefined || b === undefined) return undefined;
  if (operator === 'and') return (value) => and(a(value), () => b(value));
  if (operator === 'or') return (value) => flip(and(flip(a(value)), () => flip(b(value))));
  if (operator === 'implies') return (value) => flip(and(a(value), () => flip(b(value))));
  return (value) => {
    const [one, other] = [a(value), b(value)];
    if (one === 2 || other === 2) return 2;
    return one === other ? 0 : 1;
  };
}

function and(one: Truth, other: () => Truth): Truth {
  if (one === 0) return 0;
  const second = other();
  if (second === 0) return 0;
  return one === 1 && second === 1 ? 1 : 2;
}

function comparison(operator: Operator, left: Node, right: Node, focus: Focus): Condition | undefined {
  const [a, b] = [compilePath(left, focus), compilePath(right, focus)];
  const compare = comparisons[operator];
  if (a === undefined || b === undefined || compare === undefined) return undefined;
  return (value) => {
    const [one, other] = [single(a.read(value)), single(b.read(value))];
    if (one === undefined || other === undefined) return 2;
    return compare(orderOf(one, a, other, b)) ? 1 : 0;
  };
}

const comparisons: Partial<Record<Operator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const texts = new Set(['string', 'code', 'uri', 'url', 'canonical', 'id', 'markdown', 'oid', 'uuid']);
const times = new Set(['date', 'dateTime', 'instant']);

/** Negative, zero or positive; only for two numbers, two texts, two booleans, or two times whose order is plain. */
function orderOf(one: unknown, a: Path, other: unknown, b: Path): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one === 'boolean' && typeof other === 'boolean') return one === other ? 0 : 1;
  if (typeof one !== 'string' || typeof other !== 'string') throw notSure;
  const [left, right] = [a.place?.type ?? '', b.place?.type ?? ''];
  if (times.has(left) && times.has(right)) {
    const order = compareTimes(one, other);
    if (order === 'before') return -1;
    if (order === 'after') return 1;
    throw notSure;
  }
  if (!texts.has(left) || !texts.has(right)) throw notSure;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
