import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { get, numbered, order, post, sha256, startApp, told } from './app.ts';
import { send } from './send.ts';

let app: Awaited<ReturnType<typeof startApp>>;
let id = '';
beforeAll(async () => {
  app = await startApp();
  id = (await told(await post(app, order()))).id;
});
afterAll(() => app.close());

interface Statement {
  readonly rest: readonly [
    {
      readonly resource: readonly {
        readonly type: string;
        readonly interaction: readonly { readonly code: string }[];
        readonly searchParam?: readonly { readonly name: string; readonly type: string }[];
        readonly operation?: readonly { readonly name: string }[];
      }[];
    },
  ];
}
const statement = async () => (await (await get(app, '/fhir/metadata')).json()) as Statement;

/** How each interaction of R4 is asked for. https://hl7.org/fhir/R4/http.html */
const asked: Readonly<Record<string, (type: string) => { method: string; path: string; body?: string }>> = {
  read: (type) => ({ method: 'GET', path: `/fhir/${type}/${id}` }),
  vread: (type) => ({ method: 'GET', path: `/fhir/${type}/${id}/_history/1` }),
  'history-instance': (type) => ({ method: 'GET', path: `/fhir/${type}/${id}/_history` }),
  'history-type': (type) => ({ method: 'GET', path: `/fhir/${type}/_history` }),
  'search-type': (type) => ({ method: 'GET', path: `/fhir/${type}?_id=${id}` }),
  create: (type) => ({
    method: 'POST',
    path: `/fhir/${type}`,
    body: JSON.stringify(numbered('by-table', { resourceType: type })),
  }),
  update: (type) => ({ method: 'PUT', path: `/fhir/${type}/${id}`, body: '{}' }),
  patch: (type) => ({ method: 'PATCH', path: `/fhir/${type}/${id}`, body: '[]' }),
  delete: (type) => ({ method: 'DELETE', path: `/fhir/${type}/${id}` }),
};

describe('the CapabilityStatement', () => {
  test('needs no token, names FHIR R4, and keeps its tag while it is the same', async () => {
    const answer = await fetch(`${app.url}/fhir/metadata`);
    expect(answer.status).toBe(200);
    const tag = answer.headers.get('etag') ?? '';
    expect(await answer.json()).toMatchObject({
      resourceType: 'CapabilityStatement',
      kind: 'instance',
      fhirVersion: '4.0.1',
    });
    const again = await fetch(`${app.url}/fhir/metadata`, { headers: { 'If-None-Match': tag } });
    expect(again.status).toBe(304);
  });

  test('is a valid CapabilityStatement', async () => {
    const validator = createValidator(loadDefinitions('profiles/generated'));
    const faults = validator.validate(await statement()).filter(({ severity }) => severity !== 'warning');
    expect(faults.filter(({ severity }) => severity !== 'information')).toEqual([]);
  });

  test('lists what works and nothing else: every other interaction is 404 or 405', async () => {
    const { rest } = await statement();
    const listed = rest[0].resource;
    expect(listed.map(({ type }) => type)).toEqual(['ServiceRequest', 'Task', 'MessageDefinition']);
    for (const type of ['ServiceRequest', 'Task', 'Patient', 'Procedure', 'Observation', 'Bundle']) {
      const codes = listed.find((one) => one.type === type)?.interaction.map(({ code }) => code) ?? [];
      for (const [code, request] of Object.entries(asked)) {
        const answer = await send(app.url, request(type));
        // What is written here is no good content: a door that takes writing refuses that, and says so in its own way.
        const isRefused = ['create', 'update'].includes(code) && [400, 412, 422].includes(answer.status);
        const isServed = answer.status < 300 || isRefused;
        if (!isServed) expect([404, 405]).toContain(answer.status);
        expect([type, code, isServed]).toEqual([type, code, codes.includes(code)]);
        if (answer.status === 405) expect(answer.headers.allow).toMatch(/OPTIONS$/);
      }
    }
  });

  test('lists search parameters and operations that work', async () => {
    const values: Readonly<Record<string, string>> = {
      identifier: 'https://hospital.example/orders%7CO-1',
      _id: id,
      'based-on': `ServiceRequest/${id}`,
      focus: `ServiceRequest/${id}`,
      status: 'received',
      _lastUpdated: 'ge2026-01-01',
      patient: 'Patient/example-1',
    };
    for (const { type, searchParam = [], operation = [] } of (await statement()).rest[0].resource) {
      for (const { name } of searchParam) {
        const answer = await send(app.url, {
          method: 'GET',
          path: `/fhir/${type}?${name}=${values[name]}`,
          headers: { Prefer: 'handling=strict' },
        });
        expect([name, answer.status]).toEqual([name, 200]);
      }
      for (const { name } of operation) {
        const answer = await send(app.url, { path: `/fhir/${type}/$${name}`, body: JSON.stringify(order()) });
        expect([name, answer.status]).toEqual([name, 200]);
      }
    }
  });

  test('changes only together with its date', async () => {
    const { implementation: _, ...rest } = (await statement()) as unknown as Record<string, unknown>;
    // When this fails, set statementDate in src/io/http/capability-statement.ts to the day of the change.
    expect([rest.date, sha256(JSON.stringify(rest)).slice(0, 12)]).toMatchInlineSnapshot(`
      [
        "2026-11-26",
        "563a404dff45",
      ]
    `);
  });
});
