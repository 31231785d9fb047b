import type { Node } from '../fhirpath/ast.ts';

/** The same tree with `change` applied to every node, from the leaves up. */
export function rewrite(node: Node, change: (node: Node) => Node): Node {
  const inner = (child: Node): Node => rewrite(child, change);
  switch (node.kind) {
    case 'member':
      return change(node.base === undefined ? node : { ...node, base: inner(node.base) });
    case 'call': {
      const base = node.base === undefined ? undefined : inner(node.base);
      return change({
        ...node,
        base,
        arguments: isTypeArgument(node.name) ? node.arguments : node.arguments.map(inner),
      });
    }
    case 'index':
      return change({ ...node, base: inner(node.base), index: inner(node.index) });
    case 'sign':
      return change({ ...node, operand: inner(node.operand) });
    case 'type':
      return change({ ...node, operand: inner(node.operand) });
    case 'binary':
      return change({ ...node, left: inner(node.left), right: inner(node.right) });
    default:
      return change(node);
  }
}

/** Functions whose argument names a type, not an element. */
export function isTypeArgument(name: string): boolean {
  return name === 'is' || name === 'as' || name === 'ofType';
}
