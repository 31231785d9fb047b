import type { FunctionDefinition } from '../definition.ts';
import { boundaryFunctions } from './boundary.ts';
import { conversionFunctions } from './conversion.ts';
import { existenceFunctions } from './existence.ts';
import { fhirFunctions } from './fhir.ts';
import { filteringFunctions } from './filtering.ts';
import { mathFunctions } from './math.ts';
import { stringFunctions } from './strings.ts';
import { subsettingFunctions } from './subsetting.ts';
import { treeFunctions } from './tree.ts';
import { typeFunctions } from './typing.ts';

/** All functions of the language by name, one file a chapter of the specification. */
export const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  Object.entries({
    ...existenceFunctions,
    ...filteringFunctions,
    ...subsettingFunctions,
    ...conversionFunctions,
    ...stringFunctions,
    ...mathFunctions,
    ...boundaryFunctions,
    ...treeFunctions,
    ...typeFunctions,
    ...fhirFunctions,
  }),
);
