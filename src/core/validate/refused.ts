import { compileFhirPath } from '../fhirpath/compile.ts';
import { UnsupportedDefinitionError } from './element.ts';
import { createExpressions, refuseInvariant } from './invariant.ts';
import { createRegistry } from './registry.ts';
import type { Definitions } from './validator.ts';

/** Those of some definitions that ask for something that cannot be checked here, each with its reasons. */
export function refusedDefinitions(
  definitions: Definitions,
  urls: readonly string[],
): readonly UnsupportedDefinitionError[] {
  const expressions = createExpressions(compileFhirPath);
  const registry = createRegistry(definitions, (rule) => refuseInvariant(expressions, rule));
  return urls.flatMap((url) => {
    try {
      registry.profile(url);
      return [];
    } catch (error) {
      if (error instanceof UnsupportedDefinitionError) return [error];
      throw error;
    }
  });
}
