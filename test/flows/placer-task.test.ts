import type { Task } from '@medplum/fhirtypes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answerId, answering } from '../../src/flows/answer.ts';
import { deliver } from '../../src/flows/deliver.ts';
import type { CallEhr, EhrRequest, EhrResponse } from '../../src/flows/ehr.ts';
import { tellByPlacerTask } from '../../src/flows/placer-task.ts';
import { bind } from '../../src/start/bindings.ts';
import { now } from '../../src/start/outside.ts';
import { loadExamplesCatalog, openHouse, type RunningHouse } from '../conformance/referrals/house.ts';
import { bundle, creating, massageOrder, say, urn } from '../io/http/ways.ts';

type Json = Readonly<Record<string, unknown>>;

const theirs = {
  resourceType: 'Task',
  id: 't-1',
  identifier: [{ system: 'urn:placer', value: 'T-1' }],
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
  focus: { reference: 'ServiceRequest/7' },
};

/** A placer's server with its Tasks, each with a version; `between` happens after each reading. */
function placer(tasks: readonly Json[], between: (task: { version: number; resource: Json }) => void = () => {}) {
  const kept = new Map(tasks.map((resource) => [String(resource.id), { version: 1, resource }]));
  const asked: string[] = [];
  const answered = (status: number, body?: unknown, etag?: string): EhrResponse => ({
    kind: 'answered',
    status,
    headers: etag === undefined ? {} : { etag },
    body,
  });
  const call: CallEhr = async ({ method, path, body, ifMatch }: EhrRequest) => {
    asked.push(`${method} ${path}${ifMatch === undefined ? '' : ` if ${ifMatch}`}`);
    if (path.startsWith('Task?')) {
      const found = [...kept.values()].filter(({ resource }) =>
        path.endsWith(
          encodeURIComponent(
            (resource.identifier as typeof theirs.identifier).map((one) => `${one.system}|${one.value}`)[0] ?? '',
          ),
        ),
      );
      const entry = found.map(({ version, resource }) => ({
        resource: { ...resource, meta: { versionId: String(version) } },
      }));
      return answered(200, { resourceType: 'Bundle', type: 'searchset', entry });
    }
    const one = kept.get(path.replace('Task/', ''));
    if (one === undefined) return answered(404, { resourceType: 'OperationOutcome' });
    if (method === 'GET') {
      const { version, resource } = one;
      between(one);
      return answered(200, resource, `W/"${version}"`);
    }
    if (ifMatch !== `W/"${one.version}"`) return answered(412);
    one.version++;
    one.resource = body as Json;
    return answered(200, body, `W/"${one.version}"`);
  };
  return { kept, asked, call, task: () => kept.get('t-1')?.resource };
}

describe('telling a placer by its own Task', () => {
  const ours: Task = { resourceType: 'Task', status: 'accepted', intent: 'order', identifier: [{ value: 'P-1' }] };
  const tell = (call: CallEhr, place: Partial<{ id: string | null; number: string | null }> = {}, task = ours) =>
    tellByPlacerTask(
      { call, now: () => '2026-12-01T10:00:00Z' },
      {
        partner: 'demo',
        place: { id: 't-1', number: null, isLate: false, ...place },
        task,
        referral: { correlationId: null },
      },
    );

  test('reads it, changes it and writes it on the condition of its version; again it writes nothing', async () => {
    const { call, asked, task } = placer([theirs]);
    expect(await tell(call)).toEqual({
      kind: 'taken',
      proof: [{ type: 'Task', id: 't-1', status: 200, identifier: 'P-1' }],
    });
    expect(task()).toEqual({ ...theirs, status: 'accepted' });
    expect((await tell(call)).kind).toBe('taken');
    expect(asked).toEqual(['GET Task/t-1', 'PUT Task/t-1 if W/"1"', 'GET Task/t-1']);
  });

  test('finds it by its number where nobody knows its id', async () => {
    const { call, asked, task } = placer([theirs]);
    expect((await tell(call, { id: null, number: 'urn:placer|T-1' })).kind).toBe('taken');
    expect(task()).toMatchObject({ status: 'accepted' });
    expect(asked).toEqual(['GET Task?identifier=urn%3Aplacer%7CT-1', 'PUT Task/t-1 if W/"1"']);
  });

  test('reads it anew when the placer was quicker, and keeps what that wrote', async () => {
    let changes = 1;
    const { call, asked, task } = placer([theirs], (one) => {
      if (changes-- <= 0) return;
      one.version++;
      one.resource = { ...one.resource, note: [{ text: 'please call' }] };
    });
    expect((await tell(call)).kind).toBe('taken');
    expect(task()).toMatchObject({ status: 'accepted', note: [{ text: 'please call' }] });
    expect(asked).toHaveLength(4);
  });

  test('leaves it to the next attempt when it is changed all the time', async () => {
    const { call } = placer([theirs], (one) => {
      one.version++;
    });
    expect(await tell(call)).toMatchObject({ kind: 'again', issues: [{ code: 'placer-task-busy' }] });
  });

  test.each<[string, () => CallEhr, object, string]>([
    ['is gone', () => placer([]).call, {}, 'refused'],
    ['has ended otherwise', () => placer([{ ...theirs, status: 'cancelled' }]).call, {}, 'placer-task-ended'],
    [
      'is another resource',
      () => async () => ({ kind: 'answered', status: 200, headers: {}, body: { ...theirs, id: 't-2' } }),
      {},
      'placer-task-missing',
    ],
    [
      'has no version',
      () => async () => ({ kind: 'answered', status: 200, headers: {}, body: theirs }),
      {},
      'placer-task-unversioned',
    ],
    ['is found by nobody', () => placer([]).call, { id: null, number: 'urn:placer|T-1' }, 'placer-task-missing'],
    [
      'is two',
      () => placer([theirs, { ...theirs, id: 't-2' }]).call,
      { id: null, number: 'urn:placer|T-1' },
      'placer-task-missing',
    ],
  ])('waits for a person where it %s', async (_, call, place, code) => {
    const told = await tell(call(), place);
    expect(told.kind).toBe('refused');
    if (code !== 'refused') expect(told).toMatchObject({ issues: [{ code }] });
  });

  test('is tried again where the server does not answer', async () => {
    expect((await tell(async () => ({ kind: 'broken', reason: 'timeout' }))).kind).toBe('again');
  });
});

describe('a hospital whose own Tasks are updated', () => {
  const examples = loadExamplesCatalog();
  const [file] = [...examples.partners.values()];
  if (file === undefined) throw new Error('There is no partner.');
  const catalog = { ...examples, partners: new Map([[file.id, { ...file, answers: 'update-task' as const }]]) };
  const order = massageOrder('U-1', { id: '7' });
  let at: RunningHouse;
  beforeEach(async () => {
    at = await openHouse(catalog, (path) => (path === 'ServiceRequest/7' ? order : undefined));
  });
  afterEach(() => at.close());

  /** What the worker of queue `delivery` would do. */
  const deliverTo = async (call: CallEhr) => {
    const [record] = [...at.store.planRecords.values()];
    const bindings = bind({ catalog, publicUrl: 'https://tactus.example', now });
    await deliver(
      {
        ...bindings,
        store: answering(at.store, (id) => catalog.partners.get(id)),
        partner: (id) => catalog.partners.get(id),
        call,
        validator: catalog.validator,
        outcomeVersion: '1',
        makeSummary: () => ({ ok: false, issues: [] }),
        makeMessage: () => ({ resourceType: 'Bundle', type: 'message' }),
        now,
        dice: () => 0,
        ended: () => {},
      },
      [answerId(record?.plan.planId ?? '')],
    );
    return at.store.deliveries.get(answerId(record?.plan.planId ?? ''));
  };

  test('sees the state of its order in the Task that it posted, and reads ours here', async () => {
    const { call, asked, task } = placer([theirs]);
    await say(at, '/fhir/Task', theirs);
    await at.makePlans();
    expect(await deliverTo(call)).toMatchObject({ state: 'sent', proof: [{ type: 'Task', id: 't-1', status: 200 }] });
    expect(task()).toMatchObject({ ...theirs, status: 'accepted' });
    expect(asked).toEqual(['GET Task/t-1', 'PUT Task/t-1 if W/"1"']);
    const [id] = at.store.referrals.keys();
    expect(await (await at.send('GET', `/fhir/Task/${id}`)).json()).toMatchObject({ status: 'accepted' });
  });

  test('keeps where that is once, however often the Task comes', async () => {
    await say(at, '/fhir/Task', theirs);
    await say(at, '/fhir/Task', theirs);
    expect(at.store.past.filter(({ event }) => event === 'placer-task')).toMatchObject([
      { about: 'referral', detail: { id: 't-1', number: 'urn:placer|T-1', isLate: false } },
    ]);
  });

  test('finds by its number the Task that came in a transaction', async () => {
    const { id: _, ...sent } = theirs;
    const { id: __, ...plain } = order;
    const asking = { ...sent, focus: { reference: urn(1) } };
    await say(at, '/fhir', bundle('transaction', [creating(plain, urn(1)), creating(asking, urn(2))]));
    await at.makePlans();
    const { call, task } = placer([theirs]);
    expect((await deliverTo(call))?.state).toBe('sent');
    expect(task()).toMatchObject({ status: 'accepted' });
  });

  test('is told by our Task where the order came without one, and by both where its Task came later', async () => {
    await say(at, '/fhir/ServiceRequest', order);
    await at.makePlans();
    const bundles: string[] = [];
    const { call, asked } = placer([theirs]);
    const withOurs: CallEhr = async (request) => {
      if (request.path !== '') return call(request);
      bundles.push('our Task');
      const response = { status: '201 Created', location: 'Task/ours/_history/1' };
      return {
        kind: 'answered',
        status: 200,
        headers: {},
        body: { resourceType: 'Bundle', type: 'transaction-response', entry: [{ response }] },
      };
    };
    expect((await deliverTo(withOurs))?.state).toBe('sent');
    expect([asked, bundles]).toEqual([[], ['our Task']]);
    const [id] = at.store.referrals.keys();
    await say(at, '/fhir/Task', { ...theirs, focus: { reference: `ServiceRequest/${id}` } });
    const [record] = [...at.store.planRecords.values()];
    expect(at.store.outbox.at(-1)).toMatchObject({ queue: 'delivery', subject: answerId(record?.plan.planId ?? '') });
    expect((await deliverTo(withOurs))?.state).toBe('sent');
    expect([asked.length, bundles]).toEqual([2, ['our Task', 'our Task']]);
  });

  test('that set its Task cancelled is not overruled: a person looks', async () => {
    await say(at, '/fhir/Task', theirs);
    await at.makePlans();
    const { call, task } = placer([{ ...theirs, status: 'cancelled' }]);
    expect(await deliverTo(call)).toMatchObject({ state: 'waiting', issues: [{ code: 'placer-task-ended' }] });
    expect(task()).toMatchObject({ status: 'cancelled' });
  });
});

test('a hospital that is told otherwise has nothing kept of its Task', async () => {
  const at = await openHouse(loadExamplesCatalog(), () => massageOrder('U-2', { id: '7' }));
  await say(at, '/fhir/Task', theirs);
  expect(at.store.past.filter(({ event }) => event === 'placer-task')).toEqual([]);
  await at.close();
});
