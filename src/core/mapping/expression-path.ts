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

/** A function that is being written: the script itself, or one of its loops. */
interface ScriptScope {
  /** What it goes over, from the script inwards: alike in every pass over one expression. */
  readonly label: string;
  /** Its item: the only name that has its value from the beginning. */
  readonly item: string;
  readonly locals: string[];
  /** What is worked out before all else, since it is asked for several times. */
  readonly first: string[];
}

/** More types of a choice than these are not tried one after the other. */
const choiceLimit = 12;

/** Writes JavaScript that goes along the paths of an expression. */
export abstract class PathWriter {
  readonly name: string;
  /** Loops as functions, and counters: what stands beside the function of the script. */
  readonly declarations: string[] = [];
  private readonly types: ExpressionTypes;
  private readonly used: readonly Variable[];
  private count = 0;
  /** The functions that are being written, the innermost last. */
  private readonly scopes: ScriptScope[] = [{ label: '', item: 'f', locals: [], first: [] }];

  constructor(name: string, types: ExpressionTypes, used: readonly Variable[]) {
    this.name = name;
    this.types = types;
    this.used = used;
  }

  /** How many loops lie around what is being written. */
  protected get depth(): number {
    return this.scopes.length;
  }

  /** The variables by their names, for the engine. */
  protected get named(): string {
    return this.used.map((variable) => `[${JSON.stringify(variable.name)}]: S.list(w${variable.slot})`).join(', ');
  }

  /** Code that is true exactly when a node is true (or, for `wanted` false, when it is false). */
  abstract truth(node: Node, here: Here, wanted: boolean): string;

  /** A variable of the function that is being written. */
  protected fresh(): string {
    this.count++;
    const name = `x${this.count}`;
    this.scope?.locals.push(name);
    return name;
  }

  /** A variable that loops write for the function around them. */
  protected shared(): string {
    this.count++;
    const name = `${this.name}n${this.count}`;
    this.declarations.push(`let ${name};`);
    return name;
  }

  /** The variables of the function that is being written. */
  protected get locals(): readonly string[] {
    return this.scope?.locals ?? [];
  }

  protected get scope(): ScriptScope | undefined {
    return this.scopes.at(-1);
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
    if (node.name !== 'first') return undefined;
    return node.base.kind === 'member' &&
      this.isSingle(node.base.base ?? { kind: 'special', at: 0, name: '$this' }, here)
      ? this.member(node.base, here, then, true, undefined)
      : this.first(node.base, here, then);
  }

  /** The first item decides; the others are looked at all the same, since the engine would stumble over their faults. */
  private first(base: Node, here: Here, then: Then): string | undefined {
    const answer = this.shared();
    const found = this.each(base, here, (item) => {
      const inner = then(item);
      return inner === undefined ? undefined : `(${answer} === undefined && (${answer} = ${inner}), false)`;
    });
    return found === undefined ? undefined : `(${answer} = undefined, ${found}, ${answer} === true)`;
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
      return element.list
        ? this.items(x, { read, absent, label: node.name }, one, onlyFirst)
        : single(x, read, absent, one(x));
    });
  }

  private items(
    x: string,
    { read, absent, label }: { readonly read: string; readonly absent: string; readonly label: string },
    one: (name: string) => string | undefined,
    onlyFirst: boolean,
  ): string | undefined {
    const rest = onlyFirst ? this.firstOf(x, one) : this.loop(x, label, one);
    return rest === undefined
      ? undefined
      : `((${x} = ${read}) === undefined || ${x} === null ? ${absent} : !Array.isArray(${x}) ? bail() : ${rest})`;
  }

  private firstOf(x: string, one: (name: string) => string | undefined): string | undefined {
    const y = this.fresh();
    const inner = one(y);
    return inner === undefined
      ? undefined
      : `${x}.length === 0 ? false : (${y} = ${x}[0]) === null || ${y} === undefined ? bail() : ${inner}`;
  }

  /** A function of its own, with all that it may name as arguments: a closure would be made anew in every run. */
  private loop(x: string, label: string, one: (name: string) => string | undefined): string | undefined {
    this.count++;
    const name = `${this.name}any${this.count}`;
    const y = `y${this.count}`;
    const scope: ScriptScope = { label: `${this.scope?.label}.${label}`, item: y, locals: [], first: [] };
    this.scopes.push(scope);
    const inner = one(y);
    this.scopes.pop();
    const locals = declared(scope.locals);
    const first = scope.first.map((code) => `${code}; `).join('');
    if (inner === undefined) return undefined;
    const given = ['R', 'f', ...this.used.map((variable) => `w${variable.slot}`)].join(', ');
    this.declarations.push(
      `function ${name}(${given}, list) { ${locals}for (let i = 0; i < list.length; i++) { const ${y} = list[i]; if (${y} === null || ${y} === undefined) return bail(); ${first}if (${inner}) return true; } return false; }`,
    );
    return `${name}(${given}, ${x})`;
  }
}

/** Code that declares variables. */
export function declared(names: readonly string[]): string {
  return names.length === 0 ? '' : `let ${names.join(', ')}; `;
}

function single(x: string, read: string, absent: string, inner: string | undefined): string | undefined {
  return inner === undefined ? undefined : `((${x} = ${read}) === undefined || ${x} === null ? ${absent} : ${inner})`;
}

function present(name: string, inner: string | undefined): string | undefined {
  return inner === undefined ? undefined : `(${name} !== undefined && ${name} !== null && ${inner})`;
}
