import { describe, expect, test } from 'vitest';
import { withoutTemporaryNames, withReferences } from '../../../src/core/fhir/bundle-references.ts';
import { canonicalContent } from '../../../src/core/fhir/canonical-content.ts';
import { asInBundle, selfContained } from '../../../src/core/fhir/self-contained.ts';

const order = (subject: string, more: object = {}) => ({
  resourceType: 'ServiceRequest',
  subject: { reference: subject },
  ...more,
});
const person = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: 'urn:p', value }] });
const bundle = (...entry: (readonly [string, object])[]) => ({
  resourceType: 'Bundle',
  entry: entry.map(([fullUrl, resource]) => ({ fullUrl, resource })),
});
const meaning = (resource: Record<string, unknown>, of: unknown) =>
  canonicalContent(withoutTemporaryNames(resource, of));

describe('the meaning of an order of a Bundle', () => {
  test('is the same under other temporary names', () => {
    const one = meaning(order('urn:uuid:1'), bundle(['urn:uuid:1', person('A')]));
    const other = meaning(order('urn:uuid:2'), bundle(['urn:uuid:2', person('A')]));
    expect(one).toBe(other);
  });

  test('is another one with another patient', () => {
    const one = meaning(order('urn:uuid:1'), bundle(['urn:uuid:1', person('A')]));
    const other = meaning(order('urn:uuid:1'), bundle(['urn:uuid:1', person('B')]));
    expect(one).not.toBe(other);
  });

  test('follows content where there is no identifier, even when references go round', () => {
    const round = (text: string, [a, b]: readonly [string, string]) =>
      meaning(
        order(a),
        bundle(
          [a, { resourceType: 'Patient', text, link: [{ other: { reference: b } }] }],
          [b, { resourceType: 'Patient', link: [{ other: { reference: a } }] }],
        ),
      );
    expect(round('x', ['urn:uuid:1', 'urn:uuid:2'])).toBe(round('x', ['urn:uuid:3', 'urn:uuid:4']));
    expect(round('x', ['urn:uuid:1', 'urn:uuid:2'])).not.toBe(round('y', ['urn:uuid:1', 'urn:uuid:2']));
  });

  test('keeps references that are no temporary names, and those that lead nowhere', () => {
    const found = bundle(['https://h.example/Patient/1', person('A')]);
    for (const reference of ['https://h.example/Patient/1', 'Patient/1', 'urn:uuid:9', '#p']) {
      expect(withoutTemporaryNames(order(reference), found)).toEqual(order(reference));
    }
  });
});

test('references are changed at any depth, but not those of contained resources', () => {
  const deep = { a: [{ b: { reference: 'x' } }], contained: [{ c: { reference: 'x' } }] };
  expect(withReferences(deep, () => 'y')).toEqual({
    a: [{ b: { reference: 'y' } }],
    contained: [{ c: { reference: 'x' } }],
  });
});

describe('an order that is read alone', () => {
  const sent = order('urn:uuid:1', { reasonReference: [{ reference: 'urn:uuid:2' }] });
  const illness = {
    resourceType: 'Condition',
    subject: { reference: 'urn:uuid:1' },
    encounter: { reference: 'urn:uuid:3' },
  };
  const visit = { resourceType: 'Encounter', basedOn: [{ reference: 'urn:uuid:0' }] };
  const whole = bundle(
    ['urn:uuid:0', sent],
    ['urn:uuid:1', person('A')],
    ['urn:uuid:2', illness],
    ['urn:uuid:3', visit],
    ['urn:uuid:4', person('not referred to')],
  );

  test('contains what it refers to, through others too, and nothing else', () => {
    const served = selfContained(sent, whole);
    expect(JSON.stringify(served)).not.toContain('urn:uuid');
    expect((served.contained as { resourceType: string }[]).map(({ resourceType }) => resourceType)).toEqual([
      'Patient',
      'Condition',
      'Encounter',
    ]);
    expect(JSON.stringify(served.contained)).toContain('"basedOn":[{"reference":"#"}]');
  });

  test('and sent back is what it was in its Bundle', () => {
    expect(asInBundle(selfContained(sent, whole), sent, whole)).toEqual(sent);
  });

  test('keeps what it contained already', () => {
    const own = { ...sent, contained: [{ resourceType: 'Binary', id: 'annex' }] };
    const around = bundle(['urn:uuid:0', own], ['urn:uuid:1', person('A')]);
    const served = selfContained(own, around);
    expect((served.contained as { id: string }[]).map(({ id }) => id)).toEqual(['annex', 'bundle-1']);
    expect(asInBundle(served, own, around)).toEqual(own);
  });

  test('came alone and stays as it is', () => {
    expect(selfContained(sent, null)).toBe(sent);
    expect(asInBundle(sent, sent, null)).toBe(sent);
  });
});
