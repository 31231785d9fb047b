import { describe, expect, test } from 'vitest';
import { codes, house, type Json, look, massageOrder, placerSystem, say, thrombosis } from './ways.ts';

const theirs = 'https://placer.example/fhir';
const code = (value: string) => ({
  coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: value }],
});

function task(focus: Json, changes: Json = {}): Json {
  return { resourceType: 'Task', status: 'requested', intent: 'order', code: code('fulfill'), focus, ...changes };
}

/** What the placer's own server has; every path that was asked for is kept. */
function placer(resources: Readonly<Record<string, Json>>) {
  const asked: string[] = [];
  const hospital = (path: string) => {
    asked.push(path);
    return resources[path];
  };
  return { asked, hospital };
}

describe('a Task that asks for an order', () => {
  test('that it contains is answered with our Task, and what it contains is screened', async () => {
    const at = await house();
    const contained = [
      { ...massageOrder('K-1'), id: 'order', reasonReference: [{ reference: '#illness' }] },
      { ...thrombosis('Patient/invented'), id: 'illness' },
    ];
    const said = await say(at, '/fhir/Task', task({ reference: '#order' }, { contained }));
    expect(said.status).toBe(201);
    const [referral] = [...at.store.referrals.values()].flat();
    expect(said.headers.get('location')).toBe(`https://tactus.example/fhir/Task/${referral?.id}`);
    expect(said.body).toMatchObject({ resourceType: 'Task', id: referral?.id, status: 'received' });
    await at.makePlans();
    expect((await look(at, `/fhir/Task/${referral?.id}`)).body.status).toBe('rejected');
  });

  test.each([
    ['a relative reference', 'ServiceRequest/7'],
    ['an absolute one', `${theirs}/ServiceRequest/7`],
    ['one with a version', `${theirs}/ServiceRequest/7/_history/2`],
  ])('by %s is read at the placer', async (_, reference) => {
    const { asked, hospital } = placer({ 'ServiceRequest/7': massageOrder('K-2', { id: '7' }) });
    const at = await house(hospital);
    expect((await say(at, '/fhir/Task', task({ reference }))).status).toBe(201);
    expect((await say(at, '/fhir/Task', task({ reference }))).status).toBe(200);
    expect(asked.filter((path) => path.startsWith('ServiceRequest'))).toEqual(['ServiceRequest/7', 'ServiceRequest/7']);
    expect(at.store.referrals.size).toBe(1);
  });

  const withRecords = (changes: Json = {}) =>
    massageOrder('K-9', { id: '7', supportingInfo: [{ reference: 'Condition/5' }], ...changes });
  const illness = { ...thrombosis('Patient/invented'), id: '5' };
  const person = { resourceType: 'Patient', id: 'invented', identifier: [{ system: 'urn:example', value: 'P-9' }] };

  test('that is read at the placer is screened with the records that it refers to there', async () => {
    const { hospital } = placer({
      'ServiceRequest/7': withRecords(),
      'Condition/5': illness,
      'Patient/invented': person,
    });
    const at = await house(hospital);
    const said = await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/7' }));
    expect(said.status).toBe(201);
    await at.makePlans();
    const [record] = [...at.store.planRecords.values()];
    expect([record?.plan.status, record?.plan.patient.identifiers]).toEqual([
      'rejected',
      [{ system: 'urn:example', value: 'P-9' }],
    ]);
    expect(record?.plan.screening.findings.map(({ evidence }) => evidence[0])).toContain(
      'Bundle.entry[3].resource.code.coding[0]',
    );
  });

  test('whose records cannot be read is taken, and the plan names what is missing; it joins when it can be read', async () => {
    const resources: Record<string, Json> = { 'ServiceRequest/7': withRecords() };
    const { hospital } = placer(resources);
    const at = await house(hospital);
    const first = await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/7' }));
    expect(first.status).toBe(201);
    await at.makePlans();
    const [record] = [...at.store.planRecords.values()];
    expect([record?.plan.status, record?.plan.screening]).toMatchObject([
      'accepted',
      { completeness: 'absent', missing: ['ServiceRequest.supportingInfo[0]'] },
    ]);
    resources['Condition/5'] = illness;
    expect((await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/7' }))).status).toBe(200);
    const [later] = [...at.store.planRecords.values()];
    expect(later?.plan.status).toBe('rejected');
    expect(later?.plan.screening.missing).toBeUndefined();
  });

  test('and was taken without what it refers to tells so when the outcome is asked for', async () => {
    const { hospital } = placer({ 'ServiceRequest/7': withRecords(), 'Patient/invented': person });
    const at = await house(hospital);
    const answer = await at.send(
      'POST',
      '/fhir/Task',
      JSON.stringify(task({ reference: 'ServiceRequest/7' })),
      undefined,
      {
        Prefer: 'return=OperationOutcome',
      },
    );
    const body = (await answer.json()) as { readonly issue: readonly { readonly expression?: readonly string[] }[] };
    expect(body.issue.flatMap(({ expression }) => expression ?? [])).toEqual([
      'Task.focus.resolve().supportingInfo[0]',
      'Task.focus.resolve().requester',
    ]);
  });

  test('that is here already, by our id or by its number, needs no reading', async () => {
    const { asked, hospital } = placer({});
    const at = await house(hospital);
    await say(at, '/fhir/ServiceRequest', massageOrder('K-3'));
    const id = [...at.store.referrals.keys()][0];
    for (const focus of [
      { reference: `ServiceRequest/${id}` },
      { type: 'ServiceRequest', identifier: { system: placerSystem, value: 'K-3' } },
    ]) {
      const said = await say(at, '/fhir/Task', task(focus));
      expect([said.status, said.body.id]).toEqual([200, id]);
    }
    expect(asked).toEqual([]);
  });

  test.each([
    ['http://169.254.169.254/ServiceRequest/1'],
    ['https://placer.example.evil.example/fhir/ServiceRequest/1'],
    ['https://placer.example/other/ServiceRequest/1'],
    ['file:///ServiceRequest/1'],
  ])('at another place than the placer (%s) is refused, and nobody is asked', async (reference) => {
    const { asked, hospital } = placer({});
    const at = await house(hospital);
    const said = await say(at, '/fhir/Task', task({ reference }));
    expect([said.status, codes(said)]).toEqual([422, ['focus-foreign']]);
    expect(asked).toEqual([]);
  });

  test('by a reference of no form that FHIR has is refused, and nobody is asked', async () => {
    const { asked, hospital } = placer({});
    const at = await house(hospital);
    const said = await say(at, '/fhir/Task', task({ reference: '//placer.example/fhir/ServiceRequest/1' }));
    expect([said.status, codes(said)[0]]).toEqual([400, 'reference-format']);
    expect(asked).toEqual([]);
  });

  test.each([
    ['ServiceRequest/../../admin'],
    ['ServiceRequest/..'],
    ['ServiceRequest/7?_format=xml'],
    [`${theirs}/ServiceRequest/7#x`],
    [`${theirs}/../ServiceRequest/7`],
  ])('by a reference that is no reference (%s) asks nobody', async (reference) => {
    const { asked, hospital } = placer({});
    const at = await house(hospital);
    expect((await say(at, '/fhir/Task', task({ reference }))).status).toBe(422);
    expect(asked).toEqual([]);
  });

  test.each<[string, Json | undefined]>([
    ['nothing', undefined],
    ['another order', massageOrder('K-4', { id: '8' })],
    ['something else', { resourceType: 'Patient', id: '7' }],
  ])('that the placer has not (it has %s) is refused', async (_, found) => {
    const at = await house(() => found);
    const said = await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/7' }));
    expect([said.status, codes(said)]).toEqual([422, ['focus-not-found']]);
  });

  test('whose order is bad tells where in the order', async () => {
    const bad = massageOrder('K-5', { id: '7', doNotPerform: true });
    const at = await house(() => bad);
    const said = await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/7' }));
    expect(said.status).toBe(422);
    expect(said.body.issue[0]?.expression).toEqual(['Task.focus.resolve().doNotPerform']);
  });

  test('of another hospital does not show that it is here', async () => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('K-6'));
    const [mine] = [...at.store.referrals.values()].flat();
    if (mine === undefined) throw new Error('It was not kept.');
    at.store.referrals.set('foreign', [{ ...mine, id: 'foreign', partner: 'other' }]);
    const seen = await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/foreign' }));
    const never = await say(at, '/fhir/Task', task({ reference: 'ServiceRequest/nowhere' }));
    expect([seen.status, seen.body.issue]).toEqual([never.status, never.body.issue]);
  });

  test('with content in its inputs is taken, and the sender is told what is not read', async () => {
    const at = await house();
    const input = [{ type: { text: 'weight' }, valueReference: { reference: 'Observation/1' } }];
    const sent = task({ reference: '#order' }, { contained: [{ ...massageOrder('K-7'), id: 'order' }], input });
    const answer = await fetch(`${at.url}/fhir/Task`, {
      method: 'POST',
      headers: {
        Authorization: 'Bearer token-of-the-run',
        'Content-Type': 'application/fhir+json',
        Prefer: 'return=OperationOutcome',
        'X-Request-Id': 'r-1',
        'X-Correlation-Id': 'c-1',
      },
      body: JSON.stringify(sent),
    });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toContain('task-input-unread');
    expect([answer.headers.get('x-request-id'), answer.headers.get('x-correlation-id')]).toEqual(['r-1', 'c-1']);
    expect([...at.store.referrals.values()].flat()[0]?.correlationId).toBe('c-1');
  });
});

describe('a Task that asks for nothing that we do', () => {
  test.each<[string, Json, number, string]>([
    ['completed', task({ reference: 'ServiceRequest/7' }, { status: 'completed' }), 422, 'task-ended'],
    ['rejected', task({ reference: 'ServiceRequest/7' }, { status: 'rejected' }), 422, 'task-ended'],
    ['draft', task({ reference: 'ServiceRequest/7' }, { status: 'draft' }), 422, 'task-status'],
    ['about a message', task({ reference: 'CommunicationRequest/7' }), 422, 'task-focus-unsupported'],
    [
      'about a contained Patient',
      task({ reference: '#p' }, { contained: [{ resourceType: 'Patient', id: 'p' }] }),
      422,
      'task-focus-unsupported',
    ],
    ['to change', task({ reference: 'ServiceRequest/7' }, { code: code('change') }), 422, 'task-code-unsupported'],
    [
      'asking the placer',
      task({ reference: 'ServiceRequest/7' }, { code: code('abort') }),
      422,
      'task-not-ours-to-cancel',
    ],
    ['no Task', massageOrder('K-8'), 400, 'wrong-resource-type'],
    ['not R4', { ...task({ reference: 'ServiceRequest/7' }), status: 'nonsense' }, 400, 'binding-required'],
  ])('(%s) is refused with the reason', async (_, sent, status, reason) => {
    const { asked, hospital } = placer({});
    const at = await house(hospital);
    const said = await say(at, '/fhir/Task', sent);
    expect([said.status, codes(said)]).toEqual([status, expect.arrayContaining([reason])]);
    expect(asked).toEqual([]);
  });

  test('contradicting itself is refused with both facts', async () => {
    const businessStatus = {
      coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '7.0' }],
    };
    const said = await say(await house(), '/fhir/Task', task({ reference: 'ServiceRequest/7' }, { businessStatus }));
    expect([said.status, said.body.issue[0]?.code]).toEqual([422, 'business-rule']);
    expect(said.body.issue[0]?.diagnostics).toMatch(/Task\.status is "requested".*Task\.businessStatus is "7\.0"/);
  });
});

describe('a Task that asks for the end', () => {
  const abort = (focus: Json) => task(focus, { code: code('abort'), reasonCode: { text: 'The patient is better.' } });

  test.each([
    ['our id', (id: string) => ({ reference: `Task/${id}` })],
    ['our address', (id: string) => ({ reference: `https://tactus.example/fhir/Task/${id}` })],
    ['the number of its order', () => ({ type: 'Task', identifier: { system: placerSystem, value: 'S-1' } })],
    ['the placer’s own Task', () => ({ reference: `${theirs}/Task/5` })],
  ])('of an order that is here, by %s, ends its plan before work began', async (_, focus) => {
    const own = task({ reference: 'ServiceRequest/9' }, { id: '5' });
    const order = massageOrder('S-1', { id: '9' });
    const at = await house(placer({ 'Task/5': own, 'ServiceRequest/9': order }).hospital);
    await say(at, '/fhir/ServiceRequest', massageOrder('S-1'));
    await at.makePlans();
    const id = [...at.store.referrals.keys()][0] ?? '';
    const said = await say(at, '/fhir/Task', abort(focus(id)));
    expect(said.status).toBe(201);
    expect(said.body).toMatchObject({ status: 'accepted', code: code('abort'), focus: { reference: `Task/${id}` } });
    expect([...at.store.planRecords.values()][0]?.plan.status).toBe('cancelled');
    const again = await say(at, '/fhir/Task', abort(focus(id)));
    expect([again.status, again.body.id]).toEqual([200, said.body.id]);
  });

  test('of an order by its own Task that the placer set cancelled ends its plan', async () => {
    const at = await house();
    await say(at, '/fhir/ServiceRequest', massageOrder('S-2'));
    await at.makePlans();
    const id = [...at.store.referrals.keys()][0];
    const said = await say(at, '/fhir/Task', task({ reference: `ServiceRequest/${id}` }, { status: 'cancelled' }));
    expect([said.status, said.body.status]).toEqual([201, 'accepted']);
  });

  test.each([
    ['nowhere', { reference: 'Task/none' }],
    ['of no number', { type: 'Task', identifier: { system: 'urn:x', value: '1' } }],
    ['at another server', { reference: 'https://other.example/Task/1' }],
  ])('of a Task that is %s is refused', async (_, focus) => {
    const said = await say(await house(), '/fhir/Task', abort(focus));
    expect(said.status).toBe(422);
    expect(said.body.issue[0]?.expression).toEqual(['Task.focus']);
  });
});
