import type { ElementNode, InvariantRule } from './element.ts';
import { compileCondition } from './fast-expression.ts';
import type { Check, FastLinks, FastScope } from './fast-link.ts';
import { environmentOf, focusType } from './invariant.ts';
import { own, text } from './json.ts';
import { isAlwaysTrue, nativeInvariant } from './native-invariants.ts';

/** Whether an invariant surely holds; undefined for warnings and for rules that the structure checks cover. */
export function invariantTest(links: FastLinks, rule: InvariantRule, node: ElementNode): Check | undefined {
  if (rule.severity !== 'error') return undefined;
  const native = nativeInvariant(rule);
  if (native !== undefined) return isAlwaysTrue(rule) ? undefined : (value, scope) => native(value, scope.container);
  const expression = links.still.expressions.of(rule.expression);
  const type = focusType(node);
  const plain = compileCondition(rule.expression, node, links.still.registry);
  return (value, scope) => {
    if (plain?.(value) === true) return true;
    try {
      return expression.holds(value, environment(scope), text(own(value, 'resourceType')) ?? type);
    } catch (error) {
      if (error instanceof Error && error.name === 'FhirPathError') return false;
      throw error;
    }
  };
}

function environment(scope: FastScope) {
  scope.environment ??= environmentOf(scope.run, scope.path, scope);
  return scope.environment;
}
