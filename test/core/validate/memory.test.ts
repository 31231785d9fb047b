import { expect, it } from 'vitest';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';

it('names that only a sender knows are not remembered', () => {
  const definitions = loadDefinitions();
  const asked = new Map<string, number>();
  const validator = createValidator({
    ...definitions,
    structure(url) {
      asked.set(url, (asked.get(url) ?? 0) + 1);
      return definitions.structure(url);
    },
  });
  const named = 'https://example.com/StructureDefinition/unknown';
  const patient = {
    resourceType: 'Patient',
    meta: { profile: [`${named}-profile`] },
    extension: [{ url: `${named}-extension`, valueString: 'x' }],
  };
  const times = (name: string) => asked.get(`${named}-${name}`) ?? 0;
  expect(validator.validate(patient).some((issue) => issue.code === 'extension-unknown')).toBe(true);
  const [profile, extension] = [times('profile'), times('extension')];
  validator.validate(patient);
  // Asked again as often as the first time, so nothing was kept of it in between; what is known is not asked again.
  expect([times('profile'), times('extension')]).toEqual([2 * profile, 2 * extension]);
  const patients = asked.get('http://hl7.org/fhir/StructureDefinition/Patient') ?? 0;
  validator.validate(patient);
  expect(asked.get('http://hl7.org/fhir/StructureDefinition/Patient')).toBe(patients);
});
