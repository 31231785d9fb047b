import { describe, expect, test } from 'vitest';
import { screen } from '../../../../src/core/plan/screening.ts';
import {
  allergy,
  concept,
  condition,
  found,
  lumbar,
  medicine,
  now,
  observation,
  order,
  type Resource,
  rules,
  screened,
  status,
  systems,
} from './record.ts';

const inBundle = (referral: Resource, ...resources: readonly Resource[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [referral, ...resources].map((resource) => ({
    ...(resource.id === undefined
      ? {}
      : { fullUrl: `https://demo-hospital.example/fhir/${resource.resourceType}/${resource.id}` }),
    resource,
  })),
});
const run = (referral: Resource, context?: unknown) => screen({ referral, context, facts: lumbar, rules, now });
const evidence = (referral: Resource, context?: unknown) =>
  run(referral, context).findings.flatMap((one) => one.evidence);

describe('evidence is read', () => {
  test('from reasonCode', () => {
    const reasonCode = [concept(systems.icd, 'M54.5'), concept(systems.icd, 'A41.9')];
    expect(evidence(order([], { reasonCode }))).toEqual(['ServiceRequest.reasonCode[1].coding[0]']);
  });

  test('from a contained resource that supportingInfo names', () => {
    const referral = order([condition('A41.9', { id: 'c' })], { supportingInfo: [{ reference: '#c' }] });
    expect(evidence(referral)).toEqual(['ServiceRequest.contained[0].code.coding[0]']);
  });

  test('from a bundled resource that reasonReference names', () => {
    const referral = order([], { id: 'r', reasonCode: undefined, reasonReference: [{ reference: 'Condition/c1' }] });
    expect(evidence(referral, inBundle(referral, condition('A41.9', { id: 'c1' })))).toEqual([
      'Bundle.entry[1].resource.code.coding[0]',
    ]);
  });

  test('from a bundled resource that nothing names', () => {
    const referral = order([], { id: 'r' });
    expect(evidence(referral, inBundle(referral, condition('A41.9')))).toEqual([
      'Bundle.entry[1].resource.code.coding[0]',
    ]);
  });

  test('from a document inside a message', () => {
    const referral = order([], { id: 'r' });
    const document = { resourceType: 'Bundle', type: 'document', entry: [{ resource: condition('A41.9') }] };
    expect(evidence(referral, inBundle(referral, document))).toEqual([
      'Bundle.entry[1].resource.entry[0].resource.code.coding[0]',
    ]);
  });

  test('from the product that a medicine refers to', () => {
    const product = { resourceType: 'Medication', id: 'm', code: concept(systems.atc, 'B01AF01') };
    const takes = { resourceType: 'MedicationRequest', status: 'active', medicationReference: { reference: '#m' } };
    expect(evidence(order([product, takes]))).toEqual(['ServiceRequest.contained[0].code.coding[0]']);
  });

  test('from the referral once, when the Bundle carries a copy of it', () => {
    const referral = order([condition('A41.9')], { id: 'r' });
    const copy = structuredClone(referral);
    expect(evidence(referral, inBundle(copy))).toEqual(['ServiceRequest.contained[0].code.coding[0]']);
  });

  test('with every coding of a record that a rule knows, as one finding', () => {
    const both = condition('91302008', {
      code: {
        coding: [
          { system: systems.sct, code: '91302008' },
          { system: systems.icd, code: 'A41.9' },
        ],
      },
    });
    const result = screened([both]);
    expect(found(result)).toEqual(['sepsis: reject']);
    expect(result.findings[0]?.evidence).toEqual([
      'ServiceRequest.contained[0].code.coding[0]',
      'ServiceRequest.contained[0].code.coding[1]',
    ]);
  });

  test.each([
    ['http://fhir.de/CodeSystem/bfarm/icd-10-gm', 'A41.9'],
    ['http://hl7.org/fhir/sid/icd-10', 'A41'],
    ['urn:oid:2.16.840.1.113883.6.90', 'A419'],
    ['http://hl7.org/fhir/sid/icd-10-cm', 'a41.9'],
    ['http://fhir.de/CodeSystem/bfarm/icd-10-gm', 'A41.9+'],
    ['http://snomed.info/sct', '91302008:246112005=24484000'],
  ])('in the writing of %s: %s', (system, code) => {
    expect(found(screened([condition('x', { code: concept(system, code) })]))).toEqual(['sepsis: reject']);
  });
});

describe('a reason that was told later than the order', () => {
  const later = (codings: readonly { system: string; code: string }[], conditionRef?: string) =>
    screen({
      referral: order([condition('A41.9', { id: 'c', verificationStatus: { coding: [{ code: 'refuted' }] } })]),
      facts: {
        ...lumbar,
        indications: [{ codings: [...codings], ...(conditionRef === undefined ? {} : { conditionRef }) }],
      },
      rules,
      now,
    }).findings.flatMap((one) => one.evidence);

  test('is screened, with its place in the plan', () => {
    expect(later([{ system: systems.icd, code: 'A41.9' }])).toEqual(['TreatmentPlan.indications[0].codings[0]']);
  });

  test('is not counted twice when the order has it', () => {
    expect(later([{ system: systems.icd, code: 'M54.5' }])).toEqual([]);
  });

  test('that stands in a Condition is read there, with its status', () => {
    expect(later([{ system: systems.icd, code: 'A41.9' }], '#c')).toEqual([]);
  });
});

describe('nothing is decided on', () => {
  test.each([
    ['a text', condition('x', { code: { text: 'Sepsis' } })],
    ['a display', condition('x', { code: { coding: [{ display: 'Sepsis' }] } })],
    ['a code without its system', condition('x', { code: { coding: [{ code: 'A41.9' }] } })],
    ['a code of an unknown system', condition('x', { code: concept('https://demo-hospital.example/codes', 'A41.9') })],
    ['an ICD-9 code', condition('x', { code: concept('http://hl7.org/fhir/sid/icd-9-cm', '038.9') })],
  ])('%s', (_, record) => {
    expect(screened([record]).disposition).toBe('none');
  });

  test("another Patient's record in the same Bundle", () => {
    const patient = (id: string) => ({ resourceType: 'Patient', id });
    const referral = order([], { id: 'r', subject: { reference: 'Patient/1' } });
    const others = condition('A41.9', { subject: { reference: 'Patient/2' } });
    expect(evidence(referral, inBundle(referral, patient('1'), patient('2'), others))).toEqual([]);
    const own = condition('A41.9', { subject: { reference: 'Patient/1' } });
    expect(evidence(referral, inBundle(referral, patient('1'), patient('2'), own))).toHaveLength(1);
  });
});

describe('a person is shown', () => {
  test('notes, uncoded reasons and uncoded records, with their places', () => {
    const referral = order(
      [condition('x', { code: { text: 'Sepsis in spring' }, note: [{ text: 'Treated at home.' }] })],
      {
        note: [{ text: 'Please be careful.' }],
        reasonCode: [{ text: 'Tense back' }],
      },
    );
    expect(run(referral).shown).toEqual([
      { path: 'ServiceRequest.note[0].text', text: 'Please be careful.' },
      { path: 'ServiceRequest.reasonCode[0].text', text: 'Tense back' },
      { path: 'ServiceRequest.contained[0].note[0].text', text: 'Treated at home.' },
      { path: 'ServiceRequest.contained[0].code', text: 'Sepsis in spring' },
    ]);
    expect(run(referral).duties.map(({ code }) => code)).toContain('read-free-text');
  });

  test.each(['kg', 'warm', ''])('a temperature in "%s", which cannot be read', (unit) => {
    const result = screened([observation('8310-5', 39, unit)]);
    expect(result.disposition).toBe('none');
    expect(result.shown.map(({ path }) => path)).toEqual(['ServiceRequest.contained[0].value']);
  });
});

describe('what is missing', () => {
  const conditions = condition('M54.2');
  test.each([
    ['absent', []],
    ['partial', [conditions]],
    ['partial', [conditions, medicine('A02BC01')]],
    ['complete', [conditions, medicine('A02BC01'), allergy('227493005')]],
  ] as const)('is %s', (completeness, records) => {
    expect(screened(records).completeness).toBe(completeness);
  });

  test('the reason of the order says nothing about other illnesses', () => {
    const referral = order([condition('M54.2', { id: 'c' })], { reasonReference: [{ reference: '#c' }] });
    expect(run(referral).completeness).toBe('absent');
  });

  test('is nothing any more once the prescriber has answered', () => {
    const { completeness, duties } = screened([], lumbar, { answered: true });
    expect({ completeness, duties }).toEqual({ completeness: 'complete', duties: [] });
  });

  test('is a duty where a record is named and did not come', () => {
    const result = run(order([], { supportingInfo: [{ reference: 'Condition/77' }] }));
    expect(result.duties.map(({ code }) => code)).toContain('missing-records');
    expect(result.disposition).toBe('none');
  });
});

describe('a Condition counts', () => {
  const abated = { abatementDateTime: '2026-11-25' };
  test.each([
    ['without a status', {}, true],
    ['with a status that nobody knows', status('perhaps'), true],
    ['when active', status('active'), true],
    ['not when resolved', status('resolved'), false],
    ['not when in remission', status('remission'), false],
    ['not when it has abated', abated, false],
    ['when it will abate', { abatementDateTime: '2026-12-25' }, true],
    ['when it is called active and abated at once', { ...status('active'), ...abated }, true],
    ['when it is only provisional', { verificationStatus: { coding: [{ code: 'provisional' }] } }, true],
    ['not when refuted', { verificationStatus: { coding: [{ code: 'refuted' }] } }, false],
    ['not when entered in error', { verificationStatus: { coding: [{ code: 'entered-in-error' }] } }, false],
  ])('%s', (_, more, counts) => {
    expect(found(screened([condition('91302008', more)]))).toEqual(counts ? ['sepsis: reject'] : []);
  });
});

test('a setting of the partner holds a pregnancy of unknown or early age, and no later one', () => {
  const settings = ['hold-first-trimester'];
  expect(screened([condition('77386006')], lumbar, { settings }).disposition).toBe('hold');
  expect(screened([condition('77386006', { onsetDateTime: '2026-08-21' })], lumbar, { settings }).disposition).toBe(
    'hold',
  );
  expect(screened([condition('77386006', { onsetDateTime: '2026-08-20' })], lumbar, { settings }).disposition).toBe(
    'flag',
  );
  expect(screened([condition('77386006')]).disposition).toBe('flag');
});

test('an osteoporosis beside a fracture is held even where the fracture is only flagged', () => {
  const fracture = condition('S82.0', { onsetDateTime: '2026-01-01' });
  expect(found(screened([condition('64859006'), fracture]))).toEqual(['osteoporosis: hold', 'fracture: flag']);
});

describe('a hostile record', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
  test.each(names)('that names "%s" as system, code and side finds nothing and breaks nothing', (name) => {
    const record = condition('x', { code: concept(name, name), bodySite: [concept(name, name)], ...status(name) });
    const value = observation('8310-5', 39, name, { code: concept(systems.loinc, name) });
    expect(screened([record, value, medicine(name), allergy(name)]).findings).toEqual([]);
  });

  test.each([
    [null],
    ['text'],
    [{}],
    [{ resourceType: 'Condition', code: null }],
    [{ resourceType: 'Condition', code: { coding: 'I26' } }],
    [
      {
        resourceType: 'Condition',
        code: { coding: [null, 7, { system: 1, code: [] }] },
        bodySite: 'knee',
        onsetDateTime: 7,
      },
    ],
    [
      {
        resourceType: 'Observation',
        code: { coding: [{ system: systems.loinc, code: '8310-5' }] },
        valueQuantity: { value: '39', code: 'Cel' },
      },
    ],
    [{ resourceType: 'Bundle', entry: [null, { resource: null }] }],
  ])('of another shape reads as absent: %j', (record) => {
    expect(screened([record as Resource]).disposition).toBe('none');
  });
});
