import type { Node } from '../fhirpath/ast.ts';

/** `'a' | 'b'` as its members. */
export function literalsOf(node: Node): readonly (string | number | boolean)[] | undefined {
  if (node.kind === 'literal')
    return typeof node.value === 'object' || /Date|Time/.test(node.type) ? undefined : [node.value];
  if (node.kind !== 'binary' || node.operator !== '|') return undefined;
  const left = literalsOf(node.left);
  const right = literalsOf(node.right);
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

/** `a = 'x' or a = 'y' or a = 'z'` as `a in ('x' | 'y' | 'z')`; undefined where the parts differ in more than the constant. */
export function alternatives(node: Node): { readonly left: Node; readonly right: Node } | undefined {
  if (node.kind !== 'binary') return undefined;
  if (node.operator === '=') return node.right.kind === 'literal' ? { left: node.left, right: node.right } : undefined;
  if (node.operator !== 'or') return undefined;
  const a = alternatives(node.left);
  const b = alternatives(node.right);
  if (a === undefined || b === undefined || !isSame(a.left, b.left)) return undefined;
  return { left: a.left, right: { kind: 'binary', at: node.at, operator: '|', left: a.right, right: b.right } };
}

function isSame(a: Node, b: Node): boolean {
  return shapeOf(a) === shapeOf(b);
}

/** An expression as a text, wherever it stands. */
export function shapeOf(node: Node): string {
  return JSON.stringify(node, (key, value: unknown) => (key === 'at' ? undefined : value));
}
