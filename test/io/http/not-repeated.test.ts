import { describe, expect, test } from 'vitest';
import {
  bundle,
  codes,
  creating,
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

type House = Awaited<ReturnType<typeof house>>;

const events = 'https://tactus.example/fhir/CodeSystem/massage-message-event';
const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
const past = (illness: Json) => ({
  ...illness,
  clinicalStatus: coding('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved'),
});

let messages = 0;

/** A message with the order first; the patient goes by a new urn:uuid each time, as senders do. */
function message(event: string, order: Json, ...beside: readonly Json[]): Json {
  const header = {
    resourceType: 'MessageHeader',
    id: `m-${++messages}`,
    eventCoding: { system: events, code: event },
    source: { endpoint: 'https://placer.example/messages' },
    focus: [{ reference: urn(0) }],
  };
  return bundle('message', [
    { fullUrl: urn(9), resource: header },
    { fullUrl: urn(0), resource: order },
    ...beside.map((resource, at) => ({ fullUrl: urn(at + 1), resource })),
  ]);
}

const door = '/fhir/$process-message';
const changed = { priority: 'urgent' };
const taskOf = (order: Json): Json => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  code: coding('http://hl7.org/fhir/CodeSystem/task-code', 'fulfill'),
  focus: { reference: '#order' },
  contained: [{ ...order, id: 'order' }],
});

const mine = { subject: { reference: urn(1) } };

/** Ways in which an order comes with an illness. */
const first: Readonly<Record<string, (at: House, number: string, illness: Json) => Promise<Said>>> = {
  'by message': (at, number, illness) =>
    say(at, door, message('referral-new', massageOrder(number, mine), patient('P-1'), illness)),
  'by transaction': (at, number, illness) =>
    say(
      at,
      '/fhir',
      bundle('transaction', [
        creating(massageOrder(number, mine), urn(0)),
        creating(patient('P-1'), urn(1)),
        creating(illness, urn(2)),
      ]),
    ),
  'contained in it': (at, number, illness) =>
    say(
      at,
      '/fhir/ServiceRequest',
      massageOrder(number, {
        contained: [{ ...illness, id: 'c1', subject: { reference: 'Patient/invented' } }],
        supportingInfo: [{ reference: '#c1' }],
      }),
    ),
};

/** Ways in which it comes again, without the illness. */
const next: Readonly<Record<string, (at: House, number: string) => Promise<Said>>> = {
  'a message': (at, number) =>
    say(at, door, message('referral-update', massageOrder(number, { ...mine, ...changed }), patient('P-1'))),
  'a message with an order that is the same': (at, number) =>
    say(at, door, message('referral-update', massageOrder(number, mine), patient('P-1'))),
  'PUT, in a batch': async (at, number) => {
    const [id] = at.store.referrals.keys();
    const resource = { ...massageOrder(number, { ...changed }), id };
    const request = { method: 'PUT', url: `ServiceRequest/${id}`, ifMatch: 'W/"1"' };
    return say(at, '/fhir', bundle('batch', [{ resource, request }]));
  },
  'a transaction': (at, number) =>
    say(
      at,
      '/fhir',
      bundle('transaction', [
        creating(massageOrder(number, mine), urn(0)),
        creating(patient('P-1'), urn(1)),
        creating({ resourceType: 'Practitioner' }, urn(2)),
      ]),
    ),
  'a Task': (at, number) => say(at, '/fhir/Task', taskOf(massageOrder(number, { ...changed }))),
};

const rank = { accepted: 0, held: 1, rejected: 2 } as const;

async function planOf(at: House) {
  await at.makePlans();
  const [record] = [...at.store.planRecords.values()];
  if (record === undefined) throw new Error('There is no plan.');
  return record;
}

describe.each(Object.keys(first))('an illness that came %s', (way) => {
  describe.each(Object.keys(next))('and is not repeated by %s', (again) => {
    test.each([
      ['a thrombosis', thrombosis(urn(1)), 'rejected', true],
      ['a thrombosis, before there is a plan', thrombosis(urn(1)), 'rejected', false],
      ['a past thrombosis', past(thrombosis(urn(1))), 'held', true],
      ['a past thrombosis, before there is a plan', past(thrombosis(urn(1))), 'held', false],
    ])('decides still: %s', async (_, illness, status, isPlanned) => {
      const at = await house();
      expect((await first[way]?.(at, 'N-1', illness))?.status).toBeOneOf([200, 201]);
      if (isPlanned) expect((await planOf(at)).plan.status).toBe(status);
      await next[again]?.(at, 'N-1');
      const after = await planOf(at);
      expect(rank[after.plan.status as keyof typeof rank]).toBeGreaterThanOrEqual(rank[status as keyof typeof rank]);
      expect(after.reasons).toContain('contraindication-reported');
      const evidence = after.plan.screening.findings.flatMap((finding) => finding.evidence);
      expect(new Set(evidence).size).toBe(1);
    });
  });
});

describe('the plan, the prescriber and the therapist', () => {
  test('are told that the illness came with an earlier version', async () => {
    const at = await house();
    await first['by message']?.(at, 'N-2', past(thrombosis(urn(1))));
    await next['a message']?.(at, 'N-2');
    const { plan, referralId } = await planOf(at);
    expect(plan.screening.findings[0]?.evidence).toEqual(['version 1: Bundle.entry[3].resource.code.coding[0]']);
    expect(plan.patient.identifiers).toEqual([{ system: 'https://placer.example/sid/patient', value: 'P-1' }]);
    const { body } = await look(at, `/fhir/Task/${referralId}`);
    expect((body.statusReason as { readonly text: string }).text).toMatch(/Told with version 1 of the order/);
  });
});

test.each(Object.keys(first))(
  'an order that came %s can be changed by PUT without repeating the illness',
  async (way) => {
    const at = await house();
    await first[way]?.(at, 'N-6', past(thrombosis(urn(1))));
    await planOf(at);
    const said = await next['PUT, in a batch']?.(at, 'N-6');
    expect(said?.body.entry[0]?.response.status).toBe('200');
    const { plan } = await planOf(at);
    expect([plan.status, plan.priority]).toEqual(['held', 'urgent']);
  },
);

describe('an illness that comes later, with an order that is the same', () => {
  test.each([
    [
      'by message',
      (at: House) =>
        say(at, door, message('referral-update', massageOrder('N-3', mine), patient('P-1'), thrombosis(urn(1)))),
    ],
    [
      'by transaction',
      (at: House) =>
        say(
          at,
          '/fhir',
          bundle('transaction', [
            creating(massageOrder('N-3', mine), urn(0)),
            creating(patient('P-1'), urn(1)),
            creating(thrombosis(urn(1)), urn(2)),
          ]),
        ),
    ],
  ])('joins it %s, and decides', async (_, send) => {
    const at = await house();
    await say(at, door, message('referral-new', massageOrder('N-3', mine), patient('P-1')));
    expect((await planOf(at)).plan.status).toBe('accepted');
    expect((await send(at)).status).toBe(200);
    expect((await planOf(at)).plan.status).toBe('rejected');
    const versions = [...at.store.referrals.values()].flat().length;
    await send(at);
    expect([...at.store.referrals.values()].flat()).toHaveLength(versions);
  });

  test('joins it also where the order that is here stays as it is (ifNoneExist), once', async () => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('N-7'));
    expect((await planOf(at)).plan.status).toBe('accepted');
    const { identifier } = massageOrder('N-7') as { readonly identifier: readonly { system: string; value: string }[] };
    const ifNoneExist = `identifier=${identifier[0]?.system}|${identifier[0]?.value}`;
    const sent = bundle('transaction', [
      creating(massageOrder('N-7', { ...mine, ...changed }), urn(0), { ifNoneExist }),
      creating(patient('P-1'), urn(1)),
      creating(thrombosis(urn(1)), urn(2)),
    ]);
    const said = await say(at, '/fhir', sent);
    expect([said.status, said.body.entry[0]?.response.status]).toEqual([200, '200']);
    expect(said.body.entry[0]?.response.outcome.issue[0]?.details.coding[0]?.code).toBe('record-of-other-version');
    const { plan } = await planOf(at);
    expect([plan.status, plan.priority]).toEqual(['rejected', 'routine']);
    await say(at, '/fhir', sent);
    expect([...at.store.referrals.values()].flat()).toHaveLength(2);
  });

  test('is withdrawn by its number', async () => {
    const at = await house();
    const illness = { ...past(thrombosis(urn(1))), identifier: [{ system: 'urn:example', value: 'C-1' }] };
    await say(at, door, message('referral-new', massageOrder('N-4', mine), patient('P-1'), illness));
    expect((await planOf(at)).plan.status).toBe('held');
    const verificationStatus = coding('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'entered-in-error');
    const { clinicalStatus: _, ...rest } = illness;
    const withdrawn = { ...rest, verificationStatus };
    await say(at, door, message('referral-update', massageOrder('N-4', mine), patient('P-1'), withdrawn));
    expect((await planOf(at)).plan.status).toBe('accepted');
  });
});

describe('an order that comes again for another patient', () => {
  test.each([
    [
      'by message',
      door,
      (number: string) => message('referral-update', massageOrder(number, { ...mine, ...changed }), patient('P-2')),
    ],
    [
      'by transaction',
      '/fhir',
      (number: string) =>
        bundle('transaction', [
          creating(massageOrder(number, { subject: { reference: 'Patient/1' } })),
          creating({ ...patient('P-2'), id: '1' }),
        ]),
    ],
  ])('is refused %s, naming where both numbers stand and neither number', async (_, path, again) => {
    const at = await house();
    await say(
      at,
      '/fhir',
      bundle('transaction', [
        creating(massageOrder('N-5', { subject: { reference: 'Patient/1' } })),
        creating({ ...patient('P-1'), id: '1' }),
      ]),
    );
    const said = await say(at, path, again('N-5'));
    const text = JSON.stringify(said.body);
    expect(text).toContain('subject-differs');
    expect(text).toMatch(
      /the number at version 1: Bundle\.entry\[1\]\.resource\.identifier is another than that at Bundle/,
    );
    expect(text).not.toMatch(/P-1|P-2/);
    expect([...at.store.referrals.values()].flat()).toHaveLength(1);
    if (path === '/fhir') expect([said.status, codes(said)]).toEqual([409, ['subject-differs']]);
  });
});
