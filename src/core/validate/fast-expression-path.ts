import type { Node } from '../fhirpath/parser.ts';
import type { ElementNode } from './element.ts';
import { isObject, type JsonObject } from './json.ts';
import { isPrimitive } from './primitive.ts';
import type { Registry } from './registry.ts';
import { choiceKey } from './shape.ts';

/** 1 true, 0 false, 2 empty: FHIRPath's three-valued logic. */
export type Truth = 0 | 1 | 2;

/** Answers a condition on a JSON value. Throws `notSure` where only the FHIRPath engine can say. */
export type Condition = (value: unknown) => Truth;

/** Thrown, always the same, where a value is not of the plain kind that this subset is written for. */
export const notSure = new Error('not sure');

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

/** A path on JSON: its values, and what they are where that is one thing. */
export interface Path {
  readonly read: (value: unknown) => readonly unknown[];
  readonly place?: Place;
  /** A choice that is not yet narrowed to a type. */
  readonly choice?: { readonly child: ElementNode; readonly from: Path };
  /** A union, of which FHIRPath would drop what is there twice. */
  readonly mayRepeat?: boolean;
}

/** @returns undefined when the path uses more than this subset knows. */
export function compilePath(node: Node, focus: Focus): Path | undefined {
  if (node.kind === 'literal') return literal(node);
  if (node.kind === 'sign' && node.operand.kind === 'literal' && typeof node.operand.value === 'number') {
    const { operand } = node;
    return literal({ ...operand, value: node.sign === '-' ? -node.operand.value : node.operand.value });
  }
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

function self(focus: Focus): Path {
  return { read: (value) => [value], place: focus.place };
}

function literal(node: Node & { kind: 'literal' }): Path | undefined {
  const { type, value } = node;
  const name = { String: 'string', Integer: 'integer', Decimal: 'decimal', Boolean: 'boolean' }[type as string];
  const values = [value];
  return name === undefined ? undefined : { read: () => values, place: { node: anything, type: name } };
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
  if (from.place === undefined) return undefined;
  const { node, type } = from.place;
  const content = node.isChoice && node.children === undefined ? registry.type(type) : node;
  const child = content === undefined ? undefined : registry.children(content).get(name);
  if (child === undefined || child.types.some((one) => registry.isKind(one.code, 'Resource'))) return undefined;
  if (child.isChoice) {
    const keys = child.baseTypes.map((one) => choiceKey(child, one));
    return { read: reader(from, keys, true), choice: { child, from } };
  }
  const code = child.types[0]?.code ?? 'Element';
  return {
    read: reader(from, [name], isPrimitive(code)),
    place: { node: child, type: code },
    mayRepeat: from.mayRepeat,
  };
}

function reader(from: Path, keys: readonly string[], hasExtras: boolean): (value: unknown) => readonly unknown[] {
  const [key = ''] = keys;
  const beside = keys.map((name) => `_${name}`);
  const [besideKey = ''] = beside;
  // Names come from definitions and are no names that objects inherit, so plain access is enough.
  const readOne = (one: JsonObject): unknown => {
    if (keys.length === 1) {
      if (hasExtras && one[besideKey] !== undefined) throw notSure;
      return one[key];
    }
    if (beside.some((name) => one[name] !== undefined)) throw notSure;
    return keys.map((name) => one[name]).find((item) => item !== undefined);
  };
  return (value) => {
    const objects = from.read(value);
    if (objects.length === 1) {
      const [one] = objects;
      if (!isObject(one)) throw notSure;
      const inner = readOne(one);
      if (inner === undefined || inner === null) return nothing;
      return Array.isArray(inner) ? inner : [inner];
    }
    const found: unknown[] = [];
    for (const one of objects) {
      if (!isObject(one)) throw notSure;
      const inner = readOne(one);
      if (Array.isArray(inner)) found.push(...inner);
      else if (inner !== undefined && inner !== null) found.push(inner);
    }
    return found;
  };
}

const nothing: readonly unknown[] = [];

function call(node: Node & { kind: 'call' }, focus: Focus): Path | undefined {
  const base = node.base === undefined ? undefined : compilePath(node.base, focus);
  const [argument] = node.arguments;
  if (base === undefined) return undefined;
  if ((node.name === 'ofType' || node.name === 'as') && argument?.kind === 'member' && argument.base === undefined) {
    return narrow(base, argument.name);
  }
  if (node.name === 'first' && !base.mayRepeat) return { ...base, read: (value) => base.read(value).slice(0, 1) };
  if (node.name === 'count' && !base.mayRepeat) {
    return { read: (value) => [base.read(value).length], place: { node: anything, type: 'integer' } };
  }
  if (node.name !== 'where' || argument === undefined || base.place === undefined) return undefined;
  const filter = focus.conditionOf(argument, { ...focus, place: base.place });
  return filter && { ...base, read: (value) => base.read(value).filter((one) => filter(one) === 1) };
}

function narrow(base: Path, type: string): Path | undefined {
  if (base.place?.type === type) return base;
  const { choice } = base;
  const chosen = choice?.child.baseTypes.find((one) => one.code === type);
  if (choice === undefined || chosen === undefined) return undefined;
  return {
    read: reader(choice.from, [choiceKey(choice.child, chosen)], isPrimitive(type)),
    place: { node: choice.child, type },
  };
}

function union(left: Path, right: Path, { registry }: Focus): Path {
  const type = left.place?.type;
  const root = type !== undefined && type === right.place?.type ? registry.type(type) : undefined;
  const read = (value: unknown) => [...left.read(value), ...right.read(value)];
  return root === undefined || type === undefined
    ? { read, mayRepeat: true }
    : { read, place: { node: root, type }, mayRepeat: true };
}

function modulo(left: Path, right: Path): Path {
  return {
    place: { node: anything, type: 'decimal' },
    read: (value) => {
      const [a, b] = [left.read(value), right.read(value)];
      if (a.length === 0 || b.length === 0) return [];
      const [one, other] = [a[0], b[0]];
      // Of fractions the engine calculates decimally, which floating point does not.
      if (a.length > 1 || b.length > 1 || !Number.isInteger(one) || !Number.isInteger(other) || other === 0)
        throw notSure;
      return [Number(one) % Number(other)];
    },
  };
}
