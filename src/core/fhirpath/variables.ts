import type { Code } from './code.ts';
import { Item } from './item.ts';
import { constantCode, pathCode } from './path-code.ts';

const constants: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
};

/**
 * A variable: `%resource` and the like, the constants of FHIR, or one that the caller gives.
 *
 * @see https://hl7.org/fhir/R4/fhirpath.html#variables
 */
export function variableCode(name: string, at: number): Code {
  if (name === 'resource' || name === 'rootResource' || name === 'context')
    return pathCode({ head: name, steps: [] }, at);
  const constant = constantOf(name);
  if (constant !== undefined) return constantCode([new Item(constant, 'System.String')], at);
  return {
    at,
    items: (_, context) => {
      const variables = context.environment.variables;
      const values = variables !== undefined && Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (values === undefined) return context.fail(`The variable %${name} is unknown.`, at);
      return values.map((value) => new Item(value));
    },
  };
}

function constantOf(name: string): string | undefined {
  if (Object.hasOwn(constants, name)) return constants[name];
  if (name.startsWith('vs-')) return `http://hl7.org/fhir/ValueSet/${name.slice(3)}`;
  if (name.startsWith('ext-')) return `http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`;
  return undefined;
}
