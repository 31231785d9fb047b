import { describe, expect, it, vi } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { parseJson } from '../../../src/core/fhir/json.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { element, urlOf, withProfiles } from './small-profiles.ts';

const extension = (name: string, context: string, more: object = {}) =>
  [
    'Extension',
    [
      element('Extension.extension', { max: '0' }),
      element('Extension.url', { fixedUri: urlOf(name) }),
      element('Extension.value[x]', { min: 1, type: [{ code: 'boolean' }] }),
    ],
    { context: [{ type: 'element', expression: context }], ...more },
  ] as const;
const parts = [
  element('Extension.extension:one', { min: 1, max: '1' }),
  element('Extension.extension:one.url', { fixedUri: 'one' }),
  element('Extension.extension:one.value[x]', { min: 1, type: [{ code: 'string' }] }),
  element('Extension.url', { fixedUri: urlOf('parts') }),
  element('Extension.value[x]', { max: '0' }),
];
const validator = createValidator(
  withProfiles({
    onName: extension('onName', 'HumanName'),
    onPatient: extension('onPatient', 'Patient'),
    parts: [
      'Extension',
      parts,
      {
        context: [
          { type: 'element', expression: 'Element' },
          { type: 'element', expression: 'DomainResource' },
        ],
      },
    ],
    named: ['Patient', [element('Patient.name', { min: 1 })]],
    ranged: [
      'Observation',
      [
        element('Observation.value[x]', {
          type: [{ code: 'Quantity' }],
          minValueQuantity: { value: 0, system: 'http://unitsofmeasure.org', code: 'kg' },
        }),
      ],
    ],
    target: [
      'Observation',
      [element('Observation.subject', { type: [{ code: 'Reference', targetProfile: [urlOf('named')] }] })],
    ],
    badRule: [
      'Patient',
      [element('Patient.name', { constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression: 'name.(' }] })],
    ],
    badSlicing: [
      'Patient',
      [
        element('Patient.name', {
          slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'text.substring(1)' }] },
        }),
      ],
    ],
    badElement: ['Patient', [element('Patient.dateOfBirth', { min: 1 })]],
  }),
);
const patient = (more: object) => ({ resourceType: 'Patient', ...more });
const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
const div = (inner: string) =>
  patient({ text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>` } });
const url = urlOf;
const uuid = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
const composition = (author: string) => ({
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'x' },
  date: '2026',
  title: 'x',
  author: [{ reference: author }],
});
const document = (author: string) => ({
  resourceType: 'Bundle',
  type: 'document',
  timestamp: '2026-11-26T09:00:00Z',
  identifier: { system: 'https://example.com/ids', value: '1' },
  entry: [
    { fullUrl: 'urn:uuid:5d9588d8-3cd6-4b32-8fb7-ad13694e069d', resource: composition(author) },
    { fullUrl: uuid, resource: { resourceType: 'Practitioner', active: true } },
  ],
});

const cases: readonly (readonly [string, object, readonly string[], string?])[] = [
  [
    'an extension stands where it is meant to',
    patient({ name: [{ extension: [{ url: url('onName'), valueBoolean: true }] }] }),
    [],
  ],
  [
    'an extension stands elsewhere',
    patient({ extension: [{ url: url('onName'), valueBoolean: true }] }),
    ['extension-context Patient.extension[0]'],
  ],
  [
    'an extension for one resource stands on another',
    observation({ extension: [{ url: url('onPatient'), valueBoolean: true }] }),
    ['extension-context Observation.extension[0]'],
  ],
  [
    'an extension has another type of value',
    patient({ extension: [{ url: url('onPatient'), valueString: 'x' }] }),
    ['choice-type Patient.extension[0].value.ofType(string)'],
  ],
  [
    'an extension has parts, all of them defined',
    patient({ extension: [{ url: url('parts'), extension: [{ url: 'one', valueString: 'x' }] }] }),
    [],
  ],
  [
    'an extension has a part that is not defined',
    patient({
      extension: [
        {
          url: url('parts'),
          extension: [
            { url: 'one', valueString: 'x' },
            { url: 'two', valueString: 'x' },
          ],
        },
      ],
    }),
    ['extension-part Patient.extension[0].extension[1]'],
  ],
  [
    'an extension lacks a part',
    patient({ extension: [{ url: url('parts'), extension: [{ url: 'two', valueString: 'x' }] }] }),
    ['extension-part Patient.extension[0].extension[0]', 'slice-min Patient.extension[0]'],
  ],
  [
    'an extension nobody knows is let pass',
    patient({ extension: [{ url: 'https://example.com/x', valueString: 'x' }] }),
    [],
  ],
  [
    'a modifier extension nobody knows is not',
    patient({ modifierExtension: [{ url: 'https://example.com/x', valueString: 'x' }] }),
    ['modifier-extension-unknown Patient.modifierExtension[0]'],
  ],
  [
    'a known extension is put under modifierExtension',
    patient({ modifierExtension: [{ url: url('onPatient'), valueBoolean: true }] }),
    ['extension-modifier Patient.modifierExtension[0]'],
  ],
  [
    'an extension stands beside a primitive',
    patient({ birthDate: '2000', _birthDate: { extension: [{ url: 'https://example.com/x', valueString: 'x' }] } }),
    [],
  ],
  [
    'beside a primitive stands something else',
    patient({ _birthDate: { value: 'x' } }),
    ['empty-object Patient.birthDate', 'unknown-property Patient.birthDate.value'],
  ],
  [
    'nothing but an id stands in place of a primitive',
    patient({ _birthDate: { id: 'x' } }),
    ['empty-object Patient.birthDate'],
  ],
  [
    'a local reference is found',
    patient({
      contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
      managingOrganization: { reference: '#o' },
    }),
    [],
  ],
  [
    'a local reference leads nowhere',
    patient({ managingOrganization: { reference: '#o' } }),
    ['reference-unresolved Patient.managingOrganization'],
  ],
  [
    'a contained resource is not referred to',
    patient({ contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }] }),
    ['contained-unused Patient.contained[0]'],
  ],
  [
    'two contained resources share an id',
    patient({
      contained: [
        { resourceType: 'Organization', id: 'o', name: 'x' },
        { resourceType: 'Organization', id: 'o', name: 'y' },
      ],
      managingOrganization: { reference: '#o' },
    }),
    ['contained-duplicate Patient.contained[1].id'],
  ],
  [
    'a contained resource contains another',
    patient({
      contained: [
        {
          resourceType: 'Organization',
          id: 'o',
          name: 'x',
          contained: [{ resourceType: 'Basic', id: 'b', code: { text: 'x' } }],
        },
      ],
      managingOrganization: { reference: '#o' },
    }),
    ['contained-nested Patient.contained[0].contained'],
  ],
  [
    'a reference leads to a type that the element does not take',
    patient({ managingOrganization: { reference: 'Patient/1' } }),
    ['reference-target Patient.managingOrganization'],
  ],
  [
    'a reference by URL leads to a type that the element does not take',
    patient({ managingOrganization: { reference: 'https://example.com/fhir/Patient/1' } }),
    ['reference-target Patient.managingOrganization'],
  ],
  [
    'a reference by URL leads to a type that the element takes, also to an earlier version of it',
    patient({
      managingOrganization: { reference: 'https://example.com/fhir/Organization/1' },
      generalPractitioner: [{ reference: 'https://example.com/fhir/Practitioner/1/_history/2' }],
    }),
    [],
  ],
  [
    'a reference to anything begins with a small letter',
    observation({ focus: [{ reference: 'patient/1' }] }),
    ['reference-format Observation.focus[0]'],
  ],
  ['a reference to anything', observation({ focus: [{ reference: 'Basic/1' }, { reference: 'https://x/y' }] }), []],
  [
    'a reference has an address that tells no type',
    patient({ managingOrganization: { reference: 'https://example.com/x' } }),
    [],
  ],
  [
    'what is referred to conforms',
    observation({ contained: [patient({ id: 'p', name: [{ text: 'x' }] })], subject: { reference: '#p' } }),
    [],
    'target',
  ],
  [
    'what is referred to does not conform',
    observation({ contained: [patient({ id: 'p' })], subject: { reference: '#p' } }),
    ['reference-profile Observation.subject'],
    'target',
  ],
  [
    'a quantity is above its least value in another unit',
    observation({ valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'g' } }),
    [],
    'ranged',
  ],
  [
    'a quantity is below its least value in another unit',
    observation({ valueQuantity: { value: -1, system: 'http://unitsofmeasure.org', code: 'g' } }),
    ['min-value Observation.value.ofType(Quantity)'],
    'ranged',
  ],
  [
    'meta.profile names a profile, which is applied',
    patient({ meta: { profile: [url('named')] } }),
    ['cardinality-min Patient'],
  ],
  [
    'meta.profile names a profile that nobody knows',
    patient({ meta: { profile: ['https://example.com/unknown'] } }),
    [],
  ],
  [
    'meta.profile names a profile of another type',
    observation({ meta: { profile: [url('named')] } }),
    ['profile-type Observation.meta.profile[0]'],
  ],
  [
    'two elements have one id',
    patient({
      name: [
        { id: 'a', text: 'x' },
        { id: 'a', text: 'y' },
      ],
    }),
    ['id-duplicate Patient.name[1]'],
  ],
  ['a document holds what it refers to', document(uuid), []],
  [
    'a document does not hold what it refers to',
    document('Practitioner/1'),
    ['reference-unresolved Bundle.entry[0].resource.author[0]', 'document-unlinked Bundle.entry[1]'],
  ],
  [
    'a document does not start with its composition',
    { ...document(uuid), entry: document(uuid).entry.reverse() },
    ['bundle-first Bundle.entry[0]', 'invariant Bundle'],
  ],
  [
    'a full URL is relative',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'Patient/1', resource: patient({ id: '1', active: true }) }],
    },
    ['full-url Bundle.entry[0]'],
  ],
  [
    'a full URL is that of another resource',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'https://example.com/Patient/2', resource: patient({ id: '1', active: true }) }],
    },
    ['full-url-id Bundle.entry[0]'],
  ],
  ['a narrative has plain formatting', div('<p>x &amp; <b>y</b><br/></p>'), []],
  ['a narrative has a script', div('<script>x</script>'), ['narrative Patient.text.div']],
  ['a narrative has a handler', div('<p onclick="x">x</p>'), ['narrative Patient.text.div']],
  ['a narrative links to a script', div('<a href="javascript:x">x</a>'), ['narrative Patient.text.div']],
  ['a narrative is not well-formed', div('<p>x'), ['narrative Patient.text.div']],
  ['a narrative is empty', div(' '), ['narrative Patient.text.div']],
];

describe('what R4 says of resources', () => {
  it.each(cases.map(([name, resource, expected, profile]) => ({ name, resource, expected, profile })))(
    '$name',
    ({ resource, expected, profile }) => {
      const profiles = profile === undefined ? [] : [urlOf(profile)];
      const faults = validator.validate(resource, { profiles }).filter(isFault);
      expect(faults.map((issue) => `${issue.code} ${issue.expression}`).sort()).toEqual([...expected].sort());
      expect(validator.accepts(resource, profiles)).toBe(expected.length === 0);
      if (expected.length > 0) expect(validator.acceptsFast(resource, profiles)).toBe(false);
    },
  );

  it.each([
    ['badRule', 'x-1'],
    ['badSlicing', 'text.substring(1)'],
    ['badElement', 'Patient.dateOfBirth'],
  ])('a definition that cannot be understood is refused by name: %s', (profile, reason) => {
    const [issue] = validator.validate(patient({ active: true }), { profiles: [urlOf(profile)] });
    expect(issue?.code).toBe('definition-unsupported');
    expect(issue?.message).toContain(urlOf(profile));
    expect(issue?.message).toContain(reason);
    expect(validator.accepts(patient({ active: true }), [urlOf(profile)])).toBe(false);
  });

  it('an issue has its line and column, and shows nothing that a person wrote', () => {
    const text = '{\n  "resourceType": "Patient",\n  "gender": "Erika Muster",\n  "Erika Muster": 1\n}';
    const parsed = parseJson(text);
    const issues = parsed.ok ? validator.validate(parsed.value, { locate: parsed.locate }).filter(isFault) : [];
    expect(issues.map((issue) => [issue.code, issue.line])).toEqual([
      ['binding-required', 3],
      ['unknown-property', 1],
    ]);
    expect(JSON.stringify(issues)).not.toContain('Muster');
  });

  it('where code may not be made from strings, the thorough tier decides alone', () => {
    function forbidden() {
      throw new EvalError('Code generation from strings disallowed for this context');
    }
    vi.stubGlobal('Function', forbidden);
    try {
      const strict = createValidator(withProfiles({}));
      expect(strict.acceptsFast(patient({ active: true }), [])).toBe(false);
      expect(strict.accepts(patient({ active: true }))).toBe(true);
      expect(strict.accepts(patient({ active: 'yes' }))).toBe(false);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('at most 200 issues are told, the worst first', () => {
    const name = Array.from({ length: 500 }, () => ({ use: 'wrong' }));
    const issues = validator.validate(patient({ name }));
    expect(issues).toHaveLength(200);
    expect(issues[0]?.severity).toBe('error');
  });

  it('nesting without end is refused, and so is what claims to be a prototype', () => {
    let extension: object = { url: 'https://example.com/x', valueString: 'x' };
    for (let depth = 0; depth < 5000; depth += 1) extension = { url: 'https://example.com/x', extension: [extension] };
    expect(validator.validate(patient({ extension: [extension] })).map((issue) => issue.code)).toContain('too-deep');
    expect(validator.accepts(patient({ extension: [extension] }))).toBe(false);
    const polluted = JSON.parse('{"resourceType":"Patient","__proto__":{"active":true},"constructor":1}') as unknown;
    expect(
      validator
        .validate(polluted)
        .filter(isFault)
        .map((issue) => issue.code),
    ).toEqual(['unknown-property', 'unknown-property']);
    expect(validator.accepts(polluted)).toBe(false);
  });

  it.each([
    [null],
    ['x'],
    [[]],
    [{}],
    [{ resourceType: 'Nothing' }],
    [{ resourceType: 'HumanName' }],
    [{ resourceType: 'constructor' }],
  ])('what is no resource is refused: %j', (value) => {
    expect(validator.validate(value).map((issue) => issue.code)).toEqual(['resource-type']);
    expect(validator.accepts(value)).toBe(false);
  });
});
