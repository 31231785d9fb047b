import { describe, expect, test } from 'vitest';
import { messageEvents } from '../../../src/core/answer/message-events.ts';
import {
  bundle,
  codes,
  house,
  type Json,
  look,
  massageOrder,
  patient,
  type Said,
  say,
  thrombosis,
  urn,
} from './ways.ts';

const own = 'https://tactus.example/fhir/CodeSystem/massage-message-event';
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0003';
const bars = 'https://fhir.nhs.uk/CodeSystem/message-events-bars';
const mycarenet = 'https://www.ehealth.fgov.be/standards/fhir/mycarenet/CodeSystem/message-events';

/** A message whose focus is the entry under the first urn, unless its header says otherwise. */
function message(system: string, code: string, resources: readonly Json[], header: Json = {}, id = 'm-1'): Json {
  return bundle('message', [
    {
      fullUrl: urn(9),
      resource: {
        resourceType: 'MessageHeader',
        id,
        eventCoding: { system, code },
        source: { endpoint: 'https://placer.example/messages' },
        focus: [{ reference: urn(0) }],
        ...header,
      },
    },
    ...resources.map((resource, at) => ({ fullUrl: urn(at), resource })),
  ]);
}

const door = '/fhir/$process-message';

function header({ body }: Said) {
  return body.entry[0]?.resource as unknown as {
    readonly id: string;
    readonly response: { readonly identifier: string; readonly code: string };
  };
}

describe('a new referral by message', () => {
  test.each([
    [own, 'referral-new'],
    [v2, 'I12'],
    [bars, 'servicerequest-request'],
    [mycarenet, 'claim-ask'],
  ])('%s#%s is taken in and answered by a message with its Task', async (system, code) => {
    const at = await house();
    const said = await say(at, door, message(system, code, [massageOrder('M-1')]));
    expect(said.status).toBe(200);
    expect(said.body.type).toBe('message');
    expect(header(said).response).toMatchObject({ identifier: 'm-1', code: 'ok' });
    expect(said.body.entry[1]?.resource).toMatchObject({ resourceType: 'Task', status: 'received' });
    expect(at.store.referrals.size).toBe(1);
  });

  test('that comes again has one effect and the same answer', async () => {
    const at = await house();
    const sent = message(own, 'referral-new', [massageOrder('M-2')]);
    const first = await say(at, door, sent);
    const again = await say(at, door, sent);
    expect(again.status).toBe(200);
    expect(header(again)).toEqual(header(first));
    expect(at.store.referrals.size).toBe(1);
    expect(at.store.outbox).toHaveLength(1);
  });

  test('with a contraindication beside it is rejected for it', async () => {
    const at = await house();
    const order = massageOrder('M-3', { subject: { reference: urn(1) } });
    await say(at, door, message(own, 'referral-new', [order, patient('P-1'), thrombosis(urn(1))]));
    await at.makePlans();
    expect([...at.store.planRecords.values()][0]?.plan.status).toBe('rejected');
  });

  test('with a contraindication in a document inside of it (BSeR) is rejected for it', async () => {
    const at = await house();
    const order = massageOrder('M-8', { subject: { reference: urn(1) }, supportingInfo: [{ reference: urn(2) }] });
    const entry = [
      {
        fullUrl: urn(5),
        resource: {
          resourceType: 'Composition',
          status: 'final',
          type: { text: 'Referral request' },
          date: '2026-11-20',
          author: [{ display: 'Dr. Invented' }],
          title: 'Referral request',
          section: [{ entry: [{ reference: urn(6) }] }],
        },
      },
      { fullUrl: urn(6), resource: thrombosis(urn(1)) },
    ];
    const identifier = { system: 'urn:ietf:rfc:3986', value: urn(7) };
    const document = { ...bundle('document', entry), identifier, timestamp: '2026-11-20T10:00:00Z' };
    const said = await say(at, door, message(v2, 'I12', [order, patient('P-1'), document]));
    expect(said.status).toBe(200);
    await at.makePlans();
    expect([...at.store.planRecords.values()][0]?.plan.status).toBe('rejected');
  });

  test('through a Task in focus finds its order', async () => {
    const at = await house();
    const task = { resourceType: 'Task', status: 'requested', intent: 'order', focus: { reference: urn(1) } };
    const said = await say(at, door, message(v2, 'I12', [task, massageOrder('M-4')]));
    expect(said.status).toBe(200);
  });

  test('beside a prior order makes one plan, and says so of the other', async () => {
    const at = await house();
    const said = await say(at, door, message(own, 'referral-new', [massageOrder('M-5'), massageOrder('M-0')]));
    expect(at.store.referrals.size).toBe(1);
    const outcome = said.body.entry.find(({ resource }) => resource?.resourceType === 'OperationOutcome')?.resource;
    expect(codes({ body: outcome ?? said.body })).toEqual(['prior-order']);
  });

  test('that is bad is a fatal error under the status that the order alone would have got', async () => {
    const at = await house();
    const said = await say(at, door, message(own, 'referral-new', [massageOrder('M-6', { doNotPerform: true })]));
    expect(said.status).toBe(422);
    expect(header(said).response).toMatchObject({ identifier: 'm-1', code: 'fatal-error' });
    expect(at.store.referrals.size).toBe(0);
  });

  test('while the store is away is a transient error', async () => {
    const at = await house();
    at.store.commit = () => Promise.reject(Object.assign(new Error('away'), { code: 'STORE_UNAVAILABLE' }));
    const said = await say(at, door, message(own, 'referral-new', [massageOrder('M-7')]));
    expect([said.status, header(said).response.code]).toEqual([503, 'transient-error']);
    expect(said.headers.get('retry-after')).toBe('5');
  });
});

describe('a change by message', () => {
  test('amends the order that is here, once', async () => {
    const at = await house();
    await say(at, door, message(own, 'referral-new', [massageOrder('U-1')]));
    await at.makePlans();
    const sent = message(own, 'referral-update', [massageOrder('U-1', { quantityQuantity: { value: 8 } })], {}, 'm-2');
    expect((await say(at, door, sent)).status).toBe(200);
    expect((await say(at, door, sent)).status).toBe(200);
    expect([...at.store.planRecords.values()][0]?.plan.dosage.sessions).toBe(8);
    expect([...at.store.referrals.values()][0]).toHaveLength(2);
  });

  test.each([
    ['update', 8],
    ['new', 6],
  ])('of NHS BaRS is told by its reason: %s', async (reason, sessions) => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('U-2'));
    await at.makePlans();
    const changed = massageOrder('U-2', { quantityQuantity: { value: 8 } });
    const coding = [{ system: 'https://fhir.nhs.uk/CodeSystem/message-reason-bars', code: reason }];
    await say(at, door, message(bars, 'servicerequest-request', [changed], { reason: { coding } }));
    expect([...at.store.planRecords.values()][0]?.plan.dosage.sessions).toBe(sessions);
  });
});

describe('the end of an order by message', () => {
  test.each([
    [own, 'referral-cancel', 'active'],
    [own, 'referral-cancel', 'revoked'],
    [v2, 'I14', 'active'],
    [bars, 'servicerequest-request', 'revoked'],
  ])('%s#%s with an order that is %s cancels its plan', async (system, code, status) => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('E-1'));
    await at.makePlans();
    const said = await say(at, door, message(system, code, [massageOrder('E-1', { status })]));
    expect(said.status).toBe(200);
    expect([...at.store.planRecords.values()][0]?.plan.status).toBe('cancelled');
    expect(said.body.entry[1]?.resource?.status).toBe('cancelled');
  });

  test('that is not here is a fatal error', async () => {
    const said = await say(await house(), door, message(own, 'referral-cancel', [massageOrder('E-2')]));
    expect([said.status, header(said).response.code]).toEqual([422, 'fatal-error']);
  });
});

describe('an extension by message (Belgian claim-extend)', () => {
  const ofPatient = (number: string, person: string, changes: Json = {}) => [
    massageOrder(number, { subject: { reference: urn(1) }, ...changes }),
    patient(person),
  ];

  test('goes on after the only order of its patient, and says which', async () => {
    const at = await house();
    await say(at, door, message(mycarenet, 'claim-ask', ofPatient('X-1', 'P-1')));
    await at.makePlans();
    const sent = message(mycarenet, 'claim-extend', ofPatient('X-2', 'P-1'), {}, 'm-2');
    expect((await say(at, door, sent)).status).toBe(200);
    expect((await say(at, door, sent)).status).toBe(200);
    await at.makePlans();
    const referrals = [...at.store.referrals.values()].map((versions) => versions.length);
    expect(referrals).toEqual([1, 1]);
    const [first, second] = [...at.store.planRecords.values()];
    expect(second?.follows).toEqual({ how: 'extends', referralId: first?.referralId });
  });

  test.each([
    ['nobody', []],
    ['somebody else', ['P-2']],
    ['two orders of its patient', ['P-1', 'P-1']],
  ])('after %s makes no plan', async (_, people) => {
    const at = await house();
    for (const [index, person] of people.entries()) {
      await say(at, door, message(mycarenet, 'claim-ask', ofPatient(`Y-${index}`, person)));
    }
    await at.makePlans();
    const said = await say(at, door, message(mycarenet, 'claim-extend', ofPatient('Y-9', 'P-1')));
    expect(said.status).toBe(422);
    expect(at.store.referrals.size).toBe(people.length);
  });
});

describe('an answer by message', () => {
  test('is noted and makes no referral', async () => {
    const at = await house();
    const response = { identifier: 'ours', code: 'ok' };
    const said = await say(at, door, message(own, 'referral-response', [massageOrder('A-1')], { response }));
    expect([said.status, codes(said)]).toEqual([200, ['message-response-noted']]);
    expect(at.store.referrals.size).toBe(0);
  });

  test('stands in the history of the referral that it names', async () => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('A-2'));
    const response = { identifier: 'ours', code: 'fatal-error' };
    await say(at, door, message(own, 'referral-response', [massageOrder('A-2')], { response }));
    expect(at.store.past.at(-1)).toMatchObject({ event: 'message-response', detail: { code: 'fatal-error' } });
  });
});

describe('what is no message that is taken', () => {
  test('an unknown event is refused with all that are known', async () => {
    const said = await say(await house(), door, message(own, 'referral-argue', [massageOrder('N-1')]));
    expect([said.status, said.body.issue[0]?.code]).toEqual([422, 'not-supported']);
    for (const { system, code } of messageEvents) {
      expect(said.body.issue[0]?.diagnostics).toContain(`${system}#${code}`);
    }
  });

  test.each<[string, unknown, number, string]>([
    ['no JSON', '{', 400, 'json-syntax'],
    ['no Bundle', massageOrder('N-2'), 400, 'wrong-resource-type'],
    ['a transaction', bundle('transaction', []), 422, 'bundle-type'],
    ['no header at its start', bundle('message', [{ resource: massageOrder('N-3') }]), 400, 'message-header'],
    ['an empty message', bundle('message', []), 400, 'message-header'],
  ])('%s is refused', async (_, body, status, code) => {
    const said = await say(await house(), door, body);
    expect([said.status, codes(said)]).toEqual([status, [code]]);
  });

  test('a focus that leads to no order is a fatal error', async () => {
    const said = await say(await house(), door, message(own, 'referral-new', [patient('P-1')]));
    expect([said.status, header(said).response.code]).toEqual([422, 'fatal-error']);
  });

  test('a Task in focus that contradicts itself is a fatal error', async () => {
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      businessStatus: {
        coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '7.0' }],
      },
      focus: { reference: urn(1) },
    };
    const said = await say(await house(), door, message(v2, 'I12', [task, massageOrder('N-4')]));
    expect([said.status, header(said).response.code]).toEqual([422, 'fatal-error']);
  });
});

describe('GET MessageDefinition', () => {
  test('lists every event that is taken, each under an address of its own', async () => {
    const at = await house();
    const { body } = await look(at, '/fhir/MessageDefinition');
    expect(body.total).toBe(messageEvents.length);
    const ids = body.entry.map(({ resource }) => resource?.id ?? '');
    expect(new Set(ids).size).toBe(messageEvents.length);
    for (const id of ids) expect((await look(at, `/fhir/MessageDefinition/${id}`)).status).toBe(200);
    expect((await look(at, '/fhir/MessageDefinition/none')).status).toBe(404);
  });
});
