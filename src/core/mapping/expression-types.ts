import type { Node } from '../fhirpath/ast.ts';
import { elementOf, type TypeLibrary, type TypeModel } from './models.ts';
import type { Variable } from './plan.ts';

/** What the names in an expression stand for. */
export interface ExpressionTypes {
  readonly focus: readonly TypeModel[];
  readonly variables: ReadonlyMap<string, Variable>;
  readonly library: TypeLibrary;
}

/** Functions that give (some of) the items that they are asked of. */
const keeping = new Set(['where', 'first', 'last', 'tail', 'skip', 'take', 'single', 'trace', 'distinct']);

/** The types that an expression can give; empty when that cannot be said. */
export function typesOf(node: Node, types: ExpressionTypes): readonly TypeModel[] {
  switch (node.kind) {
    case 'variable':
      return types.variables.get(node.name)?.types ?? [];
    case 'special':
      return node.name === '$this' ? types.focus : [];
    case 'index':
      return typesOf(node.base, types);
    case 'type':
      return node.operator === 'as' ? named(node.type, types) : [];
    case 'member': {
      const base = node.base === undefined ? types.focus : typesOf(node.base, types);
      return childTypes(base, node.name);
    }
    case 'call':
      return callTypes(node, types);
    case 'literal': {
      const name = typeof node.value === 'object' ? 'Quantity' : node.type.charAt(0).toLowerCase() + node.type.slice(1);
      return named(name, types);
    }
    default:
      return [];
  }
}

function callTypes(node: Extract<Node, { kind: 'call' }>, types: ExpressionTypes): readonly TypeModel[] {
  const [argument] = node.arguments;
  if ((node.name === 'ofType' || node.name === 'as') && argument?.kind === 'member') return named(argument.name, types);
  if (!keeping.has(node.name)) return [];
  return node.base === undefined ? types.focus : typesOf(node.base, types);
}

function named(name: string, types: ExpressionTypes): readonly TypeModel[] {
  const found = types.library.find(name);
  return found === undefined ? [] : [found];
}

/** The types of a child of some types; empty as soon as one of them does not know it. */
function childTypes(base: readonly TypeModel[], name: string): readonly TypeModel[] {
  const found: TypeModel[] = [];
  for (const type of base) {
    const child = elementOf(type, name);
    if (child === undefined) return [];
    for (const next of child.only === undefined ? child.element.types() : [child.only])
      if (!found.includes(next)) found.push(next);
  }
  return found;
}
