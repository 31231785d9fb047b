import type { Node } from '../fhirpath/ast.ts';
import { isTypeArgument } from './expression-tree.ts';
import { type ExpressionTypes, typesOf } from './expression-types.ts';
import { elementOf, type TypeModel } from './models.ts';

/** Functions that evaluate their argument once an item, with `$this` of their own. */
const iterating = new Set([
  'where',
  'select',
  'all',
  'exists',
  'repeat',
  'repeatAll',
  'aggregate',
  'trace',
  'any',
  'sort',
  'iif',
  'coalesce',
]);

/** What is done while an expression is walked with the types that its names are looked up in. */
interface TypedWalk {
  readonly types: ExpressionTypes;
  readonly unknown: (name: string, owner: TypeModel) => void;
}

/**
 * The same tree without the `value` of primitives, which maps ask for though in JSON a primitive is its own value.
 * Names that the models do not know are reported: FHIRPath would only find nothing.
 */
export function adapt(node: Node, focus: readonly TypeModel[], walk: TypedWalk): Node {
  const inner = (child: Node, of = focus): Node => adapt(child, of, walk);
  const typesAt = (child: Node): readonly TypeModel[] => typesOf(child, { ...walk.types, focus });
  switch (node.kind) {
    case 'member':
      return adaptMember(
        node,
        node.base === undefined ? focus : typesAt(node.base),
        node.base === undefined ? undefined : inner(node.base),
        walk,
      );
    case 'call': {
      const base = node.base === undefined ? undefined : inner(node.base);
      if (isTypeArgument(node.name)) return { ...node, base };
      const of = iterating.has(node.name) && node.base !== undefined ? typesAt(node.base) : focus;
      return { ...node, base, arguments: node.arguments.map((argument) => inner(argument, of)) };
    }
    case 'index':
      return { ...node, base: inner(node.base), index: inner(node.index) };
    case 'sign':
    case 'type':
      return { ...node, operand: inner(node.operand) };
    case 'binary':
      return { ...node, left: inner(node.left), right: inner(node.right) };
    default:
      return node;
  }
}

function adaptMember(
  node: Extract<Node, { kind: 'member' }>,
  owner: readonly TypeModel[],
  base: Node | undefined,
  walk: TypedWalk,
): Node {
  if (
    base !== undefined &&
    node.name === 'value' &&
    owner.length > 0 &&
    owner.every((type) => type.kind === 'primitive')
  )
    return base;
  const [only] = owner;
  // An expression may begin with the name of its own type: Patient.name.
  const isTypeName = base === undefined && walk.types.library.find(node.name) !== undefined;
  const known =
    only === undefined ||
    owner.length > 1 ||
    only.open ||
    elementOf(only, node.name) !== undefined ||
    node.name === 'resourceType';
  if (!known && !isTypeName && only !== undefined) walk.unknown(node.name, only);
  return base === undefined ? node : { ...node, base };
}

/** Writes `$this` for the variable that is the focus, outside functions that change `$this`. */
export function focusAsThis(node: Node, name: string, depth: number): Node {
  const inner = (child: Node): Node => focusAsThis(child, name, depth);
  switch (node.kind) {
    case 'variable':
      return depth === 0 && node.name === name ? { kind: 'special', at: node.at, name: '$this' } : node;
    case 'member':
      return node.base === undefined ? node : { ...node, base: inner(node.base) };
    case 'call': {
      const deeper = iterating.has(node.name) && node.base !== undefined ? depth + 1 : depth;
      const base = node.base === undefined ? undefined : inner(node.base);
      if (isTypeArgument(node.name)) return { ...node, base };
      return { ...node, base, arguments: node.arguments.map((argument) => focusAsThis(argument, name, deeper)) };
    }
    case 'index':
      return { ...node, base: inner(node.base), index: inner(node.index) };
    case 'sign':
    case 'type':
      return { ...node, operand: inner(node.operand) };
    case 'binary':
      return { ...node, left: inner(node.left), right: inner(node.right) };
    default:
      return node;
  }
}
