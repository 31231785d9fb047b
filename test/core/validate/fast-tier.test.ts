import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { examples } from './profiles.ts';
import { element, urlOf, withProfiles } from './small-profiles.ts';

const validator = createValidator(loadDefinitions());
const url = 'https://example.com/x';

function nested(levels: number): object {
  let extension: object = { url, valueString: 'x' };
  for (let level = 1; level < levels; level += 1) extension = { url, extension: [extension] };
  return { resourceType: 'Patient', extension: [extension] };
}

describe('the fast tier alone', () => {
  it.each(examples().filter(({ name }) => /-(?:minimal|maximal)$/.test(name)))('is sure of $name', ({ resource }) => {
    expect(validator.acceptsFast(resource, [])).toBe(true);
  });

  it.each([
    [63, true],
    [64, false],
  ])('stops at the depth where the thorough tier stops: %i extensions in each other', (levels, isFine) => {
    expect(validator.acceptsFast(nested(levels), [])).toBe(isFine);
    expect(validator.validate(nested(levels)).some(isFault)).toBe(!isFine);
  });

  it('is sure of what stands beside a value, and leaves what asks for that value to the engine', () => {
    const beside = { extension: [{ url, valueString: 'x' }] };
    const patient = { resourceType: 'Patient', birthDate: '2000-01-01', _birthDate: beside };
    expect(validator.acceptsFast(patient, [])).toBe(true);
    const { birthDate: _, ...alone } = patient;
    expect(validator.acceptsFast(alone, [])).toBe(true);
    expect(validator.acceptsFast({ ...patient, _birthday: beside }, [])).toBe(false);
    expect(validator.acceptsFast({ ...patient, _birthDate: { ...beside, url } }, [])).toBe(false);
  });

  it('counts a value and what stands beside it once', () => {
    const beside = { extension: [{ url, valueString: 'x' }] };
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    expect(validator.acceptsFast({ ...observation, valueString: 'x', _valueString: beside }, [])).toBe(true);
    expect(validator.acceptsFast({ ...observation, _valueString: beside, valueString: 'x' }, [])).toBe(true);
    expect(validator.accepts({ ...observation, _valueString: beside, valueInteger: 1 })).toBe(false);
    expect(validator.accepts({ ...observation, valueString: 'x', valueInteger: 1 })).toBe(false);
  });

  it('reads its slices, patterns and references whatever the order of keys', () => {
    const profiled = createValidator(
      withProfiles({
        sliced: [
          'Observation',
          [
            element('Observation.category', {
              slicing: { rules: 'closed', discriminator: [{ type: 'pattern', path: '$this' }] },
            }),
            element('Observation.category:a', {
              min: 1,
              max: '1',
              patternCodeableConcept: { coding: [{ system: url, code: 'a' }] },
            }),
            element('Observation.category:b', { patternCodeableConcept: { coding: [{ system: url, code: 'b' }] } }),
          ],
        ],
      }),
    );
    const observation = (...category: object[]) => ({
      category,
      code: { text: 'x' },
      subject: { display: 'x', reference: 'Patient/1' },
      status: 'final',
      resourceType: 'Observation',
    });
    const [a, b] = ['a', 'b'].map((code) => ({ coding: [{ code: 'z' }, { display: 'x', code, system: url }] }));
    const accepts = (...category: (object | undefined)[]) => {
      const resource = observation(...category.filter((one) => one !== undefined));
      const isFast = profiled.acceptsFast(resource, [urlOf('sliced')]);
      expect(!profiled.validate(resource, { profiles: [urlOf('sliced')] }).some(isFault)).toBe(isFast);
      return isFast;
    };
    expect(accepts(b, a, b)).toBe(true);
    expect(accepts(b)).toBe(false);
    expect(accepts(a, a)).toBe(false);
    expect(accepts(a, { text: 'other' })).toBe(false);
  });
});
