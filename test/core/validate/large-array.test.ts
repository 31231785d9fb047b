import { expect, it } from 'vitest';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';

const validator = createValidator(loadDefinitions());

it('a document with 200,000 members where one value belongs is told what is wrong, and overflows no stack', () => {
  const document = {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:example:documents', value: '1' },
    timestamp: '2026-11-26T09:00:00Z',
    entry: [
      {
        fullUrl: 'http://north.example/fhir/Composition/c',
        resource: { resourceType: 'Composition', id: 'c', title: Array(200_000).fill(1) },
      },
      { fullUrl: 'http://north.example/fhir/Patient/p', resource: { resourceType: 'Patient', id: 'p' } },
    ],
  };
  expect(validator.accepts(document)).toBe(false);
  const told = validator.validate(document).map(({ expression }) => expression);
  expect(told).toContain('Bundle.entry[0].resource.title');
});
