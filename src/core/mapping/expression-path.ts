import type { Node } from '../fhirpath/ast.ts';
import { type ExpressionTypes, typesOf } from './expression-types.ts';
import { elementOf, keyOf, type TypeModel } from './models.ts';
import type { Variable } from './plan.ts';

/** What `$this` is while code is written: the name of the JavaScript variable, and its types. */
export interface Here {
  readonly name: string;
  readonly types: readonly TypeModel[];
  /** It was tested already that there is a value. */
  readonly sure?: boolean;
}

/** Writes what is done with an item; gives JavaScript that is true where it goes well, undefined where it cannot. */
export type Then = (item: Here) => string | undefined;

/** More types of a choice than these are not tried one after the other. */
const choiceLimit = 12;

/** Writes JavaScript that goes along the paths of an expression. */
export abstract class PathWriter {
  protected count = 0;
  private readonly types: ExpressionTypes;
  private readonly used: readonly Variable[];

  constructor(types: ExpressionTypes, used: readonly Variable[]) {
    this.types = types;
    this.used = used;
  }

  /** Code that is true exactly when a node is true (or, for `wanted` false, when it is false). */
  abstract truth(node: Node, here: Here, wanted: boolean): string;

  protected fresh(): string {
    this.count++;
    return `x${this.count}`;
  }

  protected typesAt(node: Node, here: Here): readonly TypeModel[] {
    return typesOf(node, { ...this.types, focus: here.types });
  }

  /** Whether a path leads to one item at most. */
  protected isSingle(node: Node, here: Here): boolean {
    if (node.kind === 'special') return node.name === '$this';
    if (node.kind === 'variable') return true;
    if (node.kind === 'call')
      return (
        node.name === 'first' ||
        (node.base !== undefined && ['where', 'ofType', 'as'].includes(node.name) && this.isSingle(node.base, here))
      );
    if (node.kind === 'type') return this.isSingle(node.operand, here);
    if (node.kind !== 'member') return false;
    const base = node.base ?? { kind: 'special', at: node.at, name: '$this' as const };
    const [type] = this.typesAt(base, here);
    return type !== undefined && elementOf(type, node.name)?.element.list === false && this.isSingle(base, here);
  }

  /** Code that is true when some item of a path makes `then` true. */
  protected each(node: Node, here: Here, then: Then): string | undefined {
    if (node.kind === 'special' && node.name === '$this')
      return here.sure ? then(here) : present(here.name, then({ ...here, sure: true }));
    if (node.kind === 'variable') {
      const variable = this.used.find((candidate) => candidate.name === node.name);
      return variable === undefined
        ? undefined
        : present(`w${variable.slot}`, then({ name: `w${variable.slot}`, types: variable.types, sure: true }));
    }
    if (node.kind === 'member') return this.member(node, here, then, false, undefined);
    if (node.kind === 'type' && node.operator === 'as') return this.ofType(node.operand, node.type, here, then);
    if (node.kind !== 'call' || node.base === undefined) return undefined;
    const [argument] = node.arguments;
    if ((node.name === 'ofType' || node.name === 'as') && argument?.kind === 'member' && argument.base === undefined)
      return this.ofType(node.base, argument.name, here, then);
    if (node.name === 'where' && argument !== undefined) {
      return this.each(node.base, here, (item) => {
        const inner = then(item);
        return inner === undefined ? undefined : `(${this.truth(argument, item, true)} && ${inner})`;
      });
    }
    return node.name === 'first' &&
      node.base.kind === 'member' &&
      this.isSingle(node.base.base ?? { kind: 'special', at: 0, name: '$this' }, here)
      ? this.member(node.base, here, then, true, undefined)
      : undefined;
  }

  private ofType(base: Node, name: string, here: Here, then: Then): string | undefined {
    if (base.kind !== 'member') return undefined;
    return this.member(base, here, then, false, name);
  }

  private member(
    node: Extract<Node, { kind: 'member' }>,
    here: Here,
    then: Then,
    onlyFirst: boolean,
    wanted: string | undefined,
  ): string | undefined {
    const base: Node = node.base ?? { kind: 'special', at: node.at, name: '$this' };
    return this.each(base, here, (item) => {
      const [type] = item.types;
      const found = type === undefined || item.types.length !== 1 ? undefined : elementOf(type, node.name);
      if (found === undefined) return undefined;
      const { element, only } = found;
      const all = only === undefined ? element.types() : [only];
      const types = wanted === undefined ? all : all.filter((one) => one.name === wanted);
      const [first] = types;
      if (first === undefined || (element.choice && types.length > choiceLimit)) return undefined;
      const primitive = types.every((one) => one.kind === 'primitive');
      if (!primitive && types.some((one) => one.kind === 'primitive')) return undefined;
      const x = this.fresh();
      const keys = element.choice ? types.map((one) => keyOf(element, one)) : [element.name];
      const read = keys.map((key) => `${item.name}[${JSON.stringify(key)}]`).join(' ?? ');
      const extras = primitive
        ? keys.map((key) => `${item.name}[${JSON.stringify(`_${key}`)}] === undefined`).join(' && ')
        : 'true';
      // Primitives can have extensions and no value, and FHIRPath sees them; that is rare and left to the engine.
      const absent = primitive ? `(${extras} ? false : bail())` : 'false';
      const one = (name: string): string | undefined => {
        const inner = then({ name, types, sure: true });
        if (inner === undefined) return undefined;
        return `(${primitive ? `typeof ${name} === 'object'` : `typeof ${name} !== 'object' || Array.isArray(${name})`} ? bail() : ${inner})`;
      };
      return element.list ? this.items(x, read, absent, one, onlyFirst) : single(x, read, absent, one(x));
    });
  }

  private items(
    x: string,
    read: string,
    absent: string,
    one: (name: string) => string | undefined,
    onlyFirst: boolean,
  ): string | undefined {
    const y = this.fresh();
    const inner = one(y);
    if (inner === undefined) return undefined;
    const rest = onlyFirst
      ? `${x}.length === 0 ? false : (${y} = ${x}[0]) === null || ${y} === undefined ? bail() : ${inner}`
      : `any(${x}, (${y}) => ${y} === null || ${y} === undefined ? bail() : ${inner})`;
    return `((${x} = ${read}) === undefined || ${x} === null ? ${absent} : !Array.isArray(${x}) ? bail() : ${rest})`;
  }
}

function single(x: string, read: string, absent: string, inner: string | undefined): string | undefined {
  return inner === undefined ? undefined : `((${x} = ${read}) === undefined || ${x} === null ? ${absent} : ${inner})`;
}

function present(name: string, inner: string | undefined): string | undefined {
  return inner === undefined ? undefined : `(${name} !== undefined && ${name} !== null && ${inner})`;
}
