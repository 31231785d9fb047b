import type { FhirPathExpression } from '../fhirpath/expression.ts';

/** Invariants whose expression, as R4 publishes it, says something else than its human sentence: what is meant. */
const meant: Readonly<Record<string, string>> = {
  // "If there are more than one enableWhen": https://hl7.org/fhir/R4/questionnaire.html#que-12
  'enableWhen.count() > 2 implies enableBehavior.exists()': 'enableWhen.count() >= 2 implies enableBehavior.exists()',
};

/**
 * Invariants of R4 that come out empty on what they permit: a name that is not there, and dates of which one is told
 * less exactly than the other, so that their order is not known.
 */
const maybeEmpty: ReadonlySet<string> = new Set([
  "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
  'lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn',
  'whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver >= whenPrepared',
]);

export function expressionMeant(expression: string): string {
  return (Object.hasOwn(meant, expression) ? meant[expression] : undefined) ?? expression;
}

/**
 * The expression of an invariant, which must come out true. One that comes out empty has not said that it is met: an
 * author who tests a profile with HL7's validator sees the same.
 *
 * @see https://hl7.org/fhir/R4/conformance-rules.html#constraints
 */
export function asInvariant(expression: FhirPathExpression): FhirPathExpression {
  if (maybeEmpty.has(expression.text)) return expression;
  return {
    ...expression,
    holds(focus, environment, type) {
      if (expression.isTrue !== undefined) return expression.isTrue(focus, environment, type);
      const [first, ...others] = expression.evaluate(focus, environment, type);
      return first === true && others.length === 0;
    },
  };
}
