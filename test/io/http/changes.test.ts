import type { DiagnosticReport, Goal, Task } from '@medplum/fhirtypes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleSession } from '../../core/plan/examples.ts';
import { demoOrder } from '../../flows/demo-world.ts';
import { openDemoHouse } from './demo-house.ts';

let house: Awaited<ReturnType<typeof openDemoHouse>>;
let id: string;
beforeEach(async () => {
  house = await openDemoHouse();
});
afterEach(() => house.close());

const eight = { occurrenceTiming: { repeat: { count: 8, frequency: 2, period: 1, periodUnit: 'wk' } } };
const open = { occurrenceTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk' } } };
const address = () => `/fhir/ServiceRequest/${id}`;
const put = (changes: Record<string, unknown>, ifMatch?: string) =>
  house.hospital('PUT', address(), { ...demoOrder(changes), id }, ifMatch);
const codesOf = (answer: { body: { issue?: { details: { coding: { code: string }[] } }[] } }) =>
  (answer.body.issue ?? []).map(({ details }) => details.coding[0]?.code);
const taskThere = () => house.at.Task?.[0] as Task | undefined;
const task = async (): Promise<Task> => (await house.hospital('GET', `/fhir/Task/${id}`)).body;

async function send(changes: Record<string, unknown> = {}): Promise<void> {
  const answer = await house.hospital('POST', '/fhir/ServiceRequest', demoOrder(changes));
  expect(answer.status).toBe(201);
  id = answer.body.id;
  await house.work();
}

async function planId(): Promise<string> {
  const record = await house.store.planOfReferral(id);
  if (record === undefined) throw new Error('There is no plan.');
  return record.plan.planId;
}

async function treat(seq: number, isDelivered = true): Promise<void> {
  const plan = await planId();
  const assessment = { performedAt: new Date().toISOString(), by: 'Grete Beispiel' };
  const goals = [{ goalId: 'g1', measure: 'pain-nrs', bodySite: 'lumbar', target: { value: 5, unit: '{score}' } }];
  if (seq === 1) {
    const assessed = await house.clinic('PUT', `/clinic/plans/${plan}/assessment`, { assessment, goals });
    expect(assessed.status).toBe(200);
  }
  const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const answer = await house.clinic('POST', `/clinic/plans/${plan}/sessions`, {
    ...exampleSession,
    sessionId: `${plan}-s${seq}`,
    planId: plan,
    seq,
    start: at(40),
    end: at(15),
    recordedAt: at(10),
    preScreen: { askedAt: at(45), changedSinceLast: false, findings: [], decision: 'proceed' },
    measurements: exampleSession.measurements.map((one) => ({ ...one, at: at(20) })),
  });
  expect([answer.status, answer.body.issues]).toEqual([201, undefined]);
  if (isDelivered) await house.work();
}

describe('PUT ServiceRequest', () => {
  beforeEach(() => send());

  test('needs If-Match: 400 without, 412 when stale, 200 with the current one, and a new ETag', async () => {
    const without = await put(eight);
    expect([without.status, codesOf(without)]).toEqual([400, ['if-match']]);
    for (const tag of ['three', 'W/three', '"1', '1']) expect((await put(eight, tag)).status).toBe(400);
    const changed = await put(eight, 'W/"1"');
    expect([changed.status, changed.headers.get('etag'), changed.body.meta.versionId]).toEqual([200, 'W/"2"', '2']);
    const stale = await put({ ...eight, priority: 'stat' }, 'W/"1"');
    expect([stale.status, codesOf(stale)]).toEqual([412, ['version-stale']]);
    expect((await house.hospital('GET', address())).headers.get('etag')).toBe('W/"2"');
    expect((await house.hospital('GET', `${address()}/_history/1`)).body.occurrenceTiming.repeat.count).toBe(6);
  });

  test.each(['"1"', '*', 'W/"7", W/"1"'])('takes If-Match %s', async (tag) => {
    expect((await put(eight, tag)).status).toBe(200);
  });

  test('is read, changed and sent back as clients do', async () => {
    const read = await house.hospital('GET', address());
    const body = { ...read.body, priority: 'urgent' };
    const changed = await house.hospital('PUT', address(), body, read.headers.get('etag') ?? '');
    expect([changed.status, changed.body.priority]).toEqual([200, 'urgent']);
    const again = await house.hospital('PUT', address(), { ...changed.body, priority: 'asap' }, 'W/"2"');
    expect([again.status, again.body.meta.versionId]).toEqual([200, '3']);
  });

  test('is of its own sender only, and of what is there', async () => {
    expect((await house.hospital('PUT', '/fhir/ServiceRequest/nothing', demoOrder(), '*')).status).toBe(404);
    const wrongId = await house.hospital('PUT', address(), demoOrder(), '*');
    expect([wrongId.status, codesOf(wrongId)]).toEqual([400, ['id-differs']]);
  });

  test('tells the hospital, whose Task then says so', async () => {
    await put({ status: 'revoked' }, 'W/"1"');
    await house.work();
    expect(taskThere()?.status).toBe('cancelled');
    expect((await task()).status).toBe('cancelled');
  });

  test('that the hospital itself has overtaken changes nothing and says so', async () => {
    await put({ ...eight, meta: { versionId: '5' } }, 'W/"1"');
    const older = await put({ priority: 'stat', meta: { versionId: '4' } }, 'W/"2"');
    expect([older.status, codesOf(older)]).toEqual([409, ['referral-overtaken']]);
  });

  test('is told in the clinic: what differs stands in the history of the plan', async () => {
    await put(eight, 'W/"1"');
    const { body } = await house.clinic('GET', `/clinic/plans/${await planId()}/history`);
    expect(body.items.at(-1)).toMatchObject({
      event: 'amended',
      by: 'demo-hospital',
      detail: { planPaths: ['TreatmentPlan.dosage.sessions'] },
    });
  });
});

describe('PUT Task', () => {
  test('with an answer lets a plan that waits go on', async () => {
    await send(open);
    const asked = await house.hospital('GET', `/fhir/Task/${id}`);
    expect([asked.body.status, asked.body.input.length]).toEqual(['received', 1]);
    const [question] = asked.body.input;
    const input = [{ type: question.type, valuePositiveInt: 6 }];
    const path = `/fhir/Task/${id}`;
    expect((await house.hospital('PUT', path, { ...asked.body, input })).status).toBe(400);
    expect((await house.hospital('PUT', path, { ...asked.body, input }, 'W/"9"')).status).toBe(412);
    const answered = await house.hospital('PUT', path, { ...asked.body, input }, asked.headers.get('etag') ?? '');
    expect([answered.status, answered.body.status, answered.headers.get('etag')]).toEqual([200, 'accepted', 'W/"2"']);
    await house.work();
    expect(taskThere()?.status).toBe('accepted');
  });

  test('that contradicts itself, moves what is ours, or is no Task of R4 is refused', async () => {
    await send(open);
    const path = `/fhir/Task/${id}`;
    const now = await task();
    const moved = await house.hospital('PUT', path, { ...now, status: 'completed', businessStatus: undefined }, '*');
    expect([moved.status, codesOf(moved)]).toEqual([422, ['task-move']]);
    const system = 'https://tactus.example/fhir/CodeSystem/business-status';
    const businessStatus = { coding: [{ system, code: 'outcome-final' }] };
    const torn = await house.hospital('PUT', path, { ...now, businessStatus }, '*');
    expect([torn.status, codesOf(torn)]).toEqual([422, ['task-contradiction']]);
    expect((await house.hospital('PUT', path, { ...now, status: 'nonsense' }, '*')).status).toBe(400);
    expect((await house.hospital('PUT', path, { ...now, id: 'else' }, '*')).status).toBe(400);
    expect((await house.hospital('PUT', path, demoOrder({ id }), '*')).status).toBe(400);
    expect((await house.hospital('PUT', '/fhir/Task/nothing', now, '*')).status).toBe(404);
  });
});

describe('a course that the hospital wants to end', () => {
  beforeEach(async () => {
    await send();
    await treat(1);
  });

  test('is asked of by a Task of code abort, answered by the clinic, and summed up', async () => {
    const abort = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'abort' }] },
      focus: { reference: `Task/${id}` },
    };
    const asked = await house.hospital('POST', '/fhir/Task', abort);
    expect([asked.status, asked.body.status]).toEqual([201, 'received']);
    const location = `/fhir/Task/${asked.body.id}`;
    expect((await task()).businessStatus?.coding?.[0]?.code).toBe('cancellation-requested');
    expect(codesOf(await put(eight, 'W/"1"'))).toEqual(['amend-after-start']);
    const decision = { accept: true, by: 'Grete Beispiel', reason: 'As asked.' };
    const path = `/clinic/plans/${await planId()}/cancellation`;
    const answered = await house.clinic('POST', path, decision);
    expect([answered.status, answered.body.plan.status]).toEqual([200, 'cancelled']);
    expect((await house.hospital('GET', location)).body).toMatchObject({
      status: 'accepted',
      statusReason: { text: 'As asked.' },
    });
    expect((await house.clinic('POST', path, decision)).status).toBe(422);
    await house.work();
    const told = taskThere();
    expect([told?.status, told?.statusReason?.coding?.[0]?.code]).toEqual(['cancelled', 'cancellation-accepted']);
    expect(house.at.DiagnosticReport).toHaveLength(1);
  });

  test('goes on when the clinic rejects the wish', async () => {
    expect((await put({ status: 'revoked' }, 'W/"1"')).status).toBe(200);
    const decision = { accept: false, by: 'Grete Beispiel', reason: 'One session is left.' };
    const answered = await house.clinic('POST', `/clinic/plans/${await planId()}/cancellation`, decision);
    expect([answered.status, answered.body.plan.status]).toEqual([200, 'in-progress']);
    expect((await house.hospital('GET', `/fhir/Task/${id}-abort-1`)).body.status).toBe('rejected');
  });

  test('is stopped by the clinic with a reason; summary, goals and Task reach the hospital and conform', async () => {
    const path = `/clinic/plans/${await planId()}/stop`;
    expect((await house.clinic('POST', path, { by: 'Grete Beispiel', reason: 'no-reason' })).status).toBe(400);
    const stopped = await house.clinic('POST', path, { by: 'Grete Beispiel', reason: 'patient-declined' });
    expect([stopped.status, stopped.body.plan.status]).toEqual([200, 'stopped']);
    await house.work();
    const [report] = (house.at.DiagnosticReport ?? []) as DiagnosticReport[];
    const [goal] = (house.at.Goal ?? []) as Goal[];
    for (const resource of [report, goal, house.at.Task?.[0]]) {
      expect(house.catalog.validator.validate(resource).filter(({ severity }) => severity === 'error')).toEqual([]);
    }
    expect(
      report?.extension?.map(({ valuePositiveInt, valueUnsignedInt }) => valuePositiveInt ?? valueUnsignedInt),
    ).toEqual([6, 1, 0]);
    expect(goal?.achievementStatus?.coding?.[0]?.code).toBe('not-achieved');
    const told = taskThere();
    expect([told?.status, told?.statusReason?.coding?.[0]?.code]).toEqual(['failed', 'patient-declined']);
    const summary = told?.output?.find(({ type }) => type.coding?.[0]?.code === 'summary');
    expect(summary?.valueReference?.reference).toMatch(/^(DiagnosticReport\/1|urn:uuid:.+)$/);
    expect([...house.store.deliveries.values()].map(({ state }) => state)).not.toContain('waiting');
  });

  test('is summed up after its last outcome, also when two workers have them', async () => {
    for (const seq of [2, 3, 4, 5]) await treat(seq);
    await treat(6, false);
    const summary = `${await planId()}-summary`;
    await house.deliver(summary);
    expect(house.at.DiagnosticReport).toBeUndefined();
    const waiting = house.store.deliveries.get(summary);
    expect([waiting?.state, waiting?.issues]).toEqual(['pending', []]);
    expect(house.store.outbox).toContainEqual(expect.objectContaining({ subject: summary, dueAt: waiting?.dueAt }));
  });

  test('that was given whole is complete, and is summed up once', async () => {
    for (const seq of [2, 3, 4, 5, 6]) await treat(seq);
    const told = taskThere();
    expect(told?.status).toBe('completed');
    const progress = told?.output?.find(({ type }) => type.coding?.[0]?.code === 'progress')?.valueRatio;
    expect([progress?.numerator?.value, progress?.denominator?.value]).toEqual([6, 6]);
    expect(house.at.DiagnosticReport).toHaveLength(1);
    expect([...house.store.deliveries.values()].filter(({ kind }) => kind === 'summary')).toHaveLength(1);
  });
});
