import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { exampleSession } from '../../core/plan/examples.ts';
import { withDatabase } from '../store/database.ts';
import { bearer, numbered, planOf, post, startAppOn, type TestApp, tokens, told } from './app.ts';

/** Changes that meet each other, on the store that Tactus has in life. */
const database = withDatabase();
let app: TestApp<Store>;
beforeAll(async () => {
  app = await startAppOn(await openStore({ connectionString: database.connectionString }));
});
afterAll(async () => {
  await app.close();
  await app.store.close();
});

/** A referral with its accepted plan, as a worker makes it. */
async function planned(number: string): Promise<{ readonly id: string; readonly planId: string }> {
  const { id } = await told(await post(app, numbered(number)));
  const referral = await app.store.referral(id);
  if (referral === undefined) throw new Error('The referral is not here.');
  const planId = `plan-${number}`;
  const record = {
    plan: planOf(referral, planId),
    referralId: id,
    partner: 'demo',
    version: 1,
    reasons: [],
    questions: [],
    referralVersion: 1,
    createdAt: app.now,
    updatedAt: app.now,
  };
  await app.store.commit({ plan: { record, expect: 0 }, history: [], outbox: [] });
  return { id, planId };
}

function put(id: string, number: string, changes: Readonly<Record<string, unknown>>, ifMatch: string) {
  return fetch(`${app.url}/fhir/ServiceRequest/${id}`, {
    method: 'PUT',
    headers: { ...bearer(tokens.demo), 'Content-Type': 'application/fhir+json', 'If-Match': ifMatch },
    body: JSON.stringify({ ...numbered(number, changes), id }),
  });
}

function treat(planId: string) {
  return fetch(`${app.url}/clinic/plans/${planId}/sessions`, {
    method: 'POST',
    headers: { ...bearer(tokens.clinic), 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...exampleSession, sessionId: `${planId}-s`, planId }),
  });
}

test('of twenty changes that rest on one version, one is made and nineteen are told that they are stale', async () => {
  const { id, planId } = await planned('many');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => put(id, 'many', { patientInstruction: `change ${at}` }, 'W/"1"')),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
  expect((await app.store.referral(id))?.version).toBe(2);
  expect(await app.store.plan(planId)).toMatchObject({ version: 2, referralVersion: 2 });
  expect(await app.store.sweep('2027-01-01T00:00:00.000Z', 60)).toBe(0);
});

test('a withdrawal and a first session at once end in one truth', async () => {
  for (let round = 0; round < 10; round++) {
    const number = `meet-${round}`;
    const { id, planId } = await planned(number);
    const [changed, session] = await Promise.all([put(id, number, { status: 'revoked' }, '*'), treat(planId)]);
    expect(changed.status).toBe(200);
    const record = await app.store.plan(planId);
    const sessions = await app.store.sessionsOfPlan(planId);
    if (session.status === 201) {
      expect([record?.plan.status, record?.cancellations?.[0]?.state, sessions.length]).toEqual([
        'in-progress',
        'requested',
        1,
      ]);
    } else {
      expect([session.status, record?.plan.status, sessions.length]).toEqual([422, 'cancelled', 0]);
    }
  }
  expect(app.faults).toEqual([]);
});

test('a change without a plan waits for the worker, and the sweep finds it when the queue has lost it', async () => {
  const { id } = await told(await post(app, numbered('early')));
  expect((await put(id, 'early', { priority: 'urgent' }, 'W/"1"')).status).toBe(200);
  await app.store.takeOutbox(app.now, 1000, async () => {});
  const later = '2026-11-26T11:00:00.000Z';
  await app.store.sweep(later, 60);
  const found: string[] = [];
  await app.store.takeOutbox(later, 1000, async (rows) => {
    for (const { queue, subject } of rows) if (queue === 'intake') found.push(subject);
  });
  expect(found).toEqual([id]);
});
