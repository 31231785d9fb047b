import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { order, session } from '../../../src/cli/demo/orders.ts';
import { openDemoHouse } from './demo-house.ts';

/** A word that stands in everything that is sent here, and must stand in nothing that is kept of it. */
const canary = 'Zqx-Canary';

let house: Awaited<ReturnType<typeof openDemoHouse>>;
beforeEach(async () => {
  house = await openDemoHouse();
});
afterEach(() => house.close());

const sha256 = (body: unknown) => createHash('sha256').update(JSON.stringify(body)).digest('hex');

function sent(number: string, changes: object = {}): Record<string, unknown> {
  return {
    ...order({ number, site: 'lumbar', reason: 'lowBackPain', sessions: 2 }),
    note: [{ text: canary }],
    ...changes,
  };
}

const message = (event: string, resource: object) => ({
  resourceType: 'Bundle',
  type: 'message',
  entry: [
    {
      fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000009',
      resource: {
        resourceType: 'MessageHeader',
        id: 'm-1',
        eventCoding: { system: 'https://tactus.example/fhir/CodeSystem/massage-message-event', code: event },
        source: { endpoint: 'https://demo-hospital.example/messages' },
        focus: [{ reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' }],
      },
    },
    { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001', resource },
  ],
});

const bundle = (type: string, ...resources: readonly object[]) => ({
  resourceType: 'Bundle',
  type,
  entry: resources.map((resource) => ({ resource, request: { method: 'POST', url: 'ServiceRequest' } })),
});

const broken = sent('R-1', { intent: canary });
const noNumber = sent('R-1', { requester: undefined });

describe('what is refused is kept as the hash of its bytes and the reasons, without a word of it', () => {
  test.each([
    ['an order that is no R4', '/fhir/ServiceRequest', broken, 400, 'POST /fhir/ServiceRequest'],
    ['an order that breaks the profile', '/fhir/ServiceRequest', noNumber, 422, 'POST /fhir/ServiceRequest'],
    ['another resource', '/fhir/ServiceRequest', { resourceType: 'Patient', name: [{ text: canary }] }, 400, undefined],
    ['a Task about nothing', '/fhir/Task', { resourceType: 'Task', note: [{ text: canary }] }, 400, 'POST /fhir/Task'],
    ['a transaction', '/fhir', bundle('transaction', broken), 400, 'POST /fhir'],
    ['a message', '/fhir/$process-message', message('referral-new', broken), 400, 'POST /fhir/$process-message'],
    ['a message of an unknown event', '/fhir/$process-message', message('x', sent('R-1')), 422, undefined],
  ])('%s', async (_, path, body, status, route) => {
    const said = await house.hospital('POST', path, body);
    expect(said.status).toBe(status);
    const { refused } = house.store;
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({
      audience: 'partner',
      owner: 'demo-hospital',
      route: route ?? `POST ${path}`,
      status,
      bytesHash: sha256(body),
      size: Buffer.byteLength(JSON.stringify(body)),
      requestId: said.headers.get('x-request-id'),
    });
    expect(refused[0]?.issues.length).toBeGreaterThan(0);
    for (const issue of refused[0]?.issues ?? []) {
      expect(issue.code).toMatch(/^[a-z0-9-]+$/);
      expect(issue).not.toHaveProperty('message');
    }
    expect(JSON.stringify(refused)).not.toContain(canary);
    expect(house.store.referrals.size).toBe(0);
  });

  test('an order that is another one under its number, and a change of a stale version', async () => {
    const { body } = await house.hospital('POST', '/fhir/ServiceRequest', sent('R-1'));
    const other = sent('R-1', { priority: 'urgent' });
    expect((await house.hospital('POST', '/fhir/ServiceRequest', other)).status).toBe(409);
    const changed = { ...other, id: body.id };
    expect((await house.hospital('PUT', `/fhir/ServiceRequest/${body.id}`, changed, 'W/"7"')).status).toBe(412);
    expect(house.store.refused.map(({ route, status, bytesHash }) => [route, status, bytesHash])).toEqual([
      ['POST /fhir/ServiceRequest', 409, sha256(other)],
      ['PUT /fhir/ServiceRequest/:id', 412, sha256(changed)],
    ]);
    expect(house.store.refused[0]?.issues).toEqual([
      { severity: 'error', code: 'referral-conflict', type: 'conflict', expression: 'ServiceRequest.priority' },
    ]);
  });

  test('of a batch the entries that were refused, as if each had come alone', async () => {
    const said = await house.hospital('POST', '/fhir', bundle('batch', sent('R-1'), broken));
    const statuses = said.body.entry.map((entry: { response: { status: string } }) => entry.response.status);
    expect([said.status, statuses]).toEqual([200, ['201', '400']]);
    expect(house.store.refused.map(({ status, bytesHash }) => [status, bytesHash])).toEqual([[400, sha256(broken)]]);
  });

  test('a session of a clinic', async () => {
    await house.hospital('POST', '/fhir/ServiceRequest', sent('R-1'));
    await house.work();
    const [planId = ''] = [...house.store.planRecords.keys()];
    const done = session({ planId, seq: 1, site: 'neck', painBefore: 11, painAfter: 4, end: new Date() });
    const said = await house.clinic('POST', `/clinic/plans/${planId}/sessions`, { ...done, recordedBy: canary });
    expect(said.status).toBeGreaterThanOrEqual(400);
    expect(house.store.refused).toMatchObject([
      { audience: 'clinic', owner: 'practice', route: 'POST /clinic/plans/:planId/sessions', status: said.status },
    ]);
    expect(JSON.stringify(house.store.refused)).not.toContain(canary);
  });
});

describe('nothing is kept of', () => {
  test('what is only asked: searches, and an order that is looked at without being sent', async () => {
    const unreadable = { resourceType: 'Patient' };
    await house.hospital('POST', '/fhir/ServiceRequest/$validate', unreadable);
    await house.hospital('GET', '/fhir/ServiceRequest?code=x');
    await house.hospital('GET', '/fhir/Task/unknown');
    expect(house.store.refused).toEqual([]);
  });

  test('what was refused before it was read: without a token, too large, at an unknown address', async () => {
    const large = sent('R-1', { note: [{ text: canary.repeat(200_000) }] });
    expect((await house.hospital('POST', '/fhir/ServiceRequest', large)).status).toBe(413);
    expect((await house.hospital('POST', '/fhir/Patient', sent('R-1'))).status).toBe(404);
    expect((await house.hospital('POST', '/clinic/plans/x/sessions', {})).status).toBe(403);
    expect(house.store.refused).toEqual([]);
  });

  test('what was taken in', async () => {
    expect((await house.hospital('POST', '/fhir/ServiceRequest', sent('R-1'))).status).toBe(201);
    expect((await house.hospital('POST', '/fhir/ServiceRequest', sent('R-1'))).status).toBe(200);
    expect(house.store.refused).toEqual([]);
  });
});
