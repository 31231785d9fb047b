import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../../src/core/plan/session.ts';
import type { Delivery, PlanRecord } from '../../../src/flows/records.ts';
import { examplePlan, exampleSession } from '../../core/plan/examples.ts';
import { bearer, order, post, startApp, tokens, told } from './app.ts';

let app: Awaited<ReturnType<typeof startApp>>;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

const clinic = bearer(tokens.clinic);

function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${app.url}/clinic${path}`, {
    method,
    headers: { ...clinic, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

interface Answered extends PlanRecord {
  readonly issues: readonly { readonly code: string; readonly expression: string; readonly line?: number }[];
  readonly items: readonly (PlanRecord & Delivery & { readonly event: string })[];
  readonly next: string | null;
}
const read = async (answer: Response) => (await answer.json()) as Answered;
const codes = async (answer: Response) => (await read(answer)).issues.map(({ code }) => code);

/** A plan that is here, made of a referral that is here. */
async function keepPlan(changes: Partial<PlanRecord['plan']> = {}, planId = 'plan-1'): Promise<void> {
  const value = `O-${planId}`;
  const { id } = await told(
    await post(app, order({ identifier: [{ system: 'https://hospital.example/orders', value }] })),
  );
  const at = app.now;
  const plan = { ...examplePlan, planId, ...changes };
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
  app.store.outbox.length = 0;
}

const session = (changes: Partial<Session> = {}): Session => ({ ...exampleSession, ...changes });
const record = (changes: Partial<Session> = {}, planId = 'plan-1') =>
  call('POST', `/plans/${planId}/sessions`, session(changes));

describe('plans', () => {
  test('are listed page by page and by status', async () => {
    for (const planId of ['plan-1', 'plan-2', 'plan-3']) await keepPlan({}, planId);
    await keepPlan({ status: 'held' }, 'plan-4');
    const first = await read(await call('GET', '/plans?limit=2&status=accepted'));
    const second = await read(await call('GET', `/plans?limit=2&status=accepted&after=${first.next}`));
    expect([...first.items, ...second.items].map(({ plan }) => plan.planId)).toEqual(['plan-1', 'plan-2', 'plan-3']);
    expect(second.next).toBeNull();
    const both = await read(await call('GET', '/plans?status=accepted,held'));
    expect(both.items).toHaveLength(4);
    expect((await read(await call('GET', '/plans?status=held'))).items.map(({ plan }) => plan.planId)).toEqual([
      'plan-4',
    ]);
    expect((await read(await call('GET', '/plans?updatedSince=2026-11-26T10:00:00.001Z'))).items).toEqual([]);
  });

  test('are read with their version as tag, and with their history', async () => {
    await keepPlan();
    const answer = await call('GET', '/plans/plan-1');
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(await answer.json()).toMatchObject({ plan: { planId: 'plan-1' }, partner: 'demo', version: 1 });
    await record();
    const history = await read(await call('GET', '/plans/plan-1/history'));
    expect(history.items.map(({ event }) => event)).toEqual(['session-recorded']);
  });
});

describe('an assessment', () => {
  const assessment = { performedAt: '2026-11-26', by: 'Practitioner/t1', findings: 'stiff' };
  const goals = [{ goalId: 'g1', measure: 'pain-nrs' }];

  test('opens the way for sessions', async () => {
    const { assessment: _, ...bare } = examplePlan;
    await keepPlan();
    app.store.planRecords.set('plan-1', {
      ...(app.store.planRecords.get('plan-1') as PlanRecord),
      plan: { ...bare, goals: [] },
    });
    expect(await codes(await record())).toEqual(['session-needs-assessment', 'session-needs-goal']);
    const answer = await call('PUT', '/plans/plan-1/assessment', { assessment, goals });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect((await read(answer)).plan).toMatchObject({ assessment, goals, status: 'accepted' });
    expect((await record()).status).toBe(201);
  });

  test('again changes nothing; goals alone leave it as it is', async () => {
    await keepPlan();
    await call('PUT', '/plans/plan-1/assessment', { assessment });
    const again = await call('PUT', '/plans/plan-1/assessment', { assessment });
    expect(again.headers.get('etag')).toBe('"2"');
    const other = await read(await call('PUT', '/plans/plan-1/goals', { goals: [{ goalId: 'g2', text: 'walk' }] }));
    expect(other.plan).toMatchObject({ assessment, goals: [{ goalId: 'g2', text: 'walk' }] });
  });

  test('of a version that is not the present one is refused', async () => {
    await keepPlan();
    const stale = await call('PUT', '/plans/plan-1/goals', { goals }, { 'If-Match': '"7"' });
    expect([stale.status, await codes(stale)]).toEqual([412, ['version-stale']]);
    expect((await call('PUT', '/plans/plan-1/goals', { goals }, { 'If-Match': '"1"' })).status).toBe(200);
    expect((await call('PUT', '/plans/plan-1/goals', { goals }, { 'If-Match': '*' })).status).toBe(200);
    expect(await codes(await call('PUT', '/plans/plan-1/goals', { goals }, { 'If-Match': 'one' }))).toEqual([
      'if-match',
    ]);
  });

  test('of a plan that ended is refused', async () => {
    await keepPlan({ status: 'cancelled' });
    const answer = await call('PUT', '/plans/plan-1/goals', { goals });
    expect([answer.status, await codes(answer)]).toEqual([422, ['plan-ended']]);
  });

  test('is told where in the text a fault stands', async () => {
    await keepPlan();
    const text = '{\n  "assessment": { "performedAt": "soon",\n    "by": "" }\n}';
    const answer = await call('PUT', '/plans/plan-1/assessment', text);
    expect(answer.status).toBe(400);
    expect((await read(answer)).issues.map(({ line }) => line).sort()).toEqual([2, 3]);
  });
});

describe('a session', () => {
  test('that is the first begins the plan, and its outcome is on the way', async () => {
    await keepPlan();
    const answer = await record();
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ planId: 'plan-1', session: { sessionId: 'session-1' } });
    expect((await read(await call('GET', '/plans/plan-1'))).plan).toMatchObject({
      status: 'in-progress',
      progress: { delivered: 1, notDone: 0, lastSessionAt: '2026-03-04T09:00:00+01:00' },
    });
    const { items } = await read(await call('GET', '/plans/plan-1/deliveries'));
    expect(items).toMatchObject([{ kind: 'outcome', sessionId: 'session-1', state: 'pending', attempts: 0 }]);
    expect(app.store.outbox).toMatchObject([{ queue: 'delivery', subject: items[0]?.id, priority: 10 }]);
  });

  test('again changes nothing; under the same id with another content it is a conflict', async () => {
    await keepPlan();
    await record();
    expect((await record()).status).toBe(200);
    const { seq, ...rest } = session();
    expect((await call('POST', '/plans/plan-1/sessions', { ...rest, seq })).status).toBe(200);
    const other = await record({ note: 'other' });
    expect([other.status, await codes(other)]).toEqual([409, ['session-conflict']]);
    expect(app.store.deliveries.size).toBe(1);
  });

  test('fifty times at once is recorded once', async () => {
    await keepPlan();
    const answers = await Promise.all(Array.from({ length: 50 }, () => record()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(app.store.deliveries.size).toBe(1);
    expect(app.store.planRecords.get('plan-1')?.plan.progress.delivered).toBe(1);
  });

  test('beside others at once is recorded, each with its own place', async () => {
    await keepPlan();
    const answers = await Promise.all([1, 2, 3, 4, 5].map((seq) => record({ sessionId: `s-${seq}`, seq })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(app.store.planRecords.get('plan-1')?.plan.progress.delivered).toBe(5);
  });

  test('n of N completes the plan, and one more needs a new order', async () => {
    await keepPlan({ dosage: { sessions: 2 } });
    await record({ sessionId: 's-1', seq: 1 });
    expect(app.store.planRecords.get('plan-1')?.plan.status).toBe('in-progress');
    await record({ sessionId: 's-2', seq: 2 });
    expect(app.store.planRecords.get('plan-1')?.plan.status).toBe('completed');
    const more = await record({ sessionId: 's-3', seq: 3 });
    expect([more.status, await codes(more)]).toEqual([422, ['session-plan-state', 'session-over-prescribed']]);
  });

  test('that was not done is told too, does not begin the plan, and keeps its number', async () => {
    await keepPlan();
    const { end, durationMin, preScreen, ...missed } = session();
    const noShow = {
      ...missed,
      sessionId: 's-0',
      status: 'not-done',
      statusReason: 'patient-no-show',
      treatments: [],
      measurements: [],
    };
    expect((await call('POST', '/plans/plan-1/sessions', noShow)).status).toBe(201);
    expect(app.store.planRecords.get('plan-1')?.plan).toMatchObject({
      status: 'accepted',
      progress: { delivered: 0, notDone: 1 },
    });
    expect(app.store.deliveries.size).toBe(1);
    expect(await codes(await record({ sessionId: 's-1', seq: 1 }))).toEqual(['session-number-taken']);
    expect((await record({ sessionId: 's-1', seq: 2 })).status).toBe(201);
  });

  test('with a serious adverse event goes before the others', async () => {
    await keepPlan();
    const event = {
      code: 'syncope',
      severity: 'moderate',
      serious: true,
      onset: 'during',
      action: 'laid down',
      resolved: true,
    } as const;
    await record({
      status: 'stopped',
      statusReason: 'adverse-event',
      adverseEvents: { assessed: true, items: [event] },
    });
    expect(app.store.outbox).toMatchObject([{ queue: 'delivery', priority: 0 }]);
  });

  test('that corrects another takes its place, and what was not sent yet is not sent', async () => {
    await keepPlan();
    await record();
    const wrong = await record({ sessionId: 's-2', seq: 2, amends: 'session-1' });
    expect(await codes(wrong)).toEqual(['session-amends-other-number']);
    expect(await codes(await record({ sessionId: 's-2', amends: 's-9' }))).toEqual(['session-amends-unknown']);
    expect((await record({ sessionId: 's-2', amends: 'session-1', note: 'corrected' })).status).toBe(201);
    expect([...app.store.deliveries.values()].map(({ sessionId, state }) => [sessionId, state])).toEqual([
      ['session-1', 'superseded'],
      ['s-2', 'pending'],
    ]);
    expect(app.store.planRecords.get('plan-1')?.plan.progress.delivered).toBe(1);
    expect(await codes(await record({ sessionId: 's-3', amends: 'session-1' }))).toEqual(['session-amended-before']);
    const [id, delivery] = [...app.store.deliveries].at(-1) as [string, Delivery];
    app.store.deliveries.set(id, { ...delivery, state: 'sent' });
    expect(await codes(await record({ sessionId: 's-3', amends: 's-2' }))).toEqual(['session-amends-sent']);
  });

  test('that breaks rules is told all of them, with field and place', async () => {
    await keepPlan({ modifications: [{ code: 'no-deep', origin: 'rule' }] });
    const text = JSON.stringify(
      session({
        consent: { given: false },
        treatments: [{ technique: 'classic', bodySite: 'lumbar', pressure: 'deep', medium: 'oil', durationMin: 99 }],
      }),
      null,
      2,
    );
    const answer = await call('POST', '/plans/plan-1/sessions', text);
    expect(answer.status).toBe(422);
    const { issues } = await read(answer);
    expect(issues.map(({ code }) => code).sort()).toEqual([
      'session-deep-forbidden',
      'session-minutes-exceeded',
      'session-needs-consent',
    ]);
    const line = text.split('\n').findIndex((one) => one.includes('"deep"')) + 1;
    const deep = issues.find(({ code }) => code === 'session-deep-forbidden');
    expect(deep).toMatchObject({ expression: 'Session.treatments[0].pressure', line });
  });

  test.each<[string, unknown, number, string]>([
    ['that is no JSON', '{', 400, 'json-syntax'],
    ['with equal keys', JSON.stringify(session()).replace('{', '{"seq":2,'), 400, 'json-duplicate-key'],
    ['with a field that is not known', { ...session(), mood: 'good' }, 400, 'unknown-element'],
    ['of another plan', session({ planId: 'plan-2' }), 422, 'session-other-plan'],
  ])('%s is refused', async (_, body, status, code) => {
    await keepPlan();
    const answer = await call('POST', '/plans/plan-1/sessions', body);
    const found = await codes(answer);
    expect(answer.status).toBe(status);
    expect(found).toContain(code);
    expect([app.store.sessions.size, app.store.deliveries.size]).toEqual([0, 0]);
  });
});

describe('a finding of the screening', () => {
  const finding = {
    ruleId: 'dvt',
    ruleVersion: '1',
    title: 'Thrombosis',
    disposition: 'hold' as const,
    evidence: ['ServiceRequest.reasonCode[0]'],
    state: 'open' as const,
  };
  const word = { by: 'Dr. Invented', reason: 'ultrasound of today is clear' };

  test('that a named person clears lets the plan be decided anew', async () => {
    const { ruleVersion, title, ...kept } = finding;
    await keepPlan({ status: 'held', screening: { ...examplePlan.screening, findings: [kept] } });
    app.findings = [finding] as unknown as typeof app.findings;
    const answer = await read(await call('PUT', '/plans/plan-1/findings/dvt', { state: 'cleared', ...word }));
    expect(answer.plan.status).toBe('accepted');
    expect(answer.plan.screening.findings).toMatchObject([{ ruleId: 'dvt', state: 'cleared', ...word, at: app.now }]);
    const history = await app.store.history('plan', 'plan-1');
    expect(history).toMatchObject([{ event: 'finding-cleared', by: 'Dr. Invented', detail: { ruleId: 'dvt' } }]);
    expect(JSON.stringify(history)).not.toContain('ultrasound');
  });

  test('is told to the therapist as a sentence, with what was decided about it', async () => {
    const { ruleVersion, title, ...kept } = finding;
    await keepPlan({ screening: { ...examplePlan.screening, findings: [{ ...kept, state: 'overridden', ...word }] } });
    app.findings = [{ ...finding, therapist: 'Do not massage the leg.' }] as unknown as typeof app.findings;
    const answer = await call('GET', '/plans/plan-1/briefing');
    expect(await answer.json()).toEqual({
      findings: [
        {
          ruleId: 'dvt',
          title: 'Thrombosis',
          disposition: 'hold',
          state: 'overridden',
          sentence: 'Do not massage the leg.',
        },
      ],
      duties: [],
      shown: [],
    });
  });

  test('that is not there, or a decision without name or reason, is refused', async () => {
    await keepPlan({ status: 'held' });
    expect(await codes(await call('PUT', '/plans/plan-1/findings/dvt', { state: 'cleared', ...word }))).toEqual([
      'finding-unknown',
    ]);
    for (const body of [
      { state: 'cleared', by: 'x' },
      { state: 'cleared', reason: 'x' },
      { state: 'cleared', by: '', reason: '' },
      { state: 'gone', ...word },
    ]) {
      expect((await call('PUT', '/plans/plan-1/findings/dvt', body)).status).toBe(400);
    }
    expect((await call('PUT', '/plans/plan-1/findings/..%2Fx', { state: 'cleared', ...word })).status).toBe(404);
  });
});

describe('missing data', () => {
  test('is filled by a named person, and the plan is decided anew', async () => {
    await keepPlan({ status: 'held', dosage: {}, bodySites: [], scope: 'unknown' });
    const told = {
      dosage: { sessions: 6 },
      bodySites: [{ site: 'lumbar', laterality: 'none' }],
      scope: 'local',
      by: 'Dr. Invented',
    };
    const answer = await read(await call('POST', '/plans/plan-1/answers', told));
    expect(answer.plan).toMatchObject({ status: 'accepted', dosage: { sessions: 6 }, scope: 'local' });
    expect(await app.store.history('plan', 'plan-1')).toMatchObject([
      { event: 'answered', by: 'Dr. Invented', detail: { filled: ['dosage', 'bodySites', 'scope'] } },
    ]);
  });

  test('never overwrites what the order says', async () => {
    await keepPlan({ status: 'held' });
    const answer = await call('POST', '/plans/plan-1/answers', {
      dosage: { sessions: 12 },
      scope: 'regional',
      by: 'x',
    });
    expect(answer.status).toBe(422);
    expect((await read(answer)).issues.map(({ expression }) => expression)).toEqual([
      'TreatmentPlan.dosage.sessions',
      'TreatmentPlan.scope',
    ]);
    expect((await call('POST', '/plans/plan-1/answers', { dosage: { sessions: 6 }, by: 'x' })).status).toBe(200);
  });
});

describe('a delivery', () => {
  test("that waits is listed with its issues, and tried again by a person's word", async () => {
    await keepPlan();
    await record();
    const [delivery] = [...app.store.deliveries.values()];
    const id = delivery?.id ?? '';
    expect(await codes(await call('POST', `/deliveries/${id}/retry`, { by: 'x' }))).toEqual(['delivery-not-waiting']);
    const issue = {
      severity: 'error',
      code: 'hospital-refused',
      type: 'processing',
      expression: '',
      message: 'No.',
    } as const;
    app.store.deliveries.set(id, { ...(delivery as Delivery), state: 'waiting', issues: [issue] });
    const waiting = await read(await call('GET', '/deliveries'));
    expect(waiting.items).toMatchObject([{ id, state: 'waiting', issues: [issue] }]);
    const again = await call('POST', `/deliveries/${id}/retry`, { by: 'Therapist Invented' });
    expect([again.status, ((await again.json()) as Delivery).state]).toEqual([200, 'pending']);
    expect((await call('GET', `/deliveries/${id}`)).status).toBe(200);
    expect((await call('POST', '/deliveries/none/retry', { by: 'x' })).status).toBe(404);
    expect((await call('POST', `/deliveries/${id}/retry`, {})).status).toBe(400);
  });
});

describe('what is not there', () => {
  test.each([
    ['GET', '/plans/none', 404, 'not-found'],
    ['GET', '/plans/none/history', 404, 'not-found'],
    ['GET', '/plans/none/sessions', 404, 'not-found'],
    ['GET', '/plans/none/deliveries', 404, 'not-found'],
    ['GET', '/deliveries/none', 404, 'not-found'],
    ['GET', '/plans?limit=0', 400, 'bad-parameter'],
    ['GET', '/plans?limit=201', 400, 'bad-parameter'],
    ['GET', '/plans?status=lost', 400, 'bad-parameter'],
    ['GET', '/plans?updatedSince=now', 400, 'bad-parameter'],
    ['GET', '/nothing', 404, 'unknown-address'],
    ['DELETE', '/plans/plan-1', 405, 'method-not-allowed'],
  ])('%s %s is %i', async (method, path, status, code) => {
    const answer = await call(method, path);
    expect([answer.status, await codes(answer)]).toEqual([status, [code]]);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('includes sessions of a plan that is not there', async () => {
    expect((await record({}, 'none')).status).toBe(404);
  });
});

describe('the OpenAPI document', () => {
  interface Operation {
    readonly operationId: string;
    readonly responses: Readonly<
      Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
    >;
    readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  }
  const document = async () =>
    (await (await fetch(`${app.url}/clinic/openapi.json`)).json()) as {
      readonly openapi: string;
      readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    };

  test('needs no token, is 3.1, and lists every address once by name', async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe('3.1.0');
    const names = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    expect(new Set(names).size).toBe(names.length);
    for (const [path, item] of Object.entries(paths)) {
      for (const method of Object.keys(item)) {
        const answer = await fetch(`${app.url}/clinic${path.replace(/\{\w+\}/g, 'x')}`, {
          method: method.toUpperCase(),
        });
        expect([method, path, answer.status]).toEqual([method, path, 401]);
      }
    }
  });

  test('has schemas that hold for what is really answered', async () => {
    await keepPlan();
    await record();
    const { paths } = await document();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const id = [...app.store.deliveries.keys()][0] ?? '';
    for (const [path, item] of Object.entries(paths)) {
      const answer = item.get && (await call('GET', path.replace('{planId}', 'plan-1').replace('{deliveryId}', id)));
      const schema = item.get?.responses['200']?.content?.['application/json']?.schema;
      if (answer === undefined) continue;
      expect([path, answer.status]).toEqual([path, 200]);
      const check = ajv.compile(schema ?? false);
      check(await answer.json());
      expect([path, check.errors]).toEqual([path, null]);
    }
  });
});
