import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../../src/core/validate/create.ts';
import { isObject, own } from '../../../src/core/validate/json.ts';
import { refusedDefinitions } from '../../../src/core/validate/refused.ts';
import { generatedFolder, loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { createGenerator } from './generate.ts';
import { createRandom } from './random.ts';

const definitions = loadDefinitions();
const structures = ['r4', 'tactus']
  .flatMap((folder) => readdirSync(join(generatedFolder, folder)).map((name) => join(generatedFolder, folder, name)))
  .filter((file) => file.endsWith('.json') || file.endsWith('.ndjson'))
  .flatMap((file) => readFileSync(file, 'utf8').split(file.endsWith('.ndjson') ? '\n' : '\u0000'))
  .filter((text) => text.trim() !== '')
  .map((text) => JSON.parse(text) as unknown)
  .filter((one) => isObject(one) && own(one, 'resourceType') === 'StructureDefinition');
const types = structures
  .filter(
    (one) =>
      own(one, 'kind') === 'resource' && own(one, 'abstract') !== true && own(one, 'derivation') === 'specialization',
  )
  .map((one) => String(own(one, 'type')));

describe('all definitions of R4 and ours', () => {
  // R4's picoelement profiles EvidenceVariable, which our source of R4 has as R4B has it: other elements.
  it('are understood, with every invariant, context and discriminator; one is refused, as its base has other elements', () => {
    expect(structures.length).toBeGreaterThan(500);
    const urls = structures.map((one) => String(own(one, 'url')));
    expect(refusedDefinitions(definitions, urls).map(({ url }) => url)).toEqual([
      'http://hl7.org/fhir/StructureDefinition/picoelement',
    ]);
  });

  it('have invariants that can be evaluated on made resources of every type', () => {
    expect(types.length).toBeGreaterThan(140);
    const validator = createValidator(definitions, { now: () => '2026-11-26T09:00:00Z' });
    const generator = createGenerator(definitions);
    const failed = types.flatMap((type) =>
      [1, 2, 3].flatMap((seed) => {
        const made = generator.resource(`http://hl7.org/fhir/StructureDefinition/${type}`, createRandom(seed), 0.5);
        return validator
          .validate(made)
          .filter(({ code }) => code === 'invariant-not-evaluated' || code === 'definition-unsupported')
          .map(({ rule, message }) => `${type} ${rule ?? ''}: ${message}`);
      }),
    );
    expect(failed).toEqual([]);
  });
});
