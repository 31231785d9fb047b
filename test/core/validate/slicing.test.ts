import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { element, urlOf, withProfiles } from './small-profiles.ts';

const coding = (code: string) => ({ coding: [{ system: 'https://example.com/s', code }] });
const slicing = (type: string, path: string, more: object = {}) => ({
  slicing: { rules: 'open', ...more, discriminator: [{ type, path }] },
});
const category = (name: string, code: string, rules: object = {}) =>
  element(`Observation.category:${name}`, { patternCodeableConcept: coding(code), ...rules });
const two = [category('a', 'a', { min: 1, max: '1' }), category('b', 'b')];

const definitions = withProfiles({
  pattern: ['Observation', [element('Observation.category', slicing('pattern', '$this')), ...two]],
  closed: ['Observation', [element('Observation.category', slicing('pattern', '$this', { rules: 'closed' })), ...two]],
  ordered: ['Observation', [element('Observation.category', slicing('pattern', '$this', { ordered: true })), ...two]],
  atEnd: [
    'Observation',
    [element('Observation.category', slicing('pattern', '$this', { rules: 'openAtEnd' })), ...two],
  ],
  value: [
    'Patient',
    [
      element('Patient.identifier', slicing('value', 'system')),
      element('Patient.identifier:mr', { min: 1, max: '1' }),
      element('Patient.identifier:mr.system', { min: 1, fixedUri: 'https://example.com/mr' }),
      element('Patient.identifier:mr.value', { min: 1 }),
    ],
  ],
  exists: [
    'Observation',
    [
      element('Observation.component', slicing('exists', 'value')),
      element('Observation.component:empty', { max: '1' }),
      element('Observation.component:empty.value[x]', { max: '0' }),
      element('Observation.component:full', { min: 1 }),
      element('Observation.component:full.value[x]', { min: 1 }),
    ],
  ],
  type: [
    'Observation',
    [
      element('Observation.value[x]', slicing('type', '$this', { rules: 'closed' })),
      element('Observation.value[x]:valueQuantity', { min: 1, type: [{ code: 'Quantity' }] }),
      element('Observation.value[x]:valueQuantity.code', { min: 1 }),
    ],
  ],
  named: ['Patient', [element('Patient.name', { min: 1 })]],
  profile: [
    'Bundle',
    [
      element('Bundle.entry', slicing('profile', 'resource')),
      element('Bundle.entry:named', { min: 1, max: '1' }),
      element('Bundle.entry:named.resource', { min: 1, type: [{ code: 'Patient', profile: [urlOf('named')] }] }),
    ],
  ],
  nested: [
    'Observation',
    [
      element('Observation.component', slicing('pattern', 'code')),
      element('Observation.component:side', { max: '1' }),
      element('Observation.component:side.code', { min: 1, patternCodeableConcept: coding('side') }),
      element('Observation.component:side.interpretation', slicing('pattern', '$this', { rules: 'closed' })),
      element('Observation.component:side.interpretation:high', { patternCodeableConcept: coding('high'), max: '1' }),
    ],
  ],
  untold: [
    'Observation',
    [
      element('Observation.category', { slicing: { rules: 'open', description: 'by hand' } }),
      category('a', 'a', { min: 1 }),
    ],
  ],
  again: [
    'Observation',
    [
      element('Observation.category', slicing('pattern', '$this')),
      category('a', 'a', slicing('value', 'text', { rules: 'closed' })),
      element('Observation.category:a/one', { max: '1' }),
      element('Observation.category:a/one.text', { min: 1, fixedString: 'one' }),
    ],
  ],
});
const validator = createValidator(definitions);
const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
const categories = (...codes: string[]) => observation({ category: codes.map(coding) });
const bundle = (...patients: object[]) => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: patients.map((patient) => ({
    resource: { resourceType: 'Patient', ...patient },
    request: { method: 'GET', url: 'x' },
  })),
});
const name = { name: [{ family: 'Muster' }] };

const cases: readonly (readonly [string, string, object, readonly string[]])[] = [
  ['by pattern, a needed slice is there', 'pattern', categories('a', 'b', 'z'), []],
  ['by pattern, a needed slice is missing', 'pattern', categories('b'), ['slice-min Observation']],
  ['by pattern, a slice comes too often', 'pattern', categories('a', 'a'), ['slice-max Observation']],
  ['closed, nothing else is there', 'closed', categories('a', 'b'), []],
  ['closed, something else is there', 'closed', categories('a', 'z'), ['slice-closed Observation.category[1]']],
  ['ordered, the order is kept', 'ordered', categories('a', 'z', 'b'), []],
  ['ordered, the order is turned', 'ordered', categories('b', 'a'), ['slice-order Observation.category[1]']],
  ['open at its end, others come last', 'atEnd', categories('a', 'b', 'z'), []],
  ['open at its end, others come first', 'atEnd', categories('z', 'a'), ['slice-order Observation.category[0]']],
  [
    'by value, the slice is whole',
    'value',
    { resourceType: 'Patient', identifier: [{ system: 'https://example.com/mr', value: '1' }] },
    [],
  ],
  [
    'by value, the slice lacks a part',
    'value',
    { resourceType: 'Patient', identifier: [{ system: 'https://example.com/mr' }] },
    ['cardinality-min Patient.identifier[0]'],
  ],
  [
    'by value, only another is there',
    'value',
    { resourceType: 'Patient', identifier: [{ system: 'https://example.com/other', value: '1' }] },
    ['slice-min Patient'],
  ],
  [
    'by existence, one has a value',
    'exists',
    observation({ component: [{ code: { text: 'x' }, valueString: 'x' }] }),
    [],
  ],
  [
    'by existence, none has a value',
    'exists',
    observation({ component: [{ code: { text: 'x' } }] }),
    ['slice-min Observation'],
  ],
  [
    'by existence, two have none',
    'exists',
    observation({
      component: [{ code: { text: 'x' } }, { code: { text: 'x' } }, { code: { text: 'x' }, valueString: 'x' }],
    }),
    ['slice-max Observation'],
  ],
  [
    'by type, the type is right',
    'type',
    observation({ valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'cm' } }),
    [],
  ],
  [
    'by type, the slice lacks a part',
    'type',
    observation({ valueQuantity: { value: 1 } }),
    ['cardinality-min Observation.value.ofType(Quantity)'],
  ],
  [
    'by type and closed, another type is there',
    'type',
    observation({ valueString: 'x' }),
    ['slice-closed Observation.value.ofType(string)', 'slice-min Observation'],
  ],
  ['by profile, one conforms', 'profile', bundle(name, { active: true }), []],
  ['by profile, none conforms', 'profile', bundle({ active: true }), ['slice-min Bundle']],
  ['by profile, two conform', 'profile', bundle(name, name), ['slice-max Bundle']],
  [
    'nested, the inner slice fits',
    'nested',
    observation({ component: [{ code: coding('side'), interpretation: [coding('high')] }] }),
    [],
  ],
  [
    'nested, the inner slicing is closed',
    'nested',
    observation({ component: [{ code: coding('side'), interpretation: [coding('low')] }] }),
    ['slice-closed Observation.component[0].interpretation[0]'],
  ],
  [
    'nested, outside of the outer slice nothing is said',
    'nested',
    observation({ component: [{ code: coding('x'), interpretation: [coding('low')] }] }),
    [],
  ],
  ['sliced again, the inner slice fits', 'again', observation({ category: [{ ...coding('a'), text: 'one' }] }), []],
  [
    'sliced again, an inner slice comes too often',
    'again',
    observation({ category: [1, 2].map(() => ({ ...coding('a'), text: 'one' })) }),
    ['slice-max Observation'],
  ],
  [
    'sliced again and closed, it does not fit',
    'again',
    observation({ category: [{ ...coding('a'), text: 'two' }] }),
    ['slice-closed Observation.category[0]'],
  ],
];

describe('slicing', () => {
  it.each(cases)('%s', (_, profile, resource, expected) => {
    const faults = validator.validate(resource, { profiles: [urlOf(profile)] }).filter(isFault);
    expect(faults.map((issue) => `${issue.code} ${issue.expression}`).sort()).toEqual([...expected].sort());
    expect(validator.accepts(resource, [urlOf(profile)])).toBe(expected.length === 0);
    if (expected.length > 0) expect(validator.acceptsFast(resource, [urlOf(profile)])).toBe(false);
  });

  it('slices that nothing tells apart are told to be unchecked', () => {
    const issues = validator.validate(categories('z'), { profiles: [urlOf('untold')] });
    expect(issues.filter(isFault)).toEqual([]);
    expect(issues.map((issue) => issue.code)).toContain('slicing-not-checkable');
  });

  it('says which slice was tried, by which discriminator it failed, what it wanted and what it met', () => {
    const [issue] = validator.validate(categories('b'), { profiles: [urlOf('pattern')] });
    expect(issue?.profile).toBe(urlOf('pattern'));
    expect(issue?.element).toBe('Observation.category:a');
    expect(issue?.message).toContain(
      'discriminator pattern $this should be {"coding":[{"system":"https://example.com/s","code":"a"}]} and is https://example.com/s#b',
    );
  });
});
