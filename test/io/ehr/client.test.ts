import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { openEhrClient } from '../../../src/io/ehr/client.ts';

/** Real sockets, because how a socket breaks is what is tested. */
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
  nock.cleanAll();
});

async function hospital(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
}

function client(timeoutMilliseconds = 2_000): ReturnType<typeof openEhrClient> {
  return openEhrClient({ timeoutMilliseconds });
}

const post = { method: 'POST', path: 'Procedure', body: { resourceType: 'Procedure' } } as const;

describe('a call to a hospital', () => {
  it('sends FHIR JSON, the condition, the token and the correlation id', async () => {
    const seen: Record<string, unknown>[] = [];
    const baseUrl = await hospital((request, response) => {
      seen.push({ method: request.method, url: request.url, ...request.headers });
      response.writeHead(201, { location: 'Procedure/17' }).end('{"resourceType":"Procedure","id":"17"}');
    });
    const condition = 'identifier=urn:s|S-1';
    const call = { ...post, ifNoneExist: condition, ifMatch: 'W/"2"', correlationId: 'C-9' };
    const answer = await client().call({ baseUrl, authorization: 'Bearer t' }, call);
    expect(answer).toMatchObject({ kind: 'answered', status: 201, headers: { location: 'Procedure/17' } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/fhir/Procedure',
      accept: 'application/fhir+json',
      'content-type': 'application/fhir+json',
      'if-none-exist': condition,
      'if-match': 'W/"2"',
      'x-correlation-id': 'C-9',
      authorization: 'Bearer t',
    });
  });

  it('keeps the connection for the next call', async () => {
    const ports = new Set<number | undefined>();
    const baseUrl = await hospital((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    const { call } = client();
    for (let calls = 0; calls < 3; calls++) expect((await call({ baseUrl }, post)).kind).toBe('answered');
    expect(ports.size).toBe(1);
  });

  it('that cannot be sent as it is has not been heard', async () => {
    const broken = { kind: 'broken', reason: 'connection' };
    expect(await client().call({ baseUrl: 'no address' }, post)).toEqual(broken);
    expect(await client().call({ baseUrl: 'http://127.0.0.1:1' }, { ...post, correlationId: 'a\r\nb' })).toEqual(
      broken,
    );
  });

  it('to the base itself has no slash at its end', async () => {
    const urls: (string | undefined)[] = [];
    const baseUrl = await hospital((request, response) => {
      urls.push(request.url);
      response.end('{}');
    });
    await client().call({ baseUrl }, { method: 'POST', path: '', body: {} });
    expect(urls).toEqual(['/fhir']);
  });

  it('takes a 201 without a body as an answer', async () => {
    const baseUrl = await hospital((_, response) => response.writeHead(201, { location: 'Procedure/17' }).end());
    expect(await client().call({ baseUrl }, post)).toMatchObject({ kind: 'answered', status: 201, body: undefined });
  });

  it('follows no redirect: the patient would go along', async () => {
    let visited = 0;
    const other = await hospital((_, response) => {
      visited++;
      response.end('{}');
    });
    const baseUrl = await hospital((_, response) => response.writeHead(307, { location: other }).end());
    expect(await client().call({ baseUrl }, post)).toEqual({ kind: 'broken', reason: 'redirect' });
    expect(visited).toBe(0);
  });

  it('takes a login page behind a 200 as no success', async () => {
    const baseUrl = await hospital((_, response) => response.end('<html>Log in</html>'));
    expect(await client().call({ baseUrl }, post)).toEqual({ kind: 'broken', reason: 'not-json' });
  });

  it('takes an error page by its status', async () => {
    const baseUrl = await hospital((_, response) => response.writeHead(502).end('<html>Bad gateway</html>'));
    expect(await client().call({ baseUrl }, post)).toMatchObject({ kind: 'answered', status: 502 });
  });

  it('knows nothing when the connection breaks after the hospital took it', async () => {
    const baseUrl = await hospital((request) => request.socket.destroy());
    expect(await client().call({ baseUrl }, post)).toEqual({ kind: 'broken', reason: 'connection' });
  });

  it('knows nothing when half an answer comes', async () => {
    const baseUrl = await hospital((request, response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{"resource', () => request.socket.destroy());
    });
    expect(await client().call({ baseUrl }, post)).toEqual({ kind: 'broken', reason: 'connection' });
  });

  it('gives up after its total time although bytes drip in', async () => {
    const baseUrl = await hospital((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await client(200).call({ baseUrl }, post)).toEqual({ kind: 'broken', reason: 'timeout' });
  });

  it('reads at most two megabytes', async () => {
    const baseUrl = await hospital((_, response) => response.end(JSON.stringify('x'.repeat(2_000_001))));
    expect(await client().call({ baseUrl }, post)).toEqual({ kind: 'broken', reason: 'too-large' });
  });

  it('knows nothing when nobody listens', async () => {
    expect(await client().call({ baseUrl: 'http://127.0.0.1:1/fhir' }, post)).toEqual({
      kind: 'broken',
      reason: 'connection',
    });
  });
});

describe('the shape of a call', () => {
  it('is what a hospital with a token and a version check expects', async () => {
    const body = { resourceType: 'Task', id: '5', status: 'accepted' };
    const expected = nock('https://ehr.example', {
      reqheaders: { authorization: 'Bearer t', 'if-match': 'W/"3"', 'content-type': 'application/fhir+json' },
    })
      .put('/fhir/Task/5', body)
      .reply(200, { ...body, meta: { versionId: '4' } }, { etag: 'W/"4"' });
    const hospital = { baseUrl: 'https://ehr.example/fhir', authorization: 'Bearer t' };
    const answer = await client().call(hospital, { method: 'PUT', path: 'Task/5', body, ifMatch: 'W/"3"' });
    expect(answer).toMatchObject({ kind: 'answered', status: 200, headers: { etag: 'W/"4"' } });
    expect(expected.isDone()).toBe(true);
  });
});
