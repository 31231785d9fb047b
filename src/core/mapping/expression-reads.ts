import type { Node } from '../fhirpath/ast.ts';
import { isTypeArgument } from './expression-tree.ts';
import type { ExpressionPlan, Variable } from './plan.ts';

/** Every path of elements that the expression follows, from its focus or from a variable. */
export function readsOf(node: Node, variables: ReadonlyMap<string, Variable>): ExpressionPlan['reads'] {
  const reads: { variable?: Variable; path: readonly string[] }[] = [];
  const walk = (
    part: Node,
    base: readonly string[],
    root: Variable | undefined,
  ): { path: readonly string[]; root: Variable | undefined } => {
    const at = { path: base, root };
    switch (part.kind) {
      case 'variable':
        return { path: [], root: variables.get(part.name) };
      case 'special':
        return at;
      case 'member': {
        const from = part.base === undefined ? at : walk(part.base, base, root);
        const path = [...from.path, part.name];
        reads.push({ path, ...(from.root === undefined ? {} : { variable: from.root }) });
        return { path, root: from.root };
      }
      case 'call': {
        const from = part.base === undefined ? at : walk(part.base, base, root);
        if (!isTypeArgument(part.name)) for (const argument of part.arguments) walk(argument, from.path, from.root);
        if (part.name === 'children' || part.name === 'descendants')
          reads.push({ path: [...from.path, '*'], ...(from.root === undefined ? {} : { variable: from.root }) });
        return from;
      }
      case 'index':
        walk(part.index, base, root);
        return walk(part.base, base, root);
      case 'sign':
      case 'type':
        return walk(part.operand, base, root);
      case 'binary':
        walk(part.left, base, root);
        walk(part.right, base, root);
        return at;
      default:
        return at;
    }
  };
  const end = walk(node, [], undefined);
  if (end.path.length === 0) reads.push({ path: [], ...(end.root === undefined ? {} : { variable: end.root }) });
  // A path inside a longer one is only the way there.
  return reads.filter(
    (read) =>
      !reads.some(
        (other) =>
          other !== read &&
          other.variable === read.variable &&
          other.path.length > read.path.length &&
          read.path.every((step, i) => other.path[i] === step),
      ),
  );
}
