import { expect, test } from 'vitest';
import type { RunningHouse } from '../../conformance/referrals/house.ts';
import { bundle, creating, house, look, massageOrder, patient, say, thrombosis, urn } from './ways.ts';

/** An order in a transaction with its patient and an old illness; gives the id that it has here. */
async function bundled(at: RunningHouse): Promise<string> {
  const order = massageOrder('Z-1', { subject: { reference: urn(1) }, reasonReference: [{ reference: urn(3) }] });
  const illness = {
    ...thrombosis(urn(1)),
    code: { coding: [{ system: 'http://snomed.info/sct', code: '279039007' }] },
  };
  await say(
    at,
    '/fhir',
    bundle('transaction', [creating(order, urn(2)), creating(patient('P-1'), urn(1)), creating(illness, urn(3))]),
  );
  await at.makePlans();
  return [...at.store.referrals.keys()][0] ?? '';
}

test('an order of a Bundle is read with what it refers to inside, and no temporary name is left', async () => {
  const at = await house();
  const { body } = await look(at, `/fhir/ServiceRequest/${await bundled(at)}`);
  expect(JSON.stringify(body)).not.toContain('urn:uuid');
  expect(body).toMatchObject({
    subject: { reference: '#bundle-1' },
    reasonReference: [{ reference: '#bundle-2' }],
    contained: [
      { resourceType: 'Patient', id: 'bundle-1' },
      { resourceType: 'Condition', id: 'bundle-2', subject: { reference: '#bundle-1' } },
    ],
  });
});

test('what was read and is sent back with another status changes only that', async () => {
  const at = await house();
  const id = await bundled(at);
  const { body, headers } = await look(at, `/fhir/ServiceRequest/${id}`);
  const answer = await fetch(`${at.url}/fhir/ServiceRequest/${id}`, {
    method: 'PUT',
    headers: {
      Authorization: 'Bearer token-of-the-run',
      'Content-Type': 'application/fhir+json',
      'If-Match': headers.get('etag') ?? '',
    },
    body: JSON.stringify({ ...body, status: 'on-hold' }),
  });
  expect(answer.status).toBe(200);
  const [before, after] = at.store.referrals.get(id) ?? [];
  expect(after?.resource).toEqual({ ...before?.resource, status: 'on-hold' });
});

test('what was read and is sent back as it is changes nothing', async () => {
  const at = await house();
  const id = await bundled(at);
  const { body } = await look(at, `/fhir/ServiceRequest/${id}`);
  const answer = await fetch(`${at.url}/fhir/ServiceRequest/${id}`, {
    method: 'PUT',
    headers: {
      Authorization: 'Bearer token-of-the-run',
      'Content-Type': 'application/fhir+json',
      'If-Match': 'W/"1"',
    },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  expect(at.store.referrals.get(id)).toHaveLength(1);
});
