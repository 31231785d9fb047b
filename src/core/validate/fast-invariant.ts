import type { ElementNode, InvariantRule } from './element.ts';
import type { Check, FastLinks, FastScope } from './fast-link.ts';
import { environmentOf } from './invariant.ts';
import { own, text } from './json.ts';
import { isAlwaysTrue, nativeInvariant } from './native-invariants.ts';

/** Whether an invariant surely holds; undefined for warnings and for rules that the structure checks cover. */
export function invariantTest(links: FastLinks, rule: InvariantRule, node: ElementNode): Check | undefined {
  if (rule.severity !== 'error') return undefined;
  const native = nativeInvariant(rule);
  if (native !== undefined) return isAlwaysTrue(rule) ? undefined : (value, scope) => native(value, scope.container);
  const expression = links.still.expressions.of(rule.expression);
  const type = node.types.length === 1 ? node.types[0]?.code : undefined;
  return (value, scope) => {
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
