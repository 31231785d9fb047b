import type { Node } from '../fhirpath/parser.ts';
import type { ElementNode } from './element.ts';
import { type Focus, isTrue, notSure, onlyValue, type Path, readChoice, readKey, single, step } from './fast-path.ts';
import { type Frame, quote } from './fast-source.ts';
import { isPrimitive } from './primitive.ts';
import { choiceKey } from './shape.ts';

/**
 * FHIRPath paths as JavaScript: `code.coding.where(code = 'x')` becomes loops over plain JSON. The values that such code
 * meets were already held to the structure of their elements, so arrays are arrays with items, and nothing is null.
 *
 * @returns undefined when the path uses more than this subset knows.
 */
export function compilePath(node: Node, focus: Focus): Path | undefined {
  if (node.kind === 'literal') return literalPath(node.type, node.value);
  if (node.kind === 'sign' && node.operand.kind === 'literal' && typeof node.operand.value === 'number') {
    return literalPath(node.operand.type, node.sign === '-' ? -node.operand.value : node.operand.value);
  }
  if (node.kind === 'variable') return node.name === 'ucum' ? literalPath('String', ucum) : undefined;
  if (node.kind === 'special') return node.name === '$this' ? self(focus) : undefined;
  if (node.kind === 'member') {
    const from = node.base === undefined ? self(focus) : compilePath(node.base, focus);
    return from && member(from, node.name, focus);
  }
  if (node.kind === 'call') return call(node, focus);
  if (node.kind !== 'binary') return undefined;
  const [left, right] = [compilePath(node.left, focus), compilePath(node.right, focus)];
  if (left === undefined || right === undefined) return undefined;
  if (node.operator === '|') return union(left, right, focus);
  return node.operator === 'mod' ? modulo(left, right) : undefined;
}

const ucum = 'http://unitsofmeasure.org';

function self(focus: Focus): Path {
  return { ...single((_, from) => from), place: focus.place };
}

const literalTypes: Readonly<Record<string, string>> = {
  String: 'string',
  Integer: 'integer',
  Decimal: 'decimal',
  Boolean: 'boolean',
};

function literalPath(type: string, value: unknown): Path | undefined {
  const name = literalTypes[type];
  if (name === undefined || typeof value === 'object' || value === undefined) return undefined;
  // What is too large for a number has no text as one.
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  const literal = value as string | number | boolean;
  return { ...single(() => `(${quote(literal)})`), place: { node: anything, type: name }, literal };
}

/** Node of values that have no children. */
const anything: ElementNode = {
  id: '',
  profile: '',
  name: '',
  isChoice: false,
  isArray: false,
  min: 0,
  max: 1,
  types: [],
  baseTypes: [],
  expected: [],
  mustHaveValue: false,
  bindings: [],
  invariants: [],
  isModifier: false,
  slices: [],
  children: new Map(),
};

function member(from: Path, name: string, { registry }: Focus): Path | undefined {
  if (from.place === undefined || isPrimitive(from.place.type)) return undefined;
  const { node, type } = from.place;
  const content = node.isChoice && node.children === undefined ? registry.type(type) : node;
  const child = content === undefined ? undefined : registry.children(content).get(name);
  if (child === undefined || child.types.some((one) => registry.isKind(one.code, 'Resource'))) return undefined;
  if (child.isChoice) {
    const keys = child.baseTypes.map((one) => choiceKey(child, one));
    return { ...step(from, (frame, base) => readChoice(frame, base, keys), false), choice: { child, from } };
  }
  const code = child.types[0]?.code ?? 'Element';
  const read = (frame: Frame, base: string) => readKey(frame, base, name, isPrimitive(code));
  return { ...step(from, read, child.isArray), place: { node: child, type: code }, mayRepeat: from.mayRepeat };
}

function call(node: Node & { kind: 'call' }, focus: Focus): Path | undefined {
  const base = node.base === undefined ? undefined : compilePath(node.base, focus);
  const [argument] = node.arguments;
  if (base === undefined) return undefined;
  if ((node.name === 'ofType' || node.name === 'as') && argument?.kind === 'member' && argument.base === undefined) {
    return narrow(base, argument.name);
  }
  if (node.name === 'first' && !base.mayRepeat) return first(base);
  if (node.name === 'count' && !base.mayRepeat) return count(base);
  if (node.name !== 'where' || argument === undefined || base.place === undefined) return undefined;
  const filter = focus.conditionOf(argument, { ...focus, place: base.place });
  if (filter === undefined) return undefined;
  const { place, mayRepeat } = base;
  return {
    place,
    mayRepeat,
    visit: (frame, from, body) =>
      base.visit(frame, from, (value) => `if(${isTrue(filter, frame, value)}){${body(value)}}`),
  };
}

function first(base: Path): Path {
  if (base.one !== undefined) return base;
  const one = (frame: Frame, from: string) => {
    const name = frame.source.helper('v,s', (inner) => base.visit(inner, 'v', (value) => `return ${value};`));
    return `${name}(${from},s)`;
  };
  return { ...single(one), place: base.place };
}

function count(base: Path): Path {
  const one = (frame: Frame, from: string) => {
    const name = frame.source.helper('v,s', (inner) => {
      const total = inner.variable();
      return `${total}=0;${base.visit(inner, 'v', () => `${total}++;`)}return ${total};`;
    });
    return `${name}(${from},s)`;
  };
  return { ...single(one), place: { node: anything, type: 'integer' } };
}

function narrow(base: Path, type: string): Path | undefined {
  if (base.place?.type === type) return base;
  const { choice } = base;
  const chosen = choice?.child.baseTypes.find((one) => one.code === type);
  if (choice === undefined || chosen === undefined) return undefined;
  const key = choiceKey(choice.child, chosen);
  const read = (frame: Frame, from: string) => readKey(frame, from, key, isPrimitive(type));
  return { ...step(choice.from, read, false), place: { node: choice.child, type } };
}

function union(left: Path, right: Path, { registry }: Focus): Path {
  const type = left.place?.type;
  const root = type !== undefined && type === right.place?.type ? registry.type(type) : undefined;
  const visit: Path['visit'] = (frame, from, body) => left.visit(frame, from, body) + right.visit(frame, from, body);
  if (root === undefined || type === undefined) return { visit, mayRepeat: true };
  return { visit, place: { node: root, type }, mayRepeat: true };
}

function modulo(left: Path, right: Path): Path {
  const one = (frame: Frame, from: string) =>
    `${frame.source.constant(remainder)}(${onlyValue(left, frame, from)},${onlyValue(right, frame, from)})`;
  return { ...single(one), place: { node: anything, type: 'decimal' } };
}

/** Of fractions the engine calculates decimally, which floating point does not. */
function remainder(one: unknown, other: unknown): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (!Number.isInteger(one) || !Number.isInteger(other) || other === 0) throw notSure;
  return Number(one) % Number(other);
}
