import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bearer, get, numbered, order, planOf, post, sha256, startApp, tokens, told } from './app.ts';

let app: Awaited<ReturnType<typeof startApp>>;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

describe('a referral that is sent', () => {
  test('is kept with its bytes, its history and its work, and answered with where it is', async () => {
    const text = JSON.stringify(
      order({ id: 'theirs', meta: { versionId: '99', lastUpdated: '2020-01-01T00:00:00Z' } }),
      null,
      2,
    );
    const answer = await post(app, text, { 'X-Request-Id': 'r-1', 'X-Correlation-Id': 'c-1' });
    expect(answer.status).toBe(201);
    const [kept] = [...app.store.referrals.values()].flat();
    expect(answer.headers.get('location')).toBe(`${app.url}/fhir/ServiceRequest/${kept?.id}/_history/1`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.headers.get('last-modified')).toBe('Thu, 26 Nov 2026 10:00:00 GMT');
    expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    expect(answer.headers.get('x-request-id')).toBe('r-1');
    expect(answer.headers.get('x-correlation-id')).toBe('c-1');
    expect(answer.headers.get('link')).toContain(`/fhir/Task/${kept?.id}`);
    expect(await answer.json()).toMatchObject({
      resourceType: 'ServiceRequest',
      id: kept?.id,
      meta: { versionId: '1', lastUpdated: '2026-11-26T10:00:00.000Z' },
    });
    expect(Buffer.from(kept?.bytes ?? []).toString()).toBe(text);
    expect(kept).toMatchObject({ bytesHash: sha256(text), correlationId: 'c-1', version: 1, partner: 'demo' });
    expect(app.store.past).toMatchObject([{ about: 'referral', event: 'received', by: 'demo', id: kept?.id }]);
    expect(app.store.outbox).toEqual([
      { queue: 'intake', subject: kept?.id, dueAt: '2026-11-26T10:00:00.000Z', priority: 10 },
    ]);
  });

  test.each([
    ['stat', 0],
    ['asap', 2],
    ['urgent', 5],
    ['routine', 10],
  ])('with priority %s is worked on in that order', async (priority, queued) => {
    await post(app, order({ priority }));
    expect(app.store.outbox[0]?.priority).toBe(queued);
  });

  test('again is the existing one, however its text is written and whatever a server set in it', async () => {
    const first = await post(app, order());
    const { identifier, ...rest } = order();
    const turned = {
      ...rest,
      id: 'x',
      meta: { ...(rest.meta as object), lastUpdated: '2026-01-01T00:00:00Z' },
      identifier,
    };
    const again = await post(app, JSON.stringify(turned, null, 3));
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await again.json()).toEqual(await first.json());
    expect(app.store.outbox).toHaveLength(1);
  });

  test('under the same number with another content is a conflict that names what differs', async () => {
    await post(app, order({ note: [{ text: 'Zzyzx Canary' }] }));
    const answer = await post(app, order({ priority: 'urgent', note: [{ text: 'other' }] }));
    expect(answer.status).toBe(409);
    const outcome = await told(answer);
    expect(outcome.issue.map((one) => one.expression?.[0])).toEqual([
      'ServiceRequest.note[0].text',
      'ServiceRequest.priority',
    ]);
    expect(outcome.issue[0]?.code).toBe('conflict');
    expect(JSON.stringify(outcome)).not.toContain('Canary');
    expect(app.store.referrals.size).toBe(1);
  });

  test('two hundred times at once becomes one: one 201, the others 200 with the same id', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(app, order())));
    const ids = await Promise.all(answers.map(async (answer) => (await told(answer)).id));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(199);
    expect(new Set(ids).size).toBe(1);
    expect(app.store.referrals.size).toBe(1);
    expect(app.store.outbox).toHaveLength(1);
  });

  test('under the same number by two hospitals is two referrals', async () => {
    const one = await post(app, order());
    const two = await post(app, order(), bearer(tokens.other));
    expect([one.status, two.status]).toEqual([201, 201]);
  });

  test('may ask for a short answer', async () => {
    const minimal = await post(app, order(), { Prefer: 'return=minimal' });
    expect([minimal.status, await minimal.text()]).toEqual([201, '']);
    expect(minimal.headers.get('location')).toContain('/fhir/ServiceRequest/');
  });

  test('may ask for the remarks: those that $validate tells, and no fault', async () => {
    const outcome = await post(app, numbered('O-2'), { Prefer: 'return=OperationOutcome' });
    const { resourceType, issue } = await told(outcome);
    expect([outcome.status, resourceType]).toEqual([201, 'OperationOutcome']);
    const outside = { severity: 'warning', expression: ['ServiceRequest.bodySite[0]'] };
    expect(issue).toContainEqual(expect.objectContaining(outside));
    expect(issue.filter(({ severity }) => severity === 'error')).toEqual([]);
    const validated = await told(await post(app, numbered('O-2'), {}, '/fhir/ServiceRequest/$validate'));
    expect(validated.parameter[0]?.resource.issue).toEqual(issue);
    expect(app.store.referrals.size).toBe(1);
  });

  test('is told, with the remarks, of the order that it replaces and nobody knows', async () => {
    const replacing = numbered('O-3', { replaces: [{ reference: 'ServiceRequest/never-sent' }] });
    const { issue } = await told(await post(app, replacing, { Prefer: 'return=OperationOutcome' }));
    const found = issue.filter(({ details }) => details.coding[0]?.code === 'order-before-not-found');
    expect(found).toMatchObject([{ severity: 'warning', expression: ['ServiceRequest.replaces[0]'] }]);
  });

  test.each([
    ['{}', 'The body is an object without resourceType; this address takes a ServiceRequest of FHIR R4.'],
    ['{"resourceType":["ServiceRequest"]}', 'The body is an object whose resourceType is no name of a type; '],
    ['[]', 'The body is no JSON object; '],
    ['{"resourceType":"Patient"}', 'The body is a Patient; '],
  ])('that is not there is told by what is there: %s', async (text, sentence) => {
    const { issue } = await told(await post(app, text));
    expect(issue[0]?.details).toMatchObject({ text: expect.stringContaining(sentence) });
  });

  test('compressed is kept as it was before compression', async () => {
    const { gzipSync } = await import('node:zlib');
    const text = JSON.stringify(order());
    const answer = await post(app, gzipSync(text), { 'Content-Encoding': 'gzip' });
    expect(answer.status).toBe(201);
    expect([...app.store.referrals.values()][0]?.[0]?.bytesHash).toBe(sha256(text));
  });

  test('with If-None-Exist of a number that is here changes nothing, and of one that is not is created', async () => {
    const condition = { 'If-None-Exist': 'identifier=https://hospital.example/orders|O-1' };
    const created = await post(app, order(), condition);
    const existing = await post(app, order({ priority: 'stat' }), condition);
    expect([created.status, existing.status]).toEqual([201, 200]);
    expect(existing.headers.get('location')).toBe(created.headers.get('location'));
    expect(app.store.referrals.size).toBe(1);
  });

  test('without a number is known by its id at a hospital whose file allows it', async () => {
    const { identifier: _, meta: __, ...bare } = order();
    const nameless = { ...bare, id: 'sr-7' };
    const refused = await post(app, nameless);
    const taken = await post(app, nameless, bearer(tokens.other));
    expect([refused.status, taken.status]).toEqual([422, 201]);
    expect([...app.store.referrals.values()][0]?.[0]?.placer).toEqual({
      system: 'https://other.example/fhir/ServiceRequest',
      value: 'sr-7',
    });
  });

  test('that no map can make a plan of is refused, because it would wait for ever', async () => {
    app.planFaults = () => ({
      ok: false,
      issues: [
        { severity: 'error', code: 'mapping-failed', type: 'processing', expression: 'ServiceRequest', message: 'No.' },
      ],
    });
    const answer = await post(app, order());
    expect(answer.status).toBe(422);
    expect(app.store.referrals.size).toBe(0);
  });
});

describe('a referral that is here', () => {
  const create = async (body: unknown = order()) => (await told(await post(app, body))).id;

  test('is read with its version, and not again when nothing changed', async () => {
    const id = await create();
    const read = await get(app, `/fhir/ServiceRequest/${id}`);
    expect(read.status).toBe(200);
    expect(read.headers.get('etag')).toBe('W/"1"');
    for (const tag of ['W/"1"', '"1"', '"9", W/"1"', '*']) {
      const same = await get(app, `/fhir/ServiceRequest/${id}`, { 'If-None-Match': tag });
      expect([same.status, await same.text()]).toEqual([304, '']);
    }
    const other = await get(app, `/fhir/ServiceRequest/${id}`, { 'If-None-Match': 'W/"2"' });
    expect(other.status).toBe(200);
    const since = (date: string) => get(app, `/fhir/ServiceRequest/${id}`, { 'If-Modified-Since': date });
    expect((await since('Thu, 26 Nov 2026 10:00:00 GMT')).status).toBe(304);
    expect((await since('Thu, 26 Nov 2026 09:59:59 GMT')).status).toBe(200);
    expect((await since('nonsense')).status).toBe(200);
  });

  test('is answered to HEAD as to GET, without the body', async () => {
    const id = await create();
    const head = await fetch(`${app.url}/fhir/ServiceRequest/${id}`, { method: 'HEAD', headers: bearer(tokens.demo) });
    const read = await get(app, `/fhir/ServiceRequest/${id}`);
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['etag', 'last-modified', 'content-type', 'content-length']) {
      expect(head.headers.get(name)).toBe(read.headers.get(name));
    }
  });

  test('has its versions and its history', async () => {
    const id = await create();
    expect((await get(app, `/fhir/ServiceRequest/${id}/_history/1`)).status).toBe(200);
    for (const version of ['0', '2', '01', 'x', '99999999999']) {
      expect((await get(app, `/fhir/ServiceRequest/${id}/_history/${version}`)).status).toBe(404);
    }
    const history = await (await get(app, `/fhir/ServiceRequest/${id}/_history`)).json();
    expect(history).toMatchObject({
      type: 'history',
      total: 1,
      entry: [{ request: { method: 'POST' }, response: { etag: 'W/"1"' } }],
    });
  });

  test('is found by its number, by GET and by POST', async () => {
    const id = await create();
    await create(numbered('O-2'));
    const token = 'https://hospital.example/orders|O-1';
    const byGet = await (await get(app, `/fhir/ServiceRequest?identifier=${encodeURIComponent(token)}`)).json();
    expect(byGet).toMatchObject({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      entry: [{ fullUrl: `${app.url}/fhir/ServiceRequest/${id}`, search: { mode: 'match' } }],
    });
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const byPost = await post(
      app,
      String(new URLSearchParams({ identifier: token })),
      form,
      '/fhir/ServiceRequest/_search',
    );
    expect(await byPost.json()).toEqual(byGet);
    const both = await get(
      app,
      `/fhir/ServiceRequest?identifier=${encodeURIComponent(`${token},https://hospital.example/orders|O-2`)}`,
    );
    expect(await both.json()).toMatchObject({ total: 2 });
    const none = await told(await get(app, `/fhir/ServiceRequest?identifier=${encodeURIComponent(token)}&_id=nothing`));
    expect(none).toMatchObject({ total: 0 });
    expect(none.entry).toBeUndefined();
  });

  test('is another hospital that asks: as if it were not here, by every way', async () => {
    const id = await create();
    const theirs = bearer(tokens.other);
    const paths = [
      `ServiceRequest/${id}`,
      `ServiceRequest/${id}/_history`,
      `ServiceRequest/${id}/_history/1`,
      `Task/${id}`,
    ];
    for (const path of paths) {
      const foreign = await get(app, `/fhir/${path}`, theirs);
      const unknown = await get(app, `/fhir/${path.replace(id, 'unknown')}`, theirs);
      expect(foreign.status).toBe(404);
      expect(await foreign.text()).toBe(await unknown.text());
    }
    for (const search of [
      `ServiceRequest?_id=${id}`,
      `ServiceRequest?identifier=${encodeURIComponent('https://hospital.example/orders|O-1')}`,
      `Task?_id=${id}`,
      `Task?focus=ServiceRequest/${id}`,
      `Task?identifier=${encodeURIComponent('https://hospital.example/orders|O-1')}`,
    ]) {
      expect(await (await get(app, `/fhir/${search}`, theirs)).json()).toMatchObject({ total: 0 });
    }
    const condition = { 'If-None-Exist': 'identifier=https://hospital.example/orders|O-1', ...theirs };
    expect((await post(app, order(), condition)).status).toBe(201);
  });

  test('may be asked for as json in each of its names', async () => {
    const id = await create();
    for (const format of [
      'json',
      'application/json',
      'application/fhir+json',
      'application%2Ffhir%2Bjson',
      'text/json',
    ]) {
      expect((await get(app, `/fhir/ServiceRequest/${id}?_format=${format}`, { Accept: 'text/html' })).status).toBe(
        200,
      );
    }
    for (const accept of [
      '*/*',
      'application/*',
      'text/html, application/json;q=0.5',
      'application/fhir+json; fhirVersion=4.0',
      '',
    ]) {
      expect((await get(app, `/fhir/ServiceRequest/${id}`, { Accept: accept })).status).toBe(200);
    }
  });
});

describe('a dry run', () => {
  const validate = (body: unknown) => post(app, body, {}, '/fhir/ServiceRequest/$validate');

  test('tells the plan and the answer that would result, and keeps nothing', async () => {
    const result = await told(await validate(order()));
    expect(result.resourceType).toBe('Parameters');
    const [outcome, plan, task] = result.parameter;
    expect(outcome).toMatchObject({ name: 'return', resource: { resourceType: 'OperationOutcome' } });
    expect(JSON.parse(plan?.valueString ?? '')).toMatchObject({ status: 'accepted', dosage: { sessions: 6 } });
    expect(JSON.parse(plan?.valueString ?? '').source.payloadHash).toBe(sha256(JSON.stringify(order())));
    expect(task?.resource.resourceType).toBe('Task');
    expect(app.store.referrals.size + app.store.outbox.length + app.store.past.length).toBe(0);
  });

  test('tells what the mapping did not take over', async () => {
    const reports = [{ message: 'The quantity is a range.' }] as never;
    app.planFaults = (referral, planId) => ({ ok: true, plan: planOf(referral, planId), reports });
    const [outcome] = (await told(await validate(order()))).parameter;
    app.planFaults = undefined;
    expect(outcome?.resource.issue).toContainEqual(
      expect.objectContaining({
        severity: 'information',
        details: expect.objectContaining({ text: 'The quantity is a range.' }),
      }),
    );
  });

  test('tells the faults with their places, without a plan', async () => {
    const text = JSON.stringify(order({ status: 'active', intent: 'nonsense', subject: undefined }), null, 2);
    const result = await told(await validate(text));
    expect(result.parameter).toHaveLength(1);
    const issues = result.parameter[0]?.resource.issue;
    const line = text.split('\n').findIndex((one) => one.includes('"intent"')) + 1;
    const intent = issues?.find((one) => one.expression?.[0] === 'ServiceRequest.intent');
    expect(intent?.extension?.[0]?.valueInteger).toBe(line);
  });

  test('reads Parameters too, and tells places in them', async () => {
    const good = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: order() }] };
    expect((await told(await validate(good))).parameter).toHaveLength(3);
    const bad = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: order({ intent: 'x' }) }] };
    const result = await told(await validate(JSON.stringify(bad, null, 1)));
    const intent = result.parameter[0]?.resource.issue.find((one) => one.expression?.[0] === 'ServiceRequest.intent');
    expect(intent?.extension?.[0]?.valueInteger).toBeGreaterThan(5);
  });
});
