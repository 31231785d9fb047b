import type { CallNode, MemberNode, Node } from './ast.ts';
import type { Code, Evaluate } from './code.ts';
import type { Call } from './definition.ts';
import { FhirPathError } from './expression.ts';
import { functions } from './functions/registry.ts';
import { isCode, ofTypeCode, typeName } from './functions/typing.ts';
import { Item, integerItems, none } from './item.ts';
import { isSubtype, isTypeName } from './model.ts';
import { singleInteger, singleItem } from './operand.ts';
import { binaryCode } from './operators.ts';
import { appendMember, stepOf } from './path.ts';
import { constantCode, memberCode } from './path-code.ts';
import { quantityOf } from './quantity.ts';
import { variableCode } from './variables.ts';

/** What a name without a base starts from: one item, or (in `iif` and on several values) a collection. */
export type Scope = 'item' | 'collection';

/** Turns a tree into closures. */
export class CodeGenerator {
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  code(node: Node, scope: Scope): Code {
    switch (node.kind) {
      case 'empty':
        return { at: node.at, items: () => none, constant: none };
      case 'literal':
        return constantCode([new Item(node.value, `System.${node.type}`)], node.at);
      case 'variable':
        return variableCode(node.name, node.at);
      case 'special':
        return specialCode(node.name, node.at, scope);
      case 'member':
        return this.member(node, scope);
      case 'call':
        return this.call(node, scope);
      case 'index':
        return indexCode(this.code(node.base, scope), this.code(node.index, scope), node.at);
      case 'sign':
        return signCode(this.code(node.operand, scope), node.sign, node.at);
      case 'type': {
        const operand = this.code(node.operand, scope);
        return (node.operator === 'is' ? isCode : ofTypeCode)(operand, typeName(node.type), node.at);
      }
      default:
        return binaryCode(node, (inner) => this.code(inner, scope));
    }
  }

  private member(node: MemberNode, scope: Scope): Code {
    if (node.base !== undefined) return kept(node, memberCode(this.code(node.base, scope), stepOf(node.name), node.at));
    const self = specialCode('$this', node.at, scope);
    // A path may begin with the type of its context: `Patient.name`.
    const isType = /^[A-Z]/.test(node.name);
    return isType ? typeHeadCode(self, node.name, node.at) : memberCode(self, stepOf(node.name), node.at);
  }

  private call(node: CallNode, scope: Scope): Code {
    const definition = functions.get(node.name);
    if (definition === undefined) return this.fail(`The function ${node.name}() is unknown.`, node.at);
    const { minimum, maximum } = definition;
    const count = node.arguments.length;
    if (count < minimum || count > maximum) {
      const wanted = minimum === maximum ? String(minimum) : `${minimum} to ${maximum}`;
      this.fail(`${node.name}() has ${count} arguments, it takes ${wanted}.`, node.at);
    }
    const base = node.base === undefined ? specialCode('$this', node.at, scope) : this.code(node.base, scope);
    return kept(node, definition.compile(this.callOf(node, base, scope)));
  }

  private callOf(node: CallNode, base: Code, scope: Scope): Call {
    const argument = (index: number, inner: Scope): Code => {
      const given = node.arguments[index];
      if (given === undefined) return this.fail(`${node.name}() needs one more argument.`, node.at);
      return this.code(given, inner);
    };
    return {
      at: node.at,
      name: node.name,
      base,
      hasBase: node.base !== undefined,
      arguments: node.arguments,
      argument: (index) => argument(index, scope),
      criterion: (index) => argument(index, 'item'),
      onInput: (index) => argument(index, 'collection'),
      fail: (message, at = node.at) => this.fail(message, at),
    };
  }

  private fail(message: string, at: number): never {
    throw new FhirPathError(`${message} (offset ${at} of: ${this.text.slice(0, 200)})`, this.text, at);
  }
}

function specialCode(name: '$this' | '$index' | '$total', at: number, scope: Scope): Code {
  if (name === '$index') return { at, items: (_, context) => integerItems(context.index), number: (_, c) => c.index };
  if (name === '$total') return { at, items: (_, context) => context.total };
  if (scope === 'collection') return { at, items: (_, context) => context.head };
  return { at, items: (self) => [self], exists: () => true, count: () => 1, path: { head: 'self', steps: [] } };
}

/** `Patient` at the head of a path: the context where it is of that type, otherwise an element of that name. */
function typeHeadCode(self: Code, name: string, at: number): Code {
  const step = stepOf(name);
  const isKnown = isTypeName(name);
  return {
    at,
    items: (focus, context) => {
      const out: Item[] = [];
      for (const item of self.items(focus, context)) {
        const type = item.type;
        if (type !== '' && (type === name || isSubtype(type, name))) {
          out.push(item);
          continue;
        }
        const before = out.length;
        appendMember(item, step, out, context);
        if (out.length === before && type === '' && isKnown) out.push(item);
      }
      return out;
    },
  };
}

function indexCode(base: Code, index: Code, at: number): Code {
  return {
    at,
    items: (self, context) => {
      const items = base.items(self, context);
      const place = singleInteger(index.items(self, context), context, at, 'An index');
      const item = place === undefined ? undefined : items[place];
      return item === undefined ? none : [item];
    },
  };
}

function signCode(operand: Code, sign: '+' | '-', at: number): Code {
  const constant = operand.constant?.[0];
  if (typeof constant?.value === 'number') {
    return constantCode([new Item(sign === '-' ? negative(constant.value) : constant.value, constant.type)], at);
  }
  return {
    at,
    items: (self, context) => {
      const item = singleItem(operand.items(self, context), context, at, `"${sign}"`);
      if (item === undefined || item.value === undefined) return none;
      if (typeof item.value === 'number') {
        return [new Item(sign === '-' ? negative(item.value) : item.value, item.type)];
      }
      const quantity = quantityOf(item.value);
      if (quantity === undefined) return context.fail(`"${sign}" needs a number.`, at);
      return [
        new Item({ ...quantity, value: sign === '-' ? negative(quantity.value) : quantity.value }, 'System.Quantity'),
      ];
    },
  };
}

function negative(value: number): number {
  return value === 0 ? 0 : -value;
}

/**
 * What starts from a variable, walks a whole tree, and depends on nothing else is worked out once per evaluation: dom-3
 * asks for `%resource.descendants()` again for every contained resource.
 */
function kept(node: MemberNode | CallNode, code: Code): Code {
  const key = invariantKey(node);
  if (key === undefined || !key.includes('descendants()')) return code;
  const items: Evaluate = (self, context) => context.keep(key, code.items, self);
  return { at: code.at, items };
}

function invariantKey(node: Node): string | undefined {
  if (node.kind === 'variable') return `%${node.name}`;
  if (node.kind !== 'member' && node.kind !== 'call') return undefined;
  const base = node.base === undefined ? undefined : invariantKey(node.base);
  if (base === undefined) return undefined;
  if (node.kind === 'member') return `${base}.\`${node.name}\``;
  const names = node.arguments.map((one) => (one.kind === 'member' && one.base === undefined ? one.name : undefined));
  const isType = node.name === 'as' || node.name === 'ofType';
  if (names.length > 0 && (!isType || names.includes(undefined))) return undefined;
  return `${base}.${node.name}(${names.join(',')})`;
}
