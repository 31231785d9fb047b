import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { EhrRequest } from '../../src/flows/ehr.ts';
import { aroundLimits, readAround } from '../../src/flows/read-around.ts';
import { openEhrClient } from '../../src/io/ehr/client.ts';
import { demoWorld } from './demo-world.ts';

const { validator } = demoWorld().catalog;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Json = Readonly<Record<string, unknown>>;
type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A placer's server on this machine; what it was asked for is kept. */
async function placer(serve: Serve) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  return { asked, baseUrl };
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));

const condition = (id: string, more: Json = {}) => ({
  resourceType: 'Condition',
  id,
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I82.4' }] },
  subject: { reference: 'Patient/1' },
  ...more,
});
const order = (more: Json = {}) => ({
  resourceType: 'ServiceRequest',
  id: '7',
  subject: { reference: 'Patient/1' },
  supportingInfo: [{ reference: 'Condition/5' }],
  ...more,
});

/** Two at most: who comes third has waited too long. */
const patience = (milliseconds: readonly number[]) => {
  const start = Date.parse('2026-11-26T10:00:00Z');
  const clock = [0, ...milliseconds];
  return () => new Date(start + (clock.length > 1 ? (clock.shift() ?? 0) : (clock[0] ?? 0))).toISOString();
};

async function read(serve: Serve, resource: Json = order(), clock: readonly number[] = []) {
  const { asked, baseUrl } = await placer(serve);
  const sender = { id: 'demo', profile: 'p', identifierSystems: { placer: [] }, baseUrl };
  const client = openEhrClient({ timeoutMilliseconds: 5_000 });
  const call = ({ partner: _, ...request }: EhrRequest) => client.call({ baseUrl }, request);
  const now = patience(clock);
  const world = { call, validator, base: 'https://tactus.example/fhir', now };
  const told = { resource, expression: 'Task.focus.resolve()', correlationId: 'c-1' };
  const { entries, issues } = await readAround(world, sender, told);
  return {
    asked: asked.map((url) => url.replace('/fhir/', '')),
    found: entries.map(({ fullUrl }) => fullUrl.replace(`${baseUrl}/`, '')),
    issues: issues.map(({ expression, message, severity, code }) => `${severity} ${code} ${expression}: ${message}`),
    entries,
  };
}

/** The server has these, by path; all else is 404. */
const having =
  (...resources: readonly Json[]): Serve =>
  ({ url }, response) => {
    const found = resources.find(({ resourceType, id }) => url === `/fhir/${resourceType}/${id}`);
    json(response, found ?? { resourceType: 'OperationOutcome' }, found === undefined ? 404 : 200);
  };
const patient = { resourceType: 'Patient', id: '1' };
const unread = (why: string, path = 'supportingInfo[0]') =>
  `warning reference-unread Task.focus.resolve().${path}: What Task.focus.resolve().${path} refers to was not read: ${why}. The order was taken without it.`;

describe('what an order refers to at its placer', () => {
  test('is read with the journey of the order, each thing once, and what a medicine and a role are made of', async () => {
    const headers: unknown[] = [];
    const serve = having(
      patient,
      condition('5'),
      {
        resourceType: 'MedicationStatement',
        id: '6',
        status: 'active',
        subject: { reference: 'Patient/1' },
        medicationReference: { reference: 'Medication/8' },
      },
      { resourceType: 'Medication', id: '8' },
      { resourceType: 'PractitionerRole', id: '9', practitioner: { reference: 'Practitioner/10' } },
      { resourceType: 'Practitioner', id: '10' },
    );
    const { asked, found, issues } = await read(
      (request, response) => {
        headers.push(request.headers['x-correlation-id']);
        serve(request, response);
      },
      order({
        reasonReference: [{ reference: 'Condition/5' }, { reference: 'Condition/5/_history/2' }],
        supportingInfo: [{ reference: 'MedicationStatement/6' }, { reference: '#inside' }, { reference: 'urn:uuid:1' }],
        requester: { reference: 'PractitionerRole/9' },
      }),
    );
    expect(found).toEqual([
      'Patient/1',
      'Condition/5',
      'MedicationStatement/6',
      'PractitionerRole/9',
      'Medication/8',
      'Practitioner/10',
    ]);
    expect([...asked].sort()).toEqual([...found].sort());
    expect(new Set(headers)).toEqual(new Set(['c-1']));
    expect(issues).toEqual([]);
  });

  test('an absolute reference to the same server is followed, one to us is not', async () => {
    const { baseUrl, asked } = await placer(having(patient));
    const sender = { id: 'demo', profile: 'p', identifierSystems: { placer: [] }, baseUrl };
    const client = openEhrClient();
    const world = {
      call: ({ partner: _, ...request }: EhrRequest) => client.call({ baseUrl }, request),
      validator,
      base: 'https://tactus.example/fhir',
      now: () => '2026-11-26T10:00:00Z',
    };
    const subject = { reference: `${baseUrl}/Patient/1` };
    const requester = { reference: 'https://tactus.example/fhir/Practitioner/1' };
    const resource = { ...order({ subject, requester }), supportingInfo: undefined };
    await readAround(world, sender, { resource, expression: 'Task.focus.resolve()', correlationId: null });
    expect(asked).toEqual(['/fhir/Patient/1']);
  });

  test.each<[string, string, Serve]>([
    ['is not there', 'your server gave HTTP 404', having(patient)],
    [
      'may not be read',
      'your server gave HTTP 403',
      (request, response) =>
        request.url?.includes('Patient') ? json(response, patient) : json(response, undefined, 403),
    ],
    [
      'is somewhere else now',
      'your server could not be read (redirect)',
      (request, response) =>
        request.url?.includes('Patient')
          ? json(response, patient)
          : response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    ],
    [
      'is of another type',
      'your server gave another resource',
      ({ url }, response) => json(response, url?.includes('Patient') ? patient : { resourceType: 'Basic', id: '5' }),
    ],
    [
      'is another one',
      'your server gave another resource',
      ({ url }, response) => json(response, url?.includes('Patient') ? patient : condition('6')),
    ],
    [
      'is no JSON',
      'your server could not be read (not-json)',
      ({ url }, response) => (url?.includes('Patient') ? json(response, patient) : response.end('<html>')),
    ],
    [
      'is no resource of R4',
      'it is no valid resource of R4',
      having(patient, condition('5', { code: 'thrombosis', severity: 3 })),
    ],
    [
      'is of another patient',
      'it is of another patient than the order',
      having(patient, condition('5', { subject: { reference: 'Patient/2' } })),
    ],
    [
      'is too big',
      'more than 1 MB is not read for one order',
      having(patient, condition('5', { note: [{ text: 'a'.repeat(aroundLimits.bytes) }] })),
    ],
    [
      'is far too big',
      'your server could not be read (too-large)',
      ({ url }, response) =>
        url?.includes('Patient') ? json(response, patient) : response.end(Buffer.alloc(2_500_000, ' ')),
    ],
  ])('is left out where it %s, and the sender is told', async (_, why, serve) => {
    const { found, issues } = await read(serve);
    expect(found).toEqual(['Patient/1']);
    expect(issues).toEqual([unread(why)]);
  });

  test('is left out where the server is silent: the whole takes no longer than its time', async () => {
    const silent: Serve = () => {};
    const { found, issues } = await read(silent, order(), [aroundLimits.milliseconds - 50]);
    expect(found).toEqual([]);
    expect(issues.sort()).toEqual([
      unread('your server could not be read (timeout)', 'subject'),
      unread('your server could not be read (timeout)'),
    ]);
  });

  test('is not asked for any more when the time is over', async () => {
    const { asked, issues } = await read(having(patient), order(), [aroundLimits.milliseconds]);
    expect([asked, issues]).toEqual([
      [],
      [unread('reading took longer than 10 s in all', 'subject'), unread('reading took longer than 10 s in all')],
    ]);
  });

  test.each([
    'http://169.254.169.254/Condition/5',
    'https://placer.example.evil.example/fhir/Condition/5',
    '//127.0.0.1/fhir/Condition/5',
    'file:///Condition/5',
  ])('is never asked for at another place (%s)', async (reference) => {
    const { asked, issues } = await read(having(patient), order({ supportingInfo: [{ reference }] }));
    expect(asked).toEqual(['Patient/1']);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(/it is at another server than yours; references are followed only below http:\/\/127/);
  });

  test.each(['Condition/../../admin', 'Condition/..', 'Condition/5?_format=xml', 'Condition/5#x', 'Condition'])(
    'is not asked for by what is no reference (%s)',
    async (reference) => {
      const { asked } = await read(having(patient), order({ supportingInfo: [{ reference }] }));
      expect(asked).toEqual(['Patient/1']);
    },
  );

  test('is bounded in number', async () => {
    const all = Array.from({ length: 25 }, (_, at) => condition(`c${at}`));
    const supportingInfo = all.map(({ id }) => ({ reference: `Condition/${id}` }));
    const { asked, found, issues } = await read(having(patient, ...all), order({ supportingInfo }));
    expect([asked.length, found.length]).toEqual([aroundLimits.resources, aroundLimits.resources]);
    expect(issues).toEqual(
      [19, 20, 21, 22, 23, 24].map((at) =>
        unread('more than 20 resources are not read for one order', `supportingInfo[${at}]`),
      ),
    );
  });

  test('is bounded in size altogether', async () => {
    const big = (id: string) => condition(id, { note: [{ text: 'a'.repeat(400_000) }] });
    const supportingInfo = ['1', '2', '3'].map((id) => ({ reference: `Condition/${id}` }));
    const { found, issues } = await read(having(patient, big('1'), big('2'), big('3')), order({ supportingInfo }));
    expect(found).toHaveLength(3);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain('more than 1 MB is not read for one order');
  });
});
