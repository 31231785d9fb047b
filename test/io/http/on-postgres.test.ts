import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { examplePlan, exampleSession } from '../../core/plan/examples.ts';
import { withDatabase } from '../store/database.ts';
import { bearer, get, numbered, order, post, startAppOn, type TestApp, tokens, told } from './app.ts';
import { badRequests } from './bad-requests.ts';
import { send } from './send.ts';

/** What the doors promise, on the store that they have in life. */
const database = withDatabase();
let app: TestApp<Store>;
beforeAll(async () => {
  app = await startAppOn(await openStore({ connectionString: database.connectionString }));
});
afterAll(async () => {
  await app.close();
  await app.store.close();
});

/** Forwards and counts what waits in the outbox. */
async function outbox(): Promise<string[]> {
  const subjects: string[] = [];
  await app.store.takeOutbox(app.now, 1000, async (rows) => {
    subjects.push(...rows.map(({ subject }) => subject));
  });
  return subjects;
}

test('bad requests leave nothing in PostgreSQL, and none of them is our fault', async () => {
  for (const bad of badRequests) {
    const answer = await send(app.url, bad);
    expect([bad.name, answer.status]).toEqual([bad.name, bad.status]);
  }
  expect(app.faults).toEqual([]);
  expect(await outbox()).toEqual([]);
  expect(await app.store.sweep('2026-11-27T00:00:00.000Z', 60)).toBe(0);
});

describe('at once', () => {
  test('two hundred posts of one referral become one, with two hundred agreeing answers', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(app, order())));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(199);
    expect(new Set(bodies).size).toBe(1);
    expect(await outbox()).toHaveLength(1);
  });

  test('twenty contents under one number become one, and nineteen conflicts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => post(app, numbered('race', { patientInstruction: `version ${at}` }))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect(await outbox()).toHaveLength(1);
  });

  test('fifty posts of one session and ten of others are eleven sessions with eleven outcomes', async () => {
    const { id } = await told(await post(app, numbered('sessions')));
    const plan = { ...examplePlan, planId: 'plan-race', dosage: { sessions: 20 } };
    const at = app.now;
    const record = {
      plan,
      referralId: id,
      partner: 'demo',
      version: 1,
      reasons: [],
      questions: [],
      createdAt: at,
      updatedAt: at,
    };
    await app.store.commit({ plan: { record, expect: 0 }, history: [], outbox: [] });
    const numbers = [...Array.from({ length: 50 }, () => 1), ...Array.from({ length: 10 }, (_, other) => other + 2)];
    const answers = await Promise.all(
      numbers.map((seq) =>
        post(
          app,
          { ...exampleSession, planId: 'plan-race', sessionId: `race-${seq}`, seq },
          { ...bearer(tokens.clinic), 'Content-Type': 'application/json' },
          '/clinic/plans/plan-race/sessions',
        ),
      ),
    );
    const busy = answers.filter(({ status }) => status === 503).length;
    // A plan that is changed by too many at once may ask to come again: then nothing was written for that one.
    const recorded = answers.filter(({ status }) => status === 201).length;
    expect(answers.filter(({ status }) => status === 200 || status === 201).length + busy).toBe(60);
    expect(await app.store.sessionsOfPlan('plan-race')).toHaveLength(recorded);
    expect(await app.store.deliveriesOfPlan('plan-race')).toHaveLength(recorded);
    expect((await app.store.plan('plan-race'))?.plan.progress.delivered).toBe(recorded);
  });
});

test('what was accepted is read as it was sent, and found by its number', async () => {
  const sent = numbered('read', { note: [{ text: 'Line one\nline two \u{1f600}' }] });
  const { id } = await told(await post(app, sent));
  const read = (await (await get(app, `/fhir/ServiceRequest/${id}`)).json()) as Record<string, unknown>;
  expect(read).toEqual({ ...sent, id, meta: { ...(sent.meta as object), versionId: '1', lastUpdated: app.now } });
  const found = await told(
    await get(app, `/fhir/ServiceRequest?identifier=${encodeURIComponent('https://hospital.example/orders|read')}`),
  );
  expect(found.entry?.[0]?.resource.id).toBe(id);
  expect((await get(app, `/fhir/ServiceRequest/${id}/_history/1`)).status).toBe(200);
  expect((await get(app, `/fhir/Task/${id}`)).status).toBe(200);
});

test('a page cursor that was not given out here is refused', async () => {
  const list = (after: string) => fetch(`${app.url}/clinic/plans?after=${after}`, { headers: bearer(tokens.clinic) });
  expect((await list('nonsense')).status).toBe(400);
  expect((await get(app, '/fhir/Task?_after=nonsense')).status).toBe(400);
});
