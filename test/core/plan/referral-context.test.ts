import { describe, expect, test } from 'vitest';
import { relatedResources } from '../../../src/core/plan/referral-context.ts';

const doctor = { resourceType: 'Practitioner', id: 'd1' };
const referral = { resourceType: 'ServiceRequest', id: 'sr1', requester: { reference: 'Practitioner/d1' } };

function places(order: Record<string, unknown>, context?: unknown): string[] {
  return relatedResources(order, context).entry.map((entry) => `${entry.fullUrl} at ${entry.id}`);
}

describe('what a referral points to is found', () => {
  test('in contained', () => {
    const order = { ...referral, contained: [doctor], requester: { reference: '#d1' } };
    expect(places(order)).toEqual(['#d1 at referral.contained[0]']);
  });

  test('in the Bundle by relative reference, by full URL, and with a version', () => {
    const context = {
      resourceType: 'Bundle',
      entry: [{ fullUrl: 'https://h.example/fhir/Practitioner/d1', resource: doctor }],
    };
    const found = ['Practitioner/d1', 'https://h.example/fhir/Practitioner/d1', 'Practitioner/d1/_history/3'];
    for (const reference of found) {
      expect(places({ ...referral, requester: { reference } }, context)).toEqual([
        `${reference} at context.entry[0].resource`,
      ]);
    }
  });

  test('in the Bundle by urn:uuid', () => {
    const reference = 'urn:uuid:0b4f1f6e-9f53-4c5b-8f5f-3c1c8a9e6d11';
    const context = {
      resourceType: 'Bundle',
      entry: [{ fullUrl: reference, resource: { resourceType: 'Practitioner' } }],
    };
    expect(places({ ...referral, requester: { reference } }, context)).toEqual([
      `${reference} at context.entry[0].resource`,
    ]);
  });

  test('through what it points to', () => {
    const role = { resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: 'Practitioner/d1' } };
    const context = { resourceType: 'Bundle', entry: [{ resource: role }, { resource: doctor }] };
    expect(places({ ...referral, requester: { reference: 'PractitionerRole/r1' } }, context)).toEqual([
      'PractitionerRole/r1 at context.entry[0].resource',
      'Practitioner/d1 at context.entry[1].resource',
    ]);
  });

  test('in what a bundled resource contains, which is not what the order contains under the same id', () => {
    const role = {
      resourceType: 'PractitionerRole',
      id: 'r1',
      contained: [{ ...doctor, gender: 'female' }],
      practitioner: { reference: '#d1' },
    };
    const order = {
      ...referral,
      contained: [{ ...doctor, gender: 'male' }],
      requester: { reference: 'PractitionerRole/r1' },
    };
    const { entry } = relatedResources(order, { resourceType: 'Bundle', entry: [{ resource: role }] });
    expect(entry.map(({ id, fullUrl, resource }) => [id, fullUrl, resource.practitioner ?? resource.gender])).toEqual([
      ['context.entry[0].resource', 'PractitionerRole/r1', { reference: 'context.entry[0].resource#d1' }],
      ['context.entry[0].resource.contained[0]', 'context.entry[0].resource#d1', 'female'],
    ]);
  });

  test('when a Goal of the Bundle addresses it, and not when it addresses another', () => {
    const goal = (reference: string) => ({
      resourceType: 'Goal',
      id: `for-${reference.at(-1)}`,
      addresses: [{ reference }],
    });
    const context = {
      resourceType: 'Bundle',
      entry: [{ resource: goal('ServiceRequest/sr1') }, { resource: goal('ServiceRequest/sr2') }],
    };
    expect(places(referral, context)).toEqual(['Goal/for-1 at context.entry[0].resource']);
  });
});

describe('the Composition of a document', () => {
  const author = { resourceType: 'Practitioner', id: 'd2' };
  const composition = {
    resourceType: 'Composition',
    id: 'c1',
    author: [{ reference: 'Practitioner/d2' }],
    section: [{ entry: [{ reference: 'ServiceRequest/sr2' }] }],
  };

  test('is there with its author, and without all that its sections point to', () => {
    const other = { resourceType: 'ServiceRequest', id: 'sr2' };
    const context = {
      resourceType: 'Bundle',
      entry: [{ resource: composition }, { resource: author }, { resource: other }],
    };
    expect(places(referral, context)).toEqual([
      'Composition/c1 at context.entry[0].resource',
      'Practitioner/d2 at context.entry[1].resource',
    ]);
  });

  test('counts only where a document has it: at the first place', () => {
    expect(
      places(referral, { resourceType: 'Bundle', entry: [{ resource: author }, { resource: composition }] }),
    ).toEqual([]);
  });
});

describe('what a referral points to is not made up', () => {
  test('a reference that leads nowhere has no entry', () => {
    expect(places(referral)).toEqual([]);
    expect(places(referral, { resourceType: 'Bundle', entry: [{ resource: { ...doctor, id: 'other-d1' } }] })).toEqual(
      [],
    );
  });

  test('two resources that point at each other end', () => {
    const a = { resourceType: 'Goal', id: 'a', addresses: [{ reference: 'Goal/b' }] };
    const b = { resourceType: 'Goal', id: 'b', addresses: [{ reference: 'Goal/a' }] };
    const context = { resourceType: 'Bundle', entry: [{ resource: a }, { resource: b }] };
    expect(places({ ...referral, requester: { reference: 'Goal/a' } }, context)).toHaveLength(2);
  });

  test('anything as context is borne', () => {
    for (const context of [null, 1, 'x', [], { entry: 5 }, { entry: [null, {}, { resource: null }] }]) {
      expect(places(referral, context)).toEqual([]);
    }
  });
});

describe('what came with an earlier version', () => {
  const named = (name: string) => ({ resourceType: 'Practitioner', id: 'd1', name: [{ family: name }] });
  const bundle = (...resources: readonly unknown[]) => ({
    resourceType: 'Bundle',
    entry: resources.map((resource) => ({ resource })),
  });
  const layer = (version: number, context: unknown) => ({ version, resource: referral, context });
  const found = (context: unknown, ...layers: readonly ReturnType<typeof layer>[]) =>
    relatedResources(referral, context, layers).entry.map(({ id }) => id);

  test('is found where the newer one does not repeat it, in the newest version that has it', () => {
    const layers = [layer(1, bundle(named('Alt'))), layer(2, bundle({}, named('Neu'))), layer(3, bundle())];
    expect(found(undefined, ...layers)).toEqual(['version 2: context.entry[1].resource']);
    expect(found(bundle(named('Jetzt')), ...layers)).toEqual(['context.entry[0].resource']);
  });

  test('and was contained there has no name any more', () => {
    const before = { ...referral, contained: [doctor], requester: { reference: '#d1' } };
    const order = { ...referral, requester: { reference: '#d1' } };
    expect(relatedResources(order, undefined, [{ version: 1, resource: before, context: null }]).entry).toEqual([]);
  });
});
