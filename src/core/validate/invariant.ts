import type { FhirPathEnvironment, FhirPathExpression } from '../fhirpath/expression.ts';
import { judgeBinding } from './binding.ts';
import type { ElementNode, InvariantRule } from './element.ts';
import { asInvariant } from './invariant-wording.ts';
import { isObject, type JsonObject, own, text } from './json.ts';
import { nativeInvariant } from './native-invariants.ts';
import type { Path } from './path.ts';
import { resolveReference } from './resolve.ts';
import type { Run, Scope } from './run.ts';

/** Compiles the FHIRPath of invariants; each expression once. */
export interface Expressions {
  /** @throws FhirPathError when the expression cannot be understood. */
  of(expression: string): FhirPathExpression;
}

export function createExpressions(compile: (expression: string) => FhirPathExpression): Expressions {
  const known = new Map<string, FhirPathExpression>();
  return {
    of(expression) {
      let compiled = known.get(expression);
      if (compiled === undefined) {
        compiled = asInvariant(compile(expression));
        known.set(expression, compiled);
      }
      return compiled;
    },
  };
}

/** Why an invariant cannot be evaluated; undefined when it can. */
export function refuseInvariant(expressions: Expressions, rule: InvariantRule): string | undefined {
  if (nativeInvariant(rule) !== undefined) return undefined;
  try {
    expressions.of(rule.expression);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Invariants of an element: https://hl7.org/fhir/R4/conformance-rules.html#constraints */
export function checkInvariants(
  run: Run,
  value: unknown,
  node: ElementNode,
  rules: readonly InvariantRule[],
  path: Path,
  scope: Scope,
): void {
  for (const rule of rules) {
    if (holds(run, rule, value, node, path, scope)) continue;
    run.issues.add(path, {
      severity: rule.severity,
      code: 'invariant',
      type: 'invariant',
      message: `${rule.human.replace(/[.\s]+$/, '') || `The rule ${rule.key} does not hold: ${rule.expression}`} (${rule.key}).`,
      node,
      rule: rule.key,
    });
  }
}

/** A rule that cannot be evaluated on a value (a type error inside) is not broken by it, but that is told. */
function holds(run: Run, rule: InvariantRule, value: unknown, node: ElementNode, path: Path, scope: Scope): boolean {
  const native = nativeInvariant(rule);
  if (native !== undefined) return native(value, scope.container);
  try {
    return run.expressions.of(rule.expression).holds(value, environmentOf(run, path, scope), typeOf(value, node));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'FhirPathError') throw error;
    run.issues.add(path, {
      severity: 'error',
      code: 'invariant-not-evaluated',
      type: 'processing',
      message: `The rule ${rule.key} could not be evaluated here (${error.message}).`,
      node,
      rule: rule.key,
    });
    return true;
  }
}

function typeOf(value: unknown, node: ElementNode): string | undefined {
  return text(own(value, 'resourceType')) ?? focusType(node);
}

/** Type by which FHIRPath knows a value of the node: for elements with a structure of their own, their path. */
export function focusType(node: ElementNode): string | undefined {
  const code = node.types.length === 1 ? node.types[0]?.code : undefined;
  if (code !== 'BackboneElement' && code !== 'Element') return code;
  return node.id
    .split('.')
    .map((step) => step.split(':')[0] ?? '')
    .join('.');
}

export function environmentOf(run: Run, path: Path, scope: Scope): FhirPathEnvironment {
  return {
    resource: scope.resource,
    rootResource: scope.container,
    ...(run.options.now === undefined ? {} : { now: run.options.now() }),
    resolve: (reference) => resolveReference(run, reference, scope).target,
    memberOf: (value, valueSet) => {
      const type = typeof value === 'string' ? 'code' : typeOfCoded(value);
      const verdict = judgeBinding(run.registry.definitions, value, type, { strength: 'required', valueSet });
      return verdict === 'unknown' ? undefined : verdict === 'member';
    },
    conformsTo: (value, profile) => {
      const root = run.registry.profile(profile);
      return root === undefined || !isObject(value)
        ? undefined
        : run.conforms(value, root, path, scopeOf(value, scope));
    },
  };
}

function typeOfCoded(value: unknown): string {
  return own(value, 'coding') !== undefined ? 'CodeableConcept' : 'Coding';
}

function scopeOf(value: JsonObject, scope: Scope): Scope {
  return own(value, 'resourceType') === undefined ? scope : { ...scope, resource: value };
}
