import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { createGenerator } from './generate.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { examples } from './profiles.ts';
import { createRandom } from './random.ts';

const definitions = loadDefinitions();
const validator = createValidator(definitions);
const generator = createGenerator(definitions);
const kinds = new Map<string, number>();
const base = ['ServiceRequest', 'Procedure', 'Observation', 'Patient'].map((type) => {
  const profile = `http://hl7.org/fhir/StructureDefinition/${type}`;
  return { name: `base ${type}`, profile, resource: generator.resource(profile, createRandom(7), 0.9) };
});

describe('each element of a valid resource, broken once', () => {
  it.each([...examples(), ...base])('is found at its place: $name', ({ profile, resource }) => {
    const survivors: string[] = [];
    for (const mutant of mutantsOf(generator, profile, resource)) {
      kinds.set(mutant.kind, (kinds.get(mutant.kind) ?? 0) + 1);
      if (!isFound(mutant, profile)) survivors.push(`${mutant.kind} at ${mutant.expression}`);
      if (validator.acceptsFast(mutant.resource, [profile]))
        survivors.push(`the fast tier accepts ${mutant.kind} at ${mutant.expression}`);
    }
    expect(survivors).toEqual([]);
  });

  it('is broken in many ways, each often', () => {
    const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(3000);
    for (const kind of [
      'min',
      'max',
      'json type',
      'format',
      'choice type',
      'binding',
      'expected',
      'slice min',
      'slice max',
      'reference type',
      'modifier extension',
    ]) {
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(5);
    }
  });
});

function isFound({ kind, expression, resource }: Mutant, profile: string): boolean {
  const faults = validator.validate(resource, { profiles: [profile] }).filter(isFault);
  // A fixed or patterned value may differ in a part, which is then named.
  return faults.some(
    (issue) => issue.expression === expression || (kind === 'expected' && issue.expression.startsWith(expression)),
  );
}
