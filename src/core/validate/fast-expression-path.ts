import type { Node } from '../fhirpath/parser.ts';
import type { ElementNode } from './element.ts';
import { dot, type Frame, quote } from './fast-source.ts';
import type { JsonObject } from './json.ts';
import { isPrimitive } from './primitive.ts';
import type { Registry } from './registry.ts';
import { choiceKey } from './shape.ts';

/**
 * FHIRPath paths as JavaScript: `code.coding.where(code = 'x')` becomes loops over plain JSON. The values that such code
 * meets were already held to the structure of their elements, so arrays are arrays with items, and nothing is null.
 */

/** A condition as JavaScript: an expression that is a boolean, or where it may be empty 0 false, 1 true, 2 empty. */
export interface Condition {
  readonly isBoolean: boolean;
  /** @param from Name of the variable that the condition stands on. */
  readonly code: (frame: Frame, from: string) => string;
}

/** Thrown, always the same, where a value is not of the plain kind that this subset is written for. */
export const notSure = new Error('not sure');

export function giveUp(): never {
  throw notSure;
}

/** What a value is, as far as the definition says. */
export interface Place {
  readonly node: ElementNode;
  readonly type: string;
}

export interface Focus {
  readonly registry: Registry;
  readonly place: Place;
  /** Conditions lead back to paths (`where`), and paths to conditions. */
  readonly conditionOf: (node: Node, focus: Focus) => Condition | undefined;
}

type Body = (value: string) => string;

/** The values of a path, and what they are where that is one thing. */
export interface Path {
  /** Statements that run the body for each value. */
  readonly visit: (frame: Frame, from: string, body: Body) => string;
  /** Expression of the value, undefined without one; absent where there may be several. */
  readonly one?: (frame: Frame, from: string) => string;
  /** Expression of whether there is a value, where that is simpler than going through them. */
  readonly exists?: (frame: Frame, from: string) => string;
  readonly place?: Place;
  /** A choice that is not yet narrowed to a type. */
  readonly choice?: { readonly child: ElementNode; readonly from: Path };
  /** A union, of which FHIRPath would drop what is there twice. */
  readonly mayRepeat?: boolean;
  readonly literal?: string | number | boolean;
}

/** @returns undefined when the path uses more than this subset knows. */
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

/** A path of at most one value. */
function single(one: (frame: Frame, from: string) => string): Path {
  return {
    one,
    visit(frame, from, body) {
      const value = frame.variable();
      return `if((${value}=${one(frame, from)})!==undefined){${body(value)}}`;
    },
  };
}

/** The only value of a path, as an expression; where there are several, the code gives up. */
export function onlyValue(path: Path, frame: Frame, from: string): string {
  if (path.one !== undefined) return path.one(frame, from);
  const name = frame.source.helper('v,s', (inner) => {
    const found = inner.variable();
    const giveUpNow = `if(${found}!==undefined)${inner.source.constant(giveUp)}();`;
    return `${path.visit(inner, 'v', (value) => `${giveUpNow}${found}=${value};`)}return ${found};`;
  });
  return `${name}(${from},s)`;
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

type Read = (frame: Frame, base: string) => string;

/** One step further: from one value or from each of several, to one value or to the items of an array. */
function step(from: Path, read: Read, isArray: boolean): Path {
  const each = (frame: Frame, base: string, body: Body) => {
    const value = frame.variable();
    if (!isArray) return `if((${value}=${read(frame, base)})!==undefined){${body(value)}}`;
    const [at, item] = [frame.variable(), frame.variable()];
    return `if((${value}=${read(frame, base)})!==undefined)for(${at}=0;${at}<${value}.length;${at}++){${item}=${value}[${at}];${body(item)}}`;
  };
  const visit: Path['visit'] = (frame, start, body) => from.visit(frame, start, (base) => each(frame, base, body));
  const { one } = from;
  if (one === undefined) return { visit };
  const value = (frame: Frame, start: string) => {
    const before = one(frame, start);
    if (before === start) return read(frame, start);
    const base = frame.variable();
    return `((${base}=${before})===undefined?undefined:${read(frame, base)})`;
  };
  return isArray
    ? { visit, exists: (frame, start) => `${value(frame, start)}!==undefined` }
    : { ...single(value), visit };
}

/** The code gives up on a primitive with something beside its value: FHIRPath would see that, too. */
function readKey(frame: Frame, base: string, key: string, isPrimitiveKey: boolean): string {
  const plain = `${base}${dot(key)}`;
  if (!isPrimitiveKey) return plain;
  return `(s.hasExtras&&${base}${dot(`_${key}`)}!==undefined?${frame.source.constant(giveUp)}():${plain})`;
}

function readChoice(frame: Frame, base: string, keys: readonly string[]): string {
  const { source } = frame;
  // Reading is quicker than going through the keys that are there, until a choice has very many types.
  if (keys.length > 12) return `${source.constant(choiceReader(keys))}(${base})`;
  const beside = keys.map((key) => `${base}${dot(`_${key}`)}!==undefined`).join('||');
  const plain = keys.map((key) => `${base}${dot(key)}`).join('??');
  return `(s.hasExtras&&(${beside})?${source.constant(giveUp)}():${plain})`;
}

function choiceReader(keys: readonly string[]): (one: JsonObject) => unknown {
  const names = new Set(keys);
  return (one) => {
    let found: unknown;
    for (const key in one) {
      if (names.has(key)) found = one[key];
      else if (key.charCodeAt(0) === 95 && names.has(key.slice(1))) giveUp();
    }
    return found;
  };
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

export function isTrue({ isBoolean, code }: Condition, frame: Frame, from: string): string {
  return isBoolean ? code(frame, from) : `(${code(frame, from)})===1`;
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
