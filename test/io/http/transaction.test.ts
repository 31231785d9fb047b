import { describe, expect, test } from 'vitest';
import { bundleEntryLimit } from '../../../src/core/fhir/transaction.ts';
import { bundleOrderLimit } from '../../../src/flows/receive-bundle.ts';
import {
  bundle,
  codes,
  creating,
  house,
  type Json,
  look,
  massageOrder,
  patient,
  placerSystem,
  say,
  thrombosis,
  urn,
} from './ways.ts';

const withPatient = (order: Json) => ({ ...order, subject: { reference: urn(1) } });
const transaction = (...entry: Json[]) => bundle('transaction', entry);

describe('a transaction', () => {
  test('takes in its order with all that it refers to, and tells each entry in its order', async () => {
    const at = await house();
    const said = await say(
      at,
      '/fhir',
      transaction(creating(withPatient(massageOrder('T-1')), urn(2)), creating(patient('P-1'), urn(1))),
    );
    expect(said.status).toBe(200);
    expect(said.body.type).toBe('transaction-response');
    const [order, person] = said.body.entry;
    const [referral] = [...at.store.referrals.values()].flat();
    expect(order?.response).toMatchObject({
      status: '201',
      location: `https://tactus.example/fhir/ServiceRequest/${referral?.id}/_history/1`,
      etag: 'W/"1"',
    });
    expect(person?.response.status).toBe('200');
    expect(person?.response.outcome.issue[0]?.details.coding[0]?.code).toBe('kept-as-context');
    await at.makePlans();
    const [record] = [...at.store.planRecords.values()];
    expect(record?.plan.status).toBe('accepted');
    expect(record?.plan.patient.identifiers).toEqual([{ system: 'https://placer.example/sid/patient', value: 'P-1' }]);
  });

  test.each([
    ['before its order', (order: Json, illness: Json) => [illness, order]],
    ['after its order', (order: Json, illness: Json) => [order, illness]],
  ])('with a contraindication %s is rejected for it', async (_, arrange) => {
    const at = await house();
    const order = creating(withPatient(massageOrder('T-2')), urn(2));
    const illness = creating(thrombosis(urn(1)), urn(3));
    await say(at, '/fhir', transaction(creating(patient('P-2'), urn(1)), ...arrange(order, illness)));
    await at.makePlans();
    const [record] = [...at.store.planRecords.values()];
    expect(record?.plan.status).toBe('rejected');
    expect(record?.reasons).toContain('contraindication-reported');
  });

  test('again, under new temporary names, is the same referral', async () => {
    const at = await house();
    const sent = (first: number) =>
      transaction(
        creating({ ...massageOrder('T-3'), subject: { reference: urn(first) } }, urn(first + 1)),
        creating(patient('P-3'), urn(first)),
      );
    await say(at, '/fhir', sent(1));
    const again = await say(at, '/fhir', sent(5));
    expect(again.body.entry[0]?.response.status).toBe('200');
    expect(at.store.referrals.size).toBe(1);
  });

  test('again with another patient under the same number is a conflict, and nothing is kept', async () => {
    const at = await house();
    const sent = (person: string) =>
      transaction(creating(withPatient(massageOrder('T-4')), urn(2)), creating(patient(person), urn(1)));
    await say(at, '/fhir', sent('P-4'));
    const other = await say(at, '/fhir', sent('P-5'));
    expect(other.status).toBe(409);
    expect(other.body.issue.map(({ expression }) => expression?.[0])).toEqual([
      'Bundle.entry[0].resource.subject.reference',
    ]);
    expect(at.store.referrals.size).toBe(1);
  });

  test('keeps none of its orders when one of them is bad, and says which', async () => {
    const at = await house();
    const { code: _, ...bad } = massageOrder('T-6');
    const said = await say(
      at,
      '/fhir',
      transaction(creating(massageOrder('T-5')), creating({ ...bad, status: 'nonsense' })),
    );
    expect(said.status).toBe(400);
    expect(said.body.resourceType).toBe('OperationOutcome');
    expect(said.body.issue[0]?.expression?.[0]).toMatch(/^Bundle\.entry\[1\]\.resource/);
    expect(at.store.referrals.size).toBe(0);
    expect(at.store.outbox).toEqual([]);
  });

  test('keeps several orders in one commit, each with its own work', async () => {
    const at = await house();
    const said = await say(
      at,
      '/fhir',
      transaction(...['T-7', 'T-8', 'T-9'].map((number) => creating(massageOrder(number)))),
    );
    expect(said.body.entry.map(({ response }) => response.status)).toEqual(['201', '201', '201']);
    expect(at.store.outbox.map(({ queue }) => queue)).toEqual(['intake', 'intake', 'intake']);
  });

  test('with an order that is here already takes in the other one', async () => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('T-10'));
    const said = await say(at, '/fhir', transaction(creating(massageOrder('T-10')), creating(massageOrder('T-11'))));
    expect(said.body.entry.map(({ response }) => response.status)).toEqual(['200', '201']);
  });

  test('with a Task about its order answers the Task with that of the referral', async () => {
    const at = await house();
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      focus: { reference: urn(2) },
    };
    const said = await say(at, '/fhir', transaction(creating(task, urn(3)), creating(massageOrder('T-12'), urn(2))));
    const [referral] = [...at.store.referrals.values()].flat();
    expect(said.body.entry[0]?.response).toMatchObject({
      status: '201',
      location: `https://tactus.example/fhir/Task/${referral?.id}`,
    });
    expect(said.body.entry[0]?.resource?.status).toBe('received');
  });

  test('with a Task that contradicts itself is refused, both facts named, and nothing is kept', async () => {
    const at = await house();
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      businessStatus: {
        coding: [{ system: 'https://tactus.example/fhir/CodeSystem/business-status', code: 'outcome-final' }],
      },
      focus: { reference: urn(2) },
    };
    const said = await say(at, '/fhir', transaction(creating(task, urn(3)), creating(massageOrder('T-13'), urn(2))));
    expect(said.status).toBe(422);
    expect(codes(said)).toContain('task-contradiction');
    expect(at.store.referrals.size).toBe(0);
  });

  test('serves its reads after its creates', async () => {
    const at = await house();
    const said = await say(
      at,
      '/fhir',
      transaction(
        { request: { method: 'GET', url: `ServiceRequest?identifier=${placerSystem}|T-14` } },
        creating(massageOrder('T-14')),
      ),
    );
    expect(said.body.entry[0]?.resource?.total).toBe(1);
  });

  test.each([
    ['identifier', 'T-15', '200'],
    ['identifier', 'T-none', '201'],
  ])('creates on condition: %s %s gives %s', async (name, number, status) => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('T-15'));
    const order = massageOrder(number === 'T-15' ? 'T-15' : 'T-16', { note: [{ text: 'changed' }] });
    const ifNoneExist = `${name}=${placerSystem}|${number}`;
    const said = await say(at, '/fhir', transaction(creating(order, urn(1), { ifNoneExist })));
    expect(said.body.entry[0]?.response.status).toBe(status);
  });

  test('resolves a conditional reference among its own entries, and fails when it finds none', async () => {
    const at = await house();
    const subject = { reference: 'Patient?identifier=https://placer.example/sid/patient|P-6' };
    const order = creating({ ...massageOrder('T-17'), subject }, urn(2));
    expect((await say(at, '/fhir', transaction(order, creating(patient('P-6'), urn(1))))).status).toBe(200);
    await at.makePlans();
    expect([...at.store.planRecords.values()][0]?.plan.patient.identifiers[0]?.value).toBe('P-6');
    const lost = await say(at, '/fhir', transaction(order, creating(patient('P-7'), urn(1))));
    expect([lost.status, codes(lost)]).toEqual([422, ['conditional-reference']]);
  });

  test.each<[string, Json[], number, string]>([
    ['a reference to no entry', [creating(withPatient(massageOrder('R-1')))], 400, 'reference-unresolved'],
    [
      'two orders with one number',
      [creating(massageOrder('R-2')), creating(massageOrder('R-2'))],
      422,
      'bundle-overlap',
    ],
    ['no order', [creating(patient('P-9'), urn(1))], 422, 'bundle-without-order'],
    ['a deletion', [{ request: { method: 'DELETE', url: 'ServiceRequest/1' } }], 422, 'bundle-method'],
    [
      'an order by PUT',
      [creating(massageOrder('R-3', { id: 'x' }), undefined, { method: 'PUT', url: 'ServiceRequest/x' })],
      422,
      'bundle-method',
    ],
    [
      'an address of another type than its resource',
      [creating(massageOrder('R-4'), undefined, { url: 'Patient' })],
      400,
      'bundle-request',
    ],
    [
      'a condition that is no number',
      [creating(massageOrder('R-5'), urn(1), { ifNoneExist: 'status=active' })],
      422,
      'if-none-exist',
    ],
    [
      'too many entries',
      Array.from({ length: bundleEntryLimit + 1 }, () => ({ request: { method: 'GET', url: 'Task?_id=a' } })),
      413,
      'bundle-too-large',
    ],
    [
      'too many orders',
      Array.from({ length: bundleOrderLimit + 1 }, (_, at) => creating(massageOrder(`M-${at}`))),
      413,
      'bundle-too-large',
    ],
  ])('with %s is refused', async (_, entries, status, code) => {
    const at = await house();
    const said = await say(at, '/fhir', transaction(...entries));
    expect([said.status, codes(said)]).toEqual([status, expect.arrayContaining([code])]);
    expect(at.store.referrals.size).toBe(0);
  });

  test('with as many orders as are allowed is taken', async () => {
    const at = await house();
    const orders = Array.from({ length: bundleOrderLimit }, (_, index) => creating(massageOrder(`L-${index}`)));
    expect((await say(at, '/fhir', transaction(...orders))).status).toBe(200);
    expect(at.store.referrals.size).toBe(bundleOrderLimit);
  });

  test('that is empty does nothing', async () => {
    const said = await say(await house(), '/fhir', bundle('transaction', []));
    expect([said.status, said.body]).toEqual([200, { resourceType: 'Bundle', type: 'transaction-response' }]);
  });

  test('may name its entries by what is no UUID', async () => {
    const at = await house();
    const order = { ...massageOrder('T-19'), subject: { reference: 'urn:uuid:patient' } };
    const said = await say(
      at,
      '/fhir',
      transaction(creating(order, 'urn:uuid:order'), creating(patient('P-19'), 'urn:uuid:patient')),
    );
    expect(said.status).toBe(200);
    await at.makePlans();
    expect([...at.store.planRecords.values()][0]?.plan.patient.identifiers[0]?.value).toBe('P-19');
  });

  test('may have a code that we do not know in what is only read', async () => {
    const at = await house();
    const speaker = {
      ...patient('P-8'),
      communication: [{ language: { coding: [{ system: 'urn:other', code: 'x' }] } }],
    };
    const said = await say(
      at,
      '/fhir',
      transaction(creating(withPatient(massageOrder('T-18')), urn(2)), creating(speaker, urn(1))),
    );
    expect(said.status).toBe(200);
  });
});

test.each(['message', 'collection', 'document', 'searchset', 'history'])(
  'a Bundle of type %s at the base is refused with what to do instead',
  async (type) => {
    const said = await say(await house(), '/fhir', bundle(type, [{ resource: patient('P-1') }]));
    expect([said.status, codes(said)]).toEqual([422, ['bundle-type']]);
    expect(said.body.issue[0]?.diagnostics).toMatch(/; (a|send) .+\.$/);
  },
);

describe('a batch', () => {
  test('serves each entry for itself: good, bad, good', async () => {
    const at = await house();
    const said = await say(
      at,
      '/fhir',
      bundle('batch', [
        creating(massageOrder('B-1')),
        creating(massageOrder('B-2', { doNotPerform: true })),
        creating(massageOrder('B-3')),
      ]),
    );
    expect(said.status).toBe(200);
    expect(said.body.type).toBe('batch-response');
    expect(said.body.entry.map(({ response }) => response.status)).toEqual(['201', '422', '201']);
    expect(codes({ body: said.body.entry[1]?.response.outcome ?? said.body })).toContain('do-not-perform');
    expect(at.store.referrals.size).toBe(2);
  });

  test('keeps of each order the text as it was written', async () => {
    const at = await house();
    const text = JSON.stringify(massageOrder('B-4'), null, 3);
    const entry = `{"resource": ${text}, "request": {"method": "POST", "url": "ServiceRequest"}}`;
    await say(at, '/fhir', `{"resourceType": "Bundle", "type": "batch", "entry": [${entry}]}`);
    const [kept] = [...at.store.referrals.values()].flat();
    expect(Buffer.from(kept?.bytes ?? []).toString()).toBe(text);
  });

  test.each([
    ['W/"1"', '200', 2],
    ['W/"7"', '412', 1],
  ])('changes an order under the condition of its entry: If-Match %s gives %s', async (ifMatch, status, versions) => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('B-7'));
    const id = [...at.store.referrals.keys()][0] ?? '';
    const changed = massageOrder('B-7', { id, quantityQuantity: { value: 8 } });
    const request = { method: 'PUT', url: `ServiceRequest/${id}`, ifMatch };
    const said = await say(at, '/fhir', bundle('batch', [{ resource: changed, request }]));
    expect(said.body.entry[0]?.response.status).toBe(status);
    expect(at.store.referrals.get(id)).toHaveLength(versions);
  });

  test('refuses entries that refer to each other', async () => {
    const said = await say(
      await house(),
      '/fhir',
      bundle('batch', [creating(withPatient(massageOrder('B-5')), urn(2)), creating(patient('P-1'), urn(1))]),
    );
    expect(said.body.entry.map(({ response }) => response.status)).toEqual(['422', '404']);
  });

  test('reads, and finds nothing of another hospital', async () => {
    const at = await house();
    const { headers } = await say(at, '/fhir/ServiceRequest', massageOrder('B-6'));
    const id = headers.get('location')?.split('/').at(-3);
    const [mine] = [...at.store.referrals.values()].flat();
    if (mine === undefined) throw new Error('It was not kept.');
    at.store.referrals.set('foreign', [{ ...mine, id: 'foreign', partner: 'other' }]);
    const said = await say(
      at,
      '/fhir',
      bundle(
        'batch',
        [id, 'foreign', 'nowhere'].map((one) => ({ request: { method: 'GET', url: `ServiceRequest/${one}` } })),
      ),
    );
    expect(said.body.entry.map(({ response }) => response.status)).toEqual(['200', '404', '404']);
    expect(said.body.entry[1]?.response.outcome).toEqual(said.body.entry[2]?.response.outcome);
  });
});

test('the base tells in its metadata what it takes', async () => {
  const { body } = await look(await house(), '/fhir/metadata');
  expect(JSON.stringify(body)).toContain('"interaction":[{"code":"transaction"},{"code":"batch"}]');
});
