import type { Node } from '../fhirpath/ast.ts';
import { mayBeEmpty, mayFail } from './expression-faults.ts';
import { type Here, PathWriter } from './expression-path.ts';
import { alternatives, literalsOf, shapeOf } from './expression-shape.ts';
import type { ExpressionTypes } from './expression-types.ts';
import type { TypeModel } from './models.ts';
import type { Evaluate, ExpressionScript, ScriptPart, Variable } from './plan.ts';
import { jsonKind } from './type-check.ts';

interface Value {
  readonly code: string;
  readonly kind: 'string' | 'number' | 'boolean';
}

/** Part of an expression that is left to the FHIRPath engine. */
export type LeafOf = (node: Node, types: readonly TypeModel[]) => Evaluate;

const dateTypes = new Set(['date', 'dateTime', 'instant', 'time']);

/**
 * JavaScript for an expression over data of known types: comparisons, and, or, not, paths, where, exists and the like.
 * Three-valued logic is kept by writing "is true" and "is false" apart. Whatever goes beyond is asked of the FHIRPath
 * engine, part by part; and data that has not the shape of its model makes the code give up (`bail`), so that the
 * engine decides about the whole.
 */
export function scriptOf(node: Node, seen: ScriptScope, leafOf: LeafOf): ExpressionScript | undefined {
  const here: Here = { name: 'f', types: seen.focus?.types ?? [] };
  const name = (kind: string): string => `${kind}${seen.index}`;
  const trial = new ScriptWriter(name('truth'), seen, leafOf);
  const writer = new ScriptWriter(name('truth'), seen, leafOf, trial.seen);
  const truth = trial.isLeaf(node, here) ? undefined : writer.finished(writer.truth(node, here, true));
  const second = new ScriptWriter(name('value'), seen, leafOf);
  const found = second.value(node, here);
  const value = found === undefined || second.leaves.length > 0 ? undefined : second.finished(found.code);
  if (truth === undefined && value === undefined) return undefined;
  return { ...(truth === undefined ? {} : { truth }), ...(value === undefined ? {} : { value }) };
}

/** What is known of the data that an expression sees. */
interface ScriptScope {
  readonly index: number;
  readonly focus: Variable | undefined;
  readonly used: readonly Variable[];
  readonly types: ExpressionTypes;
}

class ScriptWriter extends PathWriter {
  readonly leaves: Evaluate[] = [];
  /** How often each value is asked for, by the loop that it is asked for in. */
  readonly seen = new Map<string, number>();
  private readonly leafOf: LeafOf;
  /** The same of an earlier pass: what it saw more than once is worked out once. */
  private readonly earlier: ReadonlyMap<string, number> | undefined;
  private readonly known = new Map<string, Value>();

  constructor(name: string, { types, used }: ScriptScope, leafOf: LeafOf, earlier?: ReadonlyMap<string, number>) {
    super(name, types, used);
    this.leafOf = leafOf;
    this.earlier = earlier;
  }

  finished(code: string): ScriptPart {
    const { name, locals, leaves, declarations } = this;
    const first = this.scope?.first ?? [];
    return { name, code: `(${[...first, code].join(', ')})`, locals, declarations, leaves };
  }

  /** Whether the whole can only be left to the engine. */
  isLeaf(node: Node, here: Here): boolean {
    const before = this.leaves.length;
    const found = this.logic(node, here, true);
    this.leaves.length = before;
    return found === undefined;
  }

  /** Code that is true exactly when the node is true (or, for `wanted` false, when it is false). */
  truth(node: Node, here: Here, wanted: boolean): string {
    return this.logic(node, here, wanted) ?? this.leaf(node, here, wanted);
  }

  private leaf(node: Node, here: Here, wanted: boolean): string {
    const at = this.leaves.push(this.leafOf(node, here.types)) - 1;
    const given = `${this.name}leaves[${at}], R, ${here.name}, { __proto__: null, ${this.named} }, ${wanted}`;
    const x = this.fresh();
    return `(hasBailed() ? false : (${x} = S.leaf(${given})) === BAIL ? bail() : ${x})`;
  }

  private logic(node: Node, here: Here, wanted: boolean): string | undefined {
    if (node.kind === 'literal' && typeof node.value === 'boolean') return String(node.value === wanted);
    if (node.kind === 'binary') return this.binary(node, here, wanted);
    if (node.kind === 'call') return this.call(node, here, wanted) ?? this.flag(node, here, wanted);
    return this.flag(node, here, wanted);
  }

  /** A path to a boolean. */
  private flag(node: Node, here: Here, wanted: boolean): string | undefined {
    const value = this.value(node, here);
    return value?.kind === 'boolean' ? `(${value.code}) === ${wanted}` : undefined;
  }

  private binary(node: Extract<Node, { kind: 'binary' }>, here: Here, wanted: boolean): string | undefined {
    const { operator, left, right } = node;
    const same = operator === 'or' ? alternatives(node) : undefined;
    const joined = same === undefined ? undefined : this.membership(same.left, same.right, here, wanted);
    if (joined !== undefined) return joined;
    if (operator === 'and' || operator === 'or') {
      if ((operator === 'and') === wanted) return this.both(left, right, here, wanted, wanted);
      return `(${this.truth(left, here, wanted)} || ${this.truth(right, here, wanted)})`;
    }
    if (operator === 'implies') {
      if (!wanted) return this.both(left, right, here, true, false);
      return `(${this.truth(left, here, false)} || ${this.truth(right, here, true)})`;
    }
    if (operator === 'in') return this.membership(left, right, here, wanted);
    const signs: Readonly<Record<string, string>> = {
      '=': '===',
      '!=': '!==',
      '<': '<',
      '<=': '<=',
      '>': '>',
      '>=': '>=',
    };
    const sign = signs[operator];
    if (sign === undefined || this.isDate(left, here) || this.isDate(right, here)) return undefined;
    const a = this.value(left, here);
    const b = this.value(right, here);
    if (operator === '=' && a === undefined && b === undefined) return this.identity(node, here, wanted);
    if (a === undefined || b === undefined || a.kind !== b.kind) return undefined;
    if (a.kind !== 'number' && sign !== '===' && sign !== '!==') return undefined;
    const x = this.fresh();
    if (right.kind === 'literal') return `((${x} = ${a.code}) !== undefined && (${x} ${sign} ${b.code}) === ${wanted})`;
    const y = this.fresh();
    return `((${x} = ${a.code}) !== undefined && (${y} = ${b.code}) !== undefined && (${x} ${sign} ${y}) === ${wanted})`;
  }

  /**
   * True when the left side is `a` and the right side is `b`. Where the left side is empty the engine looks at the right
   * one all the same, which matters only where that can fail.
   */
  private both(left: Node, right: Node, here: Here, a: boolean, b: boolean): string {
    if (!mayBeEmpty(left) || !mayFail(right)) return `(${this.truth(left, here, a)} && ${this.truth(right, here, b)})`;
    const ends = this.truth(left, here, !a);
    const x = this.fresh();
    return `(${ends} ? false : (${x} = ${this.truth(right, here, b)}, ${this.truth(left, here, a)} && ${x}))`;
  }

  /** Two objects: the same one is equal to itself; whether another one is equal too is left to the engine. */
  private identity(node: Extract<Node, { kind: 'binary' }>, here: Here, wanted: boolean): string | undefined {
    const { left, right } = node;
    const isObject = this.typesAt(left, here).every((type) => type.kind !== 'primitive');
    if (here.name !== 'f' || !isObject || !this.isSingle(left, here) || !this.isSingle(right, here)) return undefined;
    return this.each(left, here, (one) =>
      this.each(right, here, (other) => {
        const leaf = this.leaf(node, here, wanted);
        return wanted ? `(${one.name} === ${other.name} || ${leaf})` : `(${one.name} !== ${other.name} && ${leaf})`;
      }),
    );
  }

  private membership(left: Node, right: Node, here: Here, wanted: boolean): string | undefined {
    const members = literalsOf(right);
    const a = this.isDate(left, here) ? undefined : this.value(left, here);
    if (a === undefined || members === undefined || members.some((member) => typeof member !== a.kind))
      return undefined;
    const x = this.fresh();
    const tests = members.map((member) => `${x} === ${JSON.stringify(member)}`).join(' || ');
    return `((${x} = ${a.code}) !== undefined && (${tests}) === ${wanted})`;
  }

  private isDate(node: Node, here: Here): boolean {
    return node.kind !== 'literal' && this.typesAt(node, here).some((type) => dateTypes.has(type.name));
  }

  private call(node: Extract<Node, { kind: 'call' }>, here: Here, wanted: boolean): string | undefined {
    const [argument, more] = node.arguments;
    const base: Node = node.base ?? { kind: 'special', at: node.at, name: '$this' };
    if (node.name === 'not' && argument === undefined) return this.truth(base, here, !wanted);
    if (node.name === 'empty' && argument === undefined) return this.existence(base, here, undefined, !wanted);
    if (node.name === 'exists' && more === undefined) return this.existence(base, here, argument, wanted);
    const test = { startsWith: 'startsWith', endsWith: 'endsWith', contains: 'includes' }[node.name];
    if (test === undefined || argument?.kind !== 'literal' || typeof argument.value !== 'string') return undefined;
    const value = this.value(base, here);
    if (value?.kind !== 'string') return undefined;
    const x = this.fresh();
    const part = argument.value;
    const found = `${x}.${test}(${JSON.stringify(part)})`;
    return `((${x} = ${value.code}) !== undefined && (${likely(test, x, part)}${found}) === ${wanted})`;
  }

  private existence(base: Node, here: Here, criteria: Node | undefined, wanted: boolean): string | undefined {
    const found = this.each(base, here, (item) => (criteria === undefined ? 'true' : this.truth(criteria, item, true)));
    return found === undefined ? undefined : wanted ? found : `!${found}`;
  }

  /** Code of the only value that a node can have, or undefined. */
  value(node: Node, here: Here): Value | undefined {
    if (node.kind === 'literal') {
      const { value } = node;
      if (node.type !== 'String' && node.type !== 'Integer' && node.type !== 'Decimal' && node.type !== 'Boolean')
        return undefined;
      return typeof value === 'object'
        ? undefined
        : { code: JSON.stringify(value), kind: typeof value as Value['kind'] };
    }
    if (node.kind === 'binary' && node.operator === 'mod') return this.modulo(node, here);
    if (node.kind === 'call' && (node.name === 'lower' || node.name === 'upper') && node.base !== undefined) {
      const base = this.value(node.base, here);
      const method = node.name === 'lower' ? 'toLowerCase' : 'toUpperCase';
      return base?.kind === 'string' ? { code: `(${base.code})?.${method}()`, kind: 'string' } : undefined;
    }
    if (node.kind === 'call' && node.name === 'count' && node.arguments.length === 0) return this.counted(node, here);
    return this.sharedValue(node, here);
  }

  /** The value of a path; where it is asked for again, what it was before. */
  private sharedValue(node: Node, here: Here): Value | undefined {
    const { scope } = this;
    if (scope === undefined || here.name !== scope.item) return this.pathValue(node, here);
    const label = `${scope.label} ${shapeOf(node)}`;
    this.seen.set(label, (this.seen.get(label) ?? 0) + 1);
    if ((this.earlier?.get(label) ?? 0) < 2) return this.pathValue(node, here);
    // Loops over the same element are different functions.
    const place = `${scope.item} ${label}`;
    const known = this.known.get(place);
    if (known !== undefined) return known;
    const before = this.leaves.length;
    const value = this.pathValue(node, here);
    // What the engine is asked stays where it is asked: it may fail, and only there may it.
    if (value === undefined || this.leaves.length > before) return value;
    const x = this.fresh();
    scope.first.push(`${x} = ${value.code}`);
    const shared = { code: x, kind: value.kind };
    this.known.set(place, shared);
    return shared;
  }

  private counted(node: Extract<Node, { kind: 'call' }>, here: Here): Value | undefined {
    const n = this.shared();
    const base: Node = node.base ?? { kind: 'special', at: node.at, name: '$this' };
    const found = this.each(base, here, () => `(${n}++, false)`);
    return found === undefined ? undefined : { code: `(${n} = 0, ${found}, ${n})`, kind: 'number' };
  }

  private modulo(node: Extract<Node, { kind: 'binary' }>, here: Here): Value | undefined {
    const left = this.value(node.left, here);
    const { right } = node;
    if (left?.kind !== 'number' || right.kind !== 'literal' || right.type !== 'Integer' || right.value === 0)
      return undefined;
    const x = this.fresh();
    return {
      code: `((${x} = ${left.code}) === undefined ? undefined : ${x} % ${Number(right.value)})`,
      kind: 'number',
    };
  }

  private pathValue(node: Node, here: Here): Value | undefined {
    const types = this.typesAt(node, here);
    const kinds = new Set(types.map((type) => (type.kind === 'primitive' ? jsonKind(type) : 'object')));
    const [kind] = kinds;
    if (kinds.size !== 1 || kind === undefined || kind === 'object' || !this.isSingle(node, here)) return undefined;
    const result = this.fresh();
    const { depth } = this;
    // One value stands in no list, so no loop lies between it and its result.
    const found = this.each(node, here, (item) =>
      this.depth === depth
        ? `(typeof ${item.name} !== '${kind}' ? bail() : (${result} = ${item.name}, true))`
        : undefined,
    );
    return found === undefined ? undefined : { code: `(${found} ? ${result} : undefined)`, kind };
  }
}

/** One character tells most texts apart, and is looked at quicker than a method is called. */
function likely(test: string, value: string, part: string): string {
  if (part === '' || test === 'includes') return '';
  const at = test === 'startsWith' ? 0 : part.length - 1;
  const place = test === 'startsWith' ? '0' : `${value}.length - 1`;
  return `${value}.charCodeAt(${place}) === ${part.charCodeAt(at)} && `;
}
