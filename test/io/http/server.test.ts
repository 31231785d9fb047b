import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bearer, get, order, post, startApp, tokens, told } from './app.ts';

let app: Awaited<ReturnType<typeof startApp>>;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

/** Writes bytes as they are and reads until the server closes. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
    socket.on('error', reject);
  });
}

const lines = (...text: readonly string[]) => `${text.join('\r\n')}\r\n\r\n`;
const close = 'Connection: close';
const secret = bearer(tokens.demo);
const login = `Authorization: ${secret.Authorization}`;

describe('bytes that could make a proxy and us see different requests', () => {
  test.each<[string, string, number]>([
    ['two Host headers', lines('GET /fhir/metadata HTTP/1.1', 'Host: a', 'Host: b', close), 400],
    ['two equal Host headers', lines('GET /fhir/metadata HTTP/1.1', 'Host: a', 'Host: a', close), 400],
    ['no Host header', lines('GET /fhir/metadata HTTP/1.1', close), 400],
    [
      'length and chunks',
      lines('POST /fhir/ServiceRequest HTTP/1.1', 'Host: a', login, 'Content-Length: 3', 'Transfer-Encoding: chunked'),
      400,
    ],
    [
      'two lengths',
      lines('POST /fhir/ServiceRequest HTTP/1.1', 'Host: a', login, 'Content-Length: 3', 'Content-Length: 4'),
      400,
    ],
    [
      'an unknown transfer encoding',
      lines('POST /fhir/ServiceRequest HTTP/1.1', 'Host: a', login, 'Transfer-Encoding: xchunked'),
      400,
    ],
    ['a folded header', lines('GET /fhir/metadata HTTP/1.1', 'Host: a', 'X-Request-Id: a', ' b', close), 400],
    ['NUL in a header', lines('GET /fhir/metadata HTTP/1.1', 'Host: a', 'X-Request-Id: a\0b', close), 400],
    ['20 KB of headers', lines('GET /fhir/metadata HTTP/1.1', 'Host: a', `X-Long: ${'x'.repeat(20_000)}`, close), 431],
    ['no HTTP at all', lines('hello'), 400],
    ['an unknown expectation', lines('GET /fhir/metadata HTTP/1.1', 'Host: a', 'Expect: wonders', close), 417],
  ])('%s are refused with an OperationOutcome', async (_, text, status) => {
    const answer = await raw(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('"resourceType":"OperationOutcome"');
    expect(app.store.referrals.size).toBe(0);
  });

  test.each(['gzip', 'deflate', 'br', 'zstd'])(
    'a body that is not %s although it says so: what to do is told',
    async (name) => {
      const answer = await post(app, order(), { 'Content-Encoding': name });
      expect(answer.status).toBe(400);
      expect(JSON.stringify(await answer.json())).toContain('pack it again, or send it plain');
    },
  );

  test('an address that is too long: the other way is told', async () => {
    const answer = await raw(
      lines(`GET /fhir/Task?identifier=${'a'.repeat(20_000)} HTTP/1.1`, 'Host: a', login, close),
    );
    expect(answer).toContain('_search');
  });

  test('a slow client is given ten seconds for its headers and thirty for its body', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = app.server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000,
    });
  });
});

describe('when something is away', () => {
  test('the store: nothing is accepted, and the caller is told when to come again', async () => {
    app.store.broken = Object.assign(new Error('Zzyzx Canary'), { code: 'STORE_UNAVAILABLE' });
    for (const path of ['/fhir/ServiceRequest/x', '/fhir/Task/x', '/fhir/Task?status=accepted']) {
      const answer = await get(app, path);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect((await told(answer)).issue[0]?.code).toBe('transient');
    }
    const refused = await post(app, order());
    expect(refused.status).toBe(503);
    app.store.broken = undefined;
    expect((await post(app, order())).status).toBe(201);
  });

  test('the store, in the clinic door: the same in its own form', async () => {
    app.store.broken = Object.assign(new Error('x'), { code: 'STORE_UNAVAILABLE' });
    const answer = await fetch(`${app.url}/clinic/plans`, { headers: bearer(tokens.clinic) });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ issues: [{ code: 'store-unavailable' }] });
  });

  test('a part that we did not foresee: a sentence without its words', async () => {
    app.store.broken = new Error('duplicate key (name)=(Zzyzx Canary)');
    const answer = await get(app, '/fhir/Task/x');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('Canary');
    expect(app.faults).toHaveLength(1);
  });

  test('/health/live is up, /health/ready is not, and names what is missing', async () => {
    const ready = () => fetch(`${app.url}/health/ready`);
    expect(await (await ready()).json()).toEqual({ status: 'ready', store: 'up' });
    app.store.broken = new Error('x');
    const answer = await ready();
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'not-ready', store: 'down' }]);
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${app.url}/metrics`)).status).toBe(200);
  });
});

describe('what is told of a request', () => {
  test('is its route, never its address', async () => {
    await get(app, '/fhir/ServiceRequest?identifier=Zzyzx%7CCanary');
    await get(app, '/fhir/ServiceRequest/Zzyzx-Canary');
    await get(app, '/Zzyzx/Canary');
    expect(app.requests.map(({ route, status, method, caller }) => [method, route, status, caller])).toEqual([
      ['GET', '/fhir/ServiceRequest', 200, 'demo'],
      ['GET', '/fhir/ServiceRequest/:id', 404, 'demo'],
      ['GET', 'none', 404, ''],
    ]);
    expect(JSON.stringify(app.requests)).not.toMatch(/Zzyzx|Canary/);
  });

  test('carries the id that the caller gave, when it is one', async () => {
    const one = await get(app, '/fhir/metadata', { 'X-Request-Id': 'a-1', 'X-Correlation-Id': 'j-1' });
    expect([one.headers.get('x-request-id'), one.headers.get('x-correlation-id')]).toEqual(['a-1', 'j-1']);
    const two = await get(app, '/fhir/metadata', {
      'X-Request-Id': 'Zzyzx Canary',
      'X-Correlation-Id': 'x'.repeat(129),
    });
    expect(two.headers.get('x-request-id')).toMatch(/^id-/);
    expect(two.headers.get('x-correlation-id')).toBeNull();
  });

  test('holds nothing of the patient, whatever is wrong with the order', async () => {
    const canary = 'Zzyzx-Canary';
    const name = [{ family: canary, given: [canary], text: canary, period: { start: canary } }];
    const bad = [
      order({ subject: { display: canary, identifier: { system: 'urn:x', value: canary } }, intent: 'x' }),
      order({ patientInstruction: canary, authoredOn: canary, occurrenceTiming: { event: [canary] } }),
      order({ note: [{ text: canary, time: canary }], code: { text: canary, coding: canary } }),
      order({ identifier: [{ system: canary, value: canary, period: { end: canary } }], text: { div: canary } }),
      order({
        contained: [{ resourceType: 'Patient', name, birthDate: canary, photo: [{ data: canary, url: canary }] }],
      }),
      order({
        requester: { reference: canary },
        quantityQuantity: { value: canary, unit: canary },
        id: canary.repeat(9),
      }),
      `{"patientInstruction":"${canary}" "${canary}"}`,
      `{"note":[{"text":"${canary}","text":"${canary}"}],"${canary}":1,"${canary}":2}`,
    ];
    for (const body of bad) {
      const answer = await post(app, body);
      expect([JSON.stringify(body), answer.status >= 400]).toEqual([JSON.stringify(body), true]);
      expect(await answer.text()).not.toContain(canary);
    }
    expect(JSON.stringify([app.requests, app.faults])).not.toContain(canary);
  });
});

describe('a token', () => {
  test('that is revoked is refused from the next second on', async () => {
    expect((await get(app, '/fhir/Task?status=accepted')).status).toBe(200);
    await app.store.revokeTokens('partner', 'demo', app.now);
    app.now = '2026-11-26T10:00:01.001Z';
    expect((await get(app, '/fhir/Task?status=accepted')).status).toBe(401);
  });

  test('is asked for at every address but metadata, openapi.json, health and metrics', async () => {
    const open = ['/fhir/metadata', '/clinic/openapi.json', '/health/live', '/health/ready', '/metrics'];
    for (const path of open) expect([path, (await fetch(app.url + path)).status]).toEqual([path, 200]);
    for (const path of [
      '/fhir/Task',
      '/fhir/ServiceRequest/x',
      '/clinic/plans',
      '/clinic/plans/x',
      '/clinic/deliveries',
    ]) {
      expect([path, (await fetch(app.url + path)).status]).toEqual([path, 401]);
    }
  });

  test('of a hospital does not open the clinic door', async () => {
    expect((await get(app, '/clinic/plans')).status).toBe(403);
  });
});

test('OPTIONS tells what an address serves, and no answer may be kept by a proxy', async () => {
  const answer = await fetch(`${app.url}/fhir/ServiceRequest`, { method: 'OPTIONS' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS']);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('x-powered-by')).toBeNull();
});
