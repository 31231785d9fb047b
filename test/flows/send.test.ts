import type { Bundle } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { CallEhr, EhrRequest, EhrResponse } from '../../src/flows/ehr.ts';
import { type Sending, sendBundle } from '../../src/flows/send.ts';

const now = Date.parse('2026-11-26T09:00:00Z');
const procedureUrl = 'urn:uuid:8d1c2c39-2f6b-4c1e-a7d5-0d7a52e2a111';
const bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: procedureUrl,
      resource: { resourceType: 'Procedure', identifier: [{ system: 'urn:s', value: 'S-1' }] },
      request: { method: 'POST', url: 'Procedure', ifNoneExist: 'identifier=urn:s|S-1' },
    },
    {
      fullUrl: 'urn:uuid:8d1c2c39-2f6b-4c1e-a7d5-0d7a52e2a112',
      resource: {
        resourceType: 'Observation',
        identifier: [{ system: 'urn:m', value: 'S-1-pain-pre' }],
        partOf: [{ reference: procedureUrl }],
      },
      request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=urn:m|S-1-pain-pre' },
    },
  ],
} as unknown as Bundle;

function sending(how: Sending['how'], attempts = 1): Sending {
  return { partner: 'north', how, bundle, attempts };
}

function answered(status: number, body?: unknown, headers: Record<string, string> = {}): EhrResponse {
  return { kind: 'answered', status, headers, body };
}

/** A hospital that says these answers one after another and remembers what it was asked. */
function hospital(...answers: EhrResponse[]): { call: CallEhr; asked: EhrRequest[] } {
  const asked: EhrRequest[] = [];
  const call: CallEhr = (request) => {
    asked.push(request);
    const next = answers[asked.length - 1];
    return next === undefined ? Promise.reject(new Error('asked too often')) : Promise.resolve(next);
  };
  return { call, asked };
}

describe('an outcome sent as one transaction', () => {
  const response = {
    resourceType: 'Bundle',
    type: 'transaction-response',
    entry: [
      { response: { status: '201', location: 'Procedure/17/_history/1' } },
      { response: { status: '200', location: 'Observation/18' } },
    ],
  };

  it('is one call, and its proof names what the hospital calls each resource', async () => {
    const { call, asked } = hospital(answered(200, response));
    expect(await sendBundle(sending('transaction'), call, now)).toEqual({
      kind: 'taken',
      proof: [
        { type: 'Procedure', id: '17', status: 201, identifier: 'S-1' },
        { type: 'Observation', id: '18', status: 200, identifier: 'S-1-pain-pre' },
      ],
    });
    expect(asked).toEqual([{ partner: 'north', method: 'POST', path: '', body: bundle }]);
  });

  it('is sent again when the hospital says yes to something else', async () => {
    const { call } = hospital(answered(200, { resourceType: 'Bundle', type: 'transaction-response', entry: [] }));
    expect((await sendBundle(sending('transaction'), call, now)).kind).toBe('again');
  });

  it('waits for a person when one entry was refused', async () => {
    const refused = { ...response, entry: [response.entry[0], { response: { status: '422' } }] };
    const { call } = hospital(answered(200, refused));
    expect((await sendBundle(sending('transaction'), call, now)).kind).toBe('refused');
  });
});

describe('an outcome sent resource by resource', () => {
  it('creates the Procedure first and points the Observation to it by its name there', async () => {
    const { call, asked } = hospital(
      answered(201, undefined, { location: 'https://ehr.example/fhir/Procedure/17/_history/1' }),
      answered(201, { resourceType: 'Observation', id: '18' }),
    );
    const sent = await sendBundle(sending('conditional-create'), call, now);
    expect(sent).toMatchObject({ kind: 'taken', proof: [{ id: '17' }, { id: '18' }] });
    expect(asked.map(({ method, path, ifNoneExist }) => [method, path, ifNoneExist])).toEqual([
      ['POST', 'Procedure', 'identifier=urn:s|S-1'],
      ['POST', 'Observation', 'identifier=urn:m|S-1-pain-pre'],
    ]);
    expect(asked[1]?.body).toMatchObject({ partOf: [{ reference: 'Procedure/17' }] });
  });

  it('looks first on a repeat, and creates only what is not there', async () => {
    const { call, asked } = hospital(
      answered(200, { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: { id: '17' } }] }),
      answered(200, { resourceType: 'Bundle', type: 'searchset' }),
      answered(201, undefined, { location: 'Observation/18' }),
    );
    const sent = await sendBundle(sending('conditional-create', 2), call, now);
    expect(sent).toMatchObject({
      kind: 'taken',
      proof: [
        { id: '17', status: 200 },
        { id: '18', status: 201 },
      ],
    });
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
  });

  it('waits for a person when the hospital holds two of the same', async () => {
    const two = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: { id: '1' } }, { resource: { id: '2' } }],
    };
    const { call } = hospital(answered(200, two));
    const sent = await sendBundle(sending('conditional-create', 2), call, now);
    expect(sent).toMatchObject({ kind: 'refused', issues: [{ code: 'hospital-has-duplicates' }] });
  });

  it('stops at the first that fails and says when to come again', async () => {
    const { call, asked } = hospital(
      answered(201, undefined, { location: 'Procedure/17' }),
      answered(503, undefined, { 'retry-after': '9' }),
    );
    const sent = await sendBundle(sending('conditional-create'), call, now);
    expect(sent).toMatchObject({ kind: 'again', retryAfterSeconds: 9 });
    expect(asked).toHaveLength(2);
  });
});
