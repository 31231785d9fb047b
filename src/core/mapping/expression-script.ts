import type { Node } from '../fhirpath/ast.ts';
import type { ExpressionTypes } from './expression-types.ts';
import type { ExpressionScript, Variable } from './plan.ts';

/** JavaScript for an expression that is simple enough; undefined leaves it to the FHIRPath engine. */
export function scriptOf(
  _node: Node,
  _focus: Variable | undefined,
  _used: readonly Variable[],
  _types: ExpressionTypes,
): ExpressionScript | undefined {
  return undefined;
}
