import type { StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { combineDefinitions, loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { definitionsOf } from '../../../src/io/definitions/from-resources.ts';

const definitions = loadDefinitions();
const r4 = 'http://hl7.org/fhir';

function elementIds(url: string): string[] {
  const structure = definitions.structure(url) as StructureDefinition | undefined;
  return (structure?.snapshot?.element ?? []).map(({ id }) => id ?? '');
}

describe('a structure is found', () => {
  test('by type name, by url and by url with version, and it is one object', () => {
    expect(elementIds('Patient')).toContain('Patient.birthDate');
    expect(definitions.structure(`${r4}/StructureDefinition/Patient`)).toBe(definitions.structure('Patient'));
    expect(definitions.structure(`${r4}/StructureDefinition/Patient|4.0.1`)).toBe(definitions.structure('Patient'));
  });

  test.each(['Quantity', 'SimpleQuantity', 'Timing', 'code', 'xhtml', 'Element', 'DomainResource', 'Bundle'])(
    'for the R4 type %s',
    (type) => expect(elementIds(type).length).toBeGreaterThan(0),
  );

  test.each([`${r4}/StructureDefinition/vitalsigns`, `${r4}/StructureDefinition/patient-birthPlace`])(
    "for R4's own profiles and extensions: %s",
    (url) => expect(elementIds(url).length).toBeGreaterThan(3),
  );

  test('for our profiles and models', () => {
    expect(elementIds('https://tactus.example/fhir/StructureDefinition/massage-procedure')).toContain(
      'Procedure.identifier:session',
    );
    expect(elementIds('https://tactus.example/fhir/StructureDefinition/TreatmentPlan')).toContain(
      'TreatmentPlan.dosage.sessions',
    );
  });

  test('and not for what nobody defined', () => {
    expect(definitions.structure('Spaceship')).toBeUndefined();
    expect(definitions.structure('https://example.org/StructureDefinition/x')).toBeUndefined();
  });
});

describe('a value set', () => {
  test('lists its codes with and without their system', () => {
    const set = definitions.codes(`${r4}/ValueSet/request-status|4.0.1`);
    expect(set?.codes.has('http://hl7.org/fhir/request-status|active')).toBe(true);
    expect(set?.codes.has('|active')).toBe(true);
    expect(set?.codes.has('|actives')).toBe(false);
    expect([set?.incomplete, set?.openSystems.size]).toEqual([false, 0]);
  });

  test('takes the children of a concept where the hierarchy is known', () => {
    const set = definitions.codes('http://terminology.hl7.org/ValueSet/v3-ActEncounterCode');
    expect(set?.codes.has('http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB')).toBe(true);
    expect(set?.codes.has('http://terminology.hl7.org/CodeSystem/v3-ActCode|OPEN')).toBe(false);
    expect(set?.openSystems.size).toBe(0);
  });

  test('says which systems it takes codes of that are not known here', () => {
    expect([...(definitions.codes(`${r4}/ValueSet/mimetypes`)?.openSystems ?? [])]).toEqual(['urn:ietf:bcp:13']);
    const findings = definitions.codes(`${r4}/ValueSet/clinical-findings`);
    expect([...(findings?.openSystems ?? [])]).toEqual(['http://snomed.info/sct']);
    expect(findings?.codes.has('http://snomed.info/sct|404684003')).toBe(true);
  });

  test('that nobody defined is undefined, not empty', () => {
    expect(definitions.codes('https://example.org/ValueSet/x')).toBeUndefined();
  });
});

describe('a code system', () => {
  test('is known with all its codes or not at all', () => {
    expect(definitions.codeSystem('http://hl7.org/fhir/request-intent')?.has('order')).toBe(true);
    expect(definitions.codeSystem('https://tactus.example/fhir/CodeSystem/pressure')).toEqual(
      new Set(['light', 'moderate', 'deep']),
    );
    expect(definitions.codeSystem('http://loinc.org')).toBeUndefined();
  });
});

test('of several sources the first that knows an answer gives it', () => {
  const own = definitionsOf(
    [{ resourceType: 'CodeSystem', url: 'urn:own', status: 'active', content: 'complete', concept: [{ code: 'a' }] }],
    definitions,
  );
  const both = combineDefinitions(own, definitions);
  expect(both.codeSystem('urn:own')).toEqual(new Set(['a']));
  expect(both.structure('Patient')).toBe(definitions.structure('Patient'));
  expect(own.structure('Patient')).toBeUndefined();
});

test('of two versions of a value set the one that is named is taken, else the last', () => {
  const versions = ['1', '2'].map((version) => ({
    resourceType: 'ValueSet' as const,
    url: 'urn:set',
    version,
    status: 'active' as const,
    compose: { include: [{ system: 'urn:own', concept: [{ code: `v${version}` }] }] },
  }));
  const own = definitionsOf(versions, definitions);
  const codesOf = (url: string) => [...(own.codes(url)?.codes ?? [])].filter((code) => code.startsWith('|'));
  expect([codesOf('urn:set|1'), codesOf('urn:set'), codesOf('urn:set|3')]).toEqual([['|v1'], ['|v2'], ['|v2']]);
});

test('displays come from packages, with their translations, and not from what is built in', () => {
  const concept = [{ code: 'a', display: 'Apple', designation: [{ value: 'Apfel' }] }];
  const own = definitionsOf(
    [{ resourceType: 'CodeSystem', url: 'urn:own', status: 'active', content: 'complete', concept }],
    definitions,
  );
  const both = combineDefinitions(own, definitions);
  expect(both.displays?.('urn:own', 'a')).toEqual(['Apple', 'Apfel']);
  expect(both.displays?.('urn:own', 'b')).toBeUndefined();
  expect(both.displays?.('http://hl7.org/fhir/request-intent', 'order')).toBeUndefined();
});

test('a folder that was not built says what to do', () => {
  expect(() => loadDefinitions('/nowhere')).toThrow(/npm run profiles/);
});
