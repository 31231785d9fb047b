import { describe, expect, test } from 'vitest';
import {
  bundleEntryLimit,
  readBundle,
  resolveConditional,
  transactionFaults,
} from '../../../src/core/fhir/transaction.ts';

const base = 'https://tactus.example/fhir';
const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:p', value: '1' }] };

function actions(...entry: readonly object[]) {
  const read = readBundle({ resourceType: 'Bundle', type: 'transaction', entry }, base);
  if (!read.ok) throw new Error(read.issues[0]?.message);
  return read.actions;
}

const create = (resource: object, fullUrl?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
});

describe('an entry', () => {
  test.each([
    ['ServiceRequest', 'ServiceRequest', 'ServiceRequest'],
    ['/ServiceRequest', 'ServiceRequest', 'ServiceRequest'],
    [`${base}/Task?status=received`, 'Task?status=received', 'Task'],
    ['Task/1', 'Task/1', 'Task'],
  ])('with the address %s is about %s', (url, below, type) => {
    const [action] = actions({ request: { method: 'GET', url } });
    expect(action).toMatchObject({ url: below, type, issues: [] });
  });

  test.each([['https://other.example/fhir/ServiceRequest'], ['metadata'], [''], ['serviceRequest/1']])(
    'with the address %s is none of ours',
    (url) => {
      expect(actions({ request: { method: 'GET', url } })[0]?.issues.map(({ code }) => code)).toEqual([
        'bundle-request',
      ]);
    },
  );

  test('without a request, or without the resource that it creates, says what is missing', () => {
    const found = actions({ resource: patient }, { request: { method: 'POST', url: 'Patient' } });
    expect(found.map(({ issues }) => issues[0]?.expression)).toEqual([
      'Bundle.entry[0].request',
      'Bundle.entry[1].resource',
    ]);
  });

  test('takes the search out of If-None-Exist, with or without its question mark', () => {
    const conditional = (ifNoneExist: string) => ({
      ...create(patient),
      request: { method: 'POST', url: 'Patient', ifNoneExist },
    });
    const found = actions(conditional('identifier=a|1'), conditional('Patient?identifier=a|1'));
    expect(found.map(({ ifNoneExist }) => ifNoneExist)).toEqual(['identifier=a|1', 'identifier=a|1']);
  });
});

test.each([
  [bundleEntryLimit, true],
  [bundleEntryLimit + 1, false],
])('a Bundle of %i entries is taken: %s', (count, ok) => {
  const entry = Array.from({ length: count }, () => create(patient));
  expect(readBundle({ resourceType: 'Bundle', type: 'batch', entry }, base).ok).toBe(ok);
});

test.each([[null], [[]], ['x'], [{ resourceType: 'Patient' }], [{ resourceType: 'Bundle' }]])(
  '%j is no Bundle that can be done',
  (value) => {
    expect(readBundle(value, base).ok).toBe(false);
  },
);

describe('a transaction as a whole', () => {
  test('may name each of its entries once', () => {
    expect(transactionFaults(actions(create(patient, 'urn:uuid:1'), create(patient, 'urn:uuid:2')))).toEqual([]);
    const twice = transactionFaults(actions(create(patient, 'urn:uuid:1'), create(patient, 'urn:uuid:1')));
    expect(twice.map(({ expression }) => expression)).toEqual(['Bundle.entry[1].fullUrl']);
  });

  test('may refer to its entries only', () => {
    const order = (reference: string) => create({ resourceType: 'ServiceRequest', subject: { reference } });
    expect(transactionFaults(actions(order('urn:uuid:1'), create(patient, 'urn:uuid:1')))).toEqual([]);
    expect(transactionFaults(actions(order('Patient/1')))).toEqual([]);
    expect(transactionFaults(actions(order('urn:uuid:2'), create(patient, 'urn:uuid:1')))).toHaveLength(1);
  });

  test.each([
    ['one entry', [patient], 1, 0],
    ['no entry', [{ ...patient, identifier: [{ system: 'urn:p', value: '2' }] }], 0, 1],
    ['two entries', [patient, patient], 0, 1],
    ['a resource of another type', [{ ...patient, resourceType: 'Person' }], 0, 1],
  ])('with a conditional reference that finds %s', (_, people, resolved, faults) => {
    const order = { resourceType: 'ServiceRequest', subject: { reference: 'Patient?identifier=urn:p|1' } };
    const entries = people.map((one, at) => create(one, `urn:uuid:${at}`));
    const { resources, issues } = resolveConditional(actions(create(order), ...entries));
    const subject = (resources[0] as { subject: { reference: string } }).subject.reference;
    expect([subject === 'urn:uuid:0', issues.length]).toEqual([resolved === 1, faults]);
  });
});
