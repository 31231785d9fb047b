import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bearer, get, numbered, planOf, post, startApp, tokens, told } from './app.ts';

let app: Awaited<ReturnType<typeof startApp>>;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

/** A referral with its plan, changed at an instant. */
async function planned(
  value: string,
  updatedAt: string,
  token = tokens.demo,
  patient = 'Patient/example-1',
): Promise<string> {
  const { id } = await told(await post(app, numbered(value, { subject: { reference: patient } }), bearer(token)));
  const referral = await app.store.referral(id);
  if (referral === undefined) throw new Error('The referral was not kept.');
  const plan = planOf(referral, `plan-${value}`);
  const record = {
    plan,
    referralId: id,
    partner: referral.partner,
    version: 1,
    reasons: [],
    questions: [],
    createdAt: updatedAt,
    updatedAt,
  };
  await app.store.commit({ plan: { record, expect: 0 }, history: [], outbox: [] });
  return id;
}

const ids = async (query: string) => {
  const found = await told(await get(app, `/fhir/Task?${query}`));
  return (found.entry ?? []).map(({ resource }) => resource.id);
};

describe('the Task of a referral', () => {
  test('is there before the plan is, and has the version of the plan afterwards', async () => {
    const { id } = await told(await post(app, numbered('O-1')));
    const before = await get(app, `/fhir/Task/${id}`);
    expect(before.headers.get('etag')).toBe('W/"0"');
    expect(await before.json()).toMatchObject({ resourceType: 'Task', id, status: 'received' });
    const other = await planned('O-2', '2026-11-26T11:00:00.000Z');
    const after = await get(app, `/fhir/Task/${other}`);
    expect(after.headers.get('etag')).toBe('W/"1"');
    expect(after.headers.get('last-modified')).toBe('Thu, 26 Nov 2026 11:00:00 GMT');
    expect(await after.json()).toMatchObject({ status: 'accepted' });
    expect((await get(app, `/fhir/Task/${other}`, { 'If-None-Match': 'W/"1"' })).status).toBe(304);
  });

  test('is found by the number of its referral, by its referral, its patient, its state and its time', async () => {
    const one = await planned('O-1', '2026-11-26T11:00:00.000Z');
    const two = await planned('O-2', '2026-11-26T12:00:00.000Z', tokens.demo, 'Patient/two');
    await planned('O-3', '2026-11-26T12:00:00.000Z', tokens.other);
    const token = (value: string) => encodeURIComponent(`https://hospital.example/orders|${value}`);
    expect(await ids(`identifier=${token('O-1')}`)).toEqual([one]);
    expect(await ids(`identifier=${token('O-1')},${token('O-2')}`)).toEqual([one, two]);
    expect(await ids(`identifier=${token('O-3')}`)).toEqual([]);
    for (const name of ['based-on', 'focus']) {
      expect(await ids(`${name}=ServiceRequest/${two}`)).toEqual([two]);
      expect(await ids(`${name}=${encodeURIComponent(`${app.url}/fhir/ServiceRequest/${two}`)}`)).toEqual([two]);
      expect(await ids(`${name}=${two}`)).toEqual([two]);
      expect(await ids(`${name}=https://elsewhere.example/ServiceRequest/${two}`)).toEqual([]);
    }
    expect(await ids('patient=Patient/two')).toEqual([two]);
    expect(await ids('patient=two')).toEqual([two]);
    expect(await ids('status=accepted')).toEqual([one, two]);
    expect(await ids('status=received,accepted')).toEqual([one, two]);
    expect(await ids('status=completed')).toEqual([]);
    expect(await ids('_lastUpdated=ge2026-11-26T12:00:00Z')).toEqual([two]);
    expect(await ids('_lastUpdated=gt2026-11-26T12:00:00Z')).toEqual([]);
    expect(await ids('_lastUpdated=lt2026-11-26T12:00:00Z')).toEqual([one]);
    expect(await ids('_lastUpdated=le2026-11-26T12:00:00Z&_lastUpdated=ge2026-11-26')).toEqual([one, two]);
    expect(await ids('_lastUpdated=2026-11-26')).toEqual([one, two]);
    expect(await ids('_lastUpdated=ne2026-11-26')).toEqual([]);
    expect(await ids('_lastUpdated=2026-11-26T13:00:00%2B01:00')).toEqual([two]);
    expect(await ids(`focus=${one}&status=completed`)).toEqual([]);
  });

  test('is listed page by page, and the pages hold all of them once', async () => {
    const all = [];
    for (const value of ['a', 'b', 'c', 'd', 'e']) all.push(await planned(value, '2026-11-26T11:00:00.000Z'));
    const found: string[] = [];
    let next: string | undefined = `${app.url}/fhir/Task?_count=2`;
    let pages = 0;
    while (next !== undefined) {
      const page = await told(await fetch(next, { headers: bearer(tokens.demo) }));
      found.push(...(page.entry ?? []).map(({ resource }) => resource.id));
      next = page.link.find(({ relation }) => relation === 'next')?.url;
      pages++;
    }
    expect([pages, found]).toEqual([3, all]);
  });

  test('with an unknown parameter is searched without it, and the self link tells so', async () => {
    const found = await told(await get(app, '/fhir/Task?status=accepted&colour=red'));
    expect(found.link[0]?.url).toBe(`${app.url}/fhir/Task?status=accepted`);
  });
});
