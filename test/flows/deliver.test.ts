import type { Bundle, Task } from '@medplum/fhirtypes';
import { beforeEach, describe, expect, it } from 'vitest';
import { retryDelaysSeconds } from '../../src/core/delivery/retry.ts';
import type { Issue } from '../../src/core/fhir/issue.ts';
import { answerId, answering } from '../../src/flows/answer.ts';
import { type DeliverWorld, deliver } from '../../src/flows/deliver.ts';
import type { EhrRequest, EhrResponse } from '../../src/flows/ehr.ts';
import type { Delivery, PlanRecord, Referral } from '../../src/flows/records.ts';
import type { DeliveredPartner } from '../../src/flows/settle.ts';
import { examplePlan, exampleSession } from '../core/plan/examples.ts';
import { type FakeStore, fakeStore } from './fake-store.ts';

const planId = 'P-1';
let clock: number;
let store: FakeStore;
let partner: DeliveredPartner;
let asked: EhrRequest[];
let hear: (request: EhrRequest) => EhrResponse;
let faults: readonly Issue[];
let ended: string[];

const outcomeBundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:8d1c2c39-2f6b-4c1e-a7d5-0d7a52e2a111',
      resource: { resourceType: 'Procedure', identifier: [{ system: 'urn:s', value: 'S-1' }] },
      request: { method: 'POST', url: 'Procedure', ifNoneExist: 'identifier=urn:s|S-1' },
    },
  ],
} as unknown as Bundle;

function world(): DeliverWorld {
  return {
    store,
    partner: () => partner,
    call: async (request) => {
      asked.push(request);
      return hear(request);
    },
    validator: { validate: () => faults, accepts: () => faults.length === 0 },
    outcomeVersion: 'v1',
    makeOutcome: () => ({ ok: true, bundle: outcomeBundle, reports: [] }),
    makeSummary: () => ({ ok: true, bundle: outcomeBundle, reports: [] }),
    makeTask: (record) => taskOf(record),
    makeMessage: (task) => ({ resourceType: 'Bundle', type: 'message', entry: [{ resource: task }] }),
    now: () => new Date(clock).toISOString(),
    dice: () => 0,
    ended: (_, how) => void ended.push(how),
  };
}

function taskOf(record: PlanRecord): Task {
  const references = (record.outcomes ?? []).flatMap(({ resources }) => resources.map(({ id }) => id));
  return {
    resourceType: 'Task',
    status: 'in-progress',
    intent: 'order',
    output: references.map((reference) => ({ type: { text: 'session' }, valueReference: { reference } })),
  };
}

/** A hospital that takes everything and calls the resources by number. */
function takes(request: EhrRequest): EhrResponse {
  const sent = (request.body as Bundle).entry ?? [];
  const entry = sent.map(({ resource }, index) => ({
    response: { status: '201', location: `${resource?.resourceType}/${index + 17}` },
  }));
  return answered(200, { resourceType: 'Bundle', type: 'transaction-response', entry });
}

function sentEntries(call = 0): NonNullable<Bundle['entry']> {
  return (asked[call]?.body as Bundle | undefined)?.entry ?? [];
}

function answered(status: number, body?: unknown, headers: Record<string, string> = {}): EhrResponse {
  return { kind: 'answered', status, headers, body };
}

function outcome(id: string, priority = 10): Delivery {
  return {
    id,
    kind: 'outcome',
    partner: 'north',
    planId,
    sessionId: 'S-1',
    state: 'pending',
    attempts: 0,
    dueAt: new Date(clock).toISOString(),
    priority,
    wantedVersion: 0,
    body: null,
    proof: [],
    issues: [],
    createdAt: new Date(clock).toISOString(),
    sentAt: null,
  };
}

function record(): PlanRecord {
  const at = new Date(clock).toISOString();
  const plan = { ...examplePlan, planId };
  return {
    plan,
    referralId: 'R-1',
    partner: 'north',
    version: 1,
    reasons: [],
    questions: [],
    createdAt: at,
    updatedAt: at,
  };
}

/** A plan with one recorded session, kept by the store that promises answers. */
async function recorded(priority = 10): Promise<void> {
  const at = new Date(clock).toISOString();
  const referral = { id: 'R-1', partner: 'north', version: 1, correlationId: 'C-1' } as unknown as Referral;
  const kept = { ...referral, placer: { system: 'urn:p', value: 'N-1' }, bytes: new Uint8Array() };
  const session = { ...exampleSession, sessionId: 'S-1', planId };
  const told = answering(store, () => partner);
  await told.commit({
    referral: { record: kept, expect: 0 },
    plan: { record: record(), expect: 0 },
    session: { record: { session, planId, contentHash: 'h', recordedAt: at } },
    deliveries: [outcome('D-1', priority)],
    history: [],
    outbox: [],
  });
}

beforeEach(() => {
  clock = Date.parse('2026-11-26T09:00:00Z');
  store = fakeStore();
  partner = { id: 'north', answers: 'push-task', delivery: 'transaction' };
  asked = [];
  hear = takes;
  faults = [];
  ended = [];
});

describe('an outcome on its way', () => {
  it('goes with its answer in one transaction, and both are proved', async () => {
    await recorded();
    await deliver(world(), ['D-1', answerId(planId)]);
    expect(asked).toHaveLength(1);
    expect(sentEntries().map(({ resource }) => resource?.resourceType)).toEqual(['Procedure', 'Task']);
    expect(store.deliveries.get('D-1')).toMatchObject({ state: 'sent', proof: [{ type: 'Procedure', id: '17' }] });
    expect(store.deliveries.get(answerId(planId))).toMatchObject({
      state: 'sent',
      proof: [{ type: 'Task', id: '18' }],
    });
  });

  it('points the Task of its own transaction to its resources by urn:uuid', async () => {
    await recorded();
    await deliver(world(), ['D-1', answerId(planId)]);
    expect(JSON.stringify(sentEntries()[1])).toContain(String(outcomeBundle.entry?.[0]?.fullUrl));
  });

  it('raises the version of its plan, because the Task now tells more', async () => {
    await recorded();
    await deliver(world(), ['D-1', answerId(planId)]);
    expect(store.planRecords.get(planId)).toMatchObject({
      version: 2,
      outcomes: [{ kind: 'outcome', sessionId: 'S-1', resources: [{ type: 'Procedure', id: '17' }] }],
    });
  });

  it('takes the answer of its plan along unasked', async () => {
    await recorded();
    await deliver(world(), ['D-1']);
    expect(sentEntries().map(({ resource }) => resource?.resourceType)).toEqual(['Procedure', 'Task']);
    expect(store.deliveries.get(answerId(planId))?.state).toBe('sent');
  });

  it('carries the correlation id of the referral', async () => {
    await recorded();
    await deliver(world(), ['D-1']);
    expect(asked[0]?.correlationId).toBe('C-1');
  });

  it('goes without its answer where another worker has that in hand, and makes it pending again', async () => {
    await recorded();
    await store.lease([answerId(planId)], new Date(clock).toISOString(), 60);
    await deliver(world(), ['D-1']);
    expect(store.deliveries.get(answerId(planId))).toMatchObject({ state: 'pending', wantedVersion: 2 });
    expect(store.outbox.map(({ subject }) => subject)).toContain(answerId(planId));
  });

  it('that does not conform is never sent and waits with its issues', async () => {
    await recorded();
    faults = [{ severity: 'error', code: 'x', type: 'invariant', expression: 'Bundle.entry[0]', message: 'No.' }];
    await deliver(world(), ['D-1']);
    expect(asked).toEqual([]);
    expect(store.deliveries.get('D-1')).toMatchObject({ state: 'waiting', issues: faults });
  });

  it('that is sent is not sent again', async () => {
    await recorded();
    await deliver(world(), ['D-1', answerId(planId)]);
    await deliver(world(), ['D-1', answerId(planId)]);
    expect(asked).toHaveLength(1);
  });
});

describe('a hospital that does not take it', () => {
  it('is tried again when a repeat can help, not before its time', async () => {
    await recorded();
    hear = () => answered(503);
    await deliver(world(), ['D-1']);
    const dueAt = new Date(clock + 5_000).toISOString();
    expect(store.deliveries.get('D-1')).toMatchObject({ state: 'pending', attempts: 1, dueAt });
    expect(store.outbox.at(-2)).toMatchObject({ queue: 'delivery', subject: 'D-1', dueAt });
    // The Task was in the same call, so it waits as long and is not tried by itself.
    expect(store.outbox.at(-1)).toMatchObject({ queue: 'delivery', subject: answerId(planId), dueAt });
    clock += 4_999;
    await deliver(world(), ['D-1']);
    expect(asked).toHaveLength(1);
    clock += 1;
    await deliver(world(), ['D-1']);
    expect(asked).toHaveLength(2);
  });

  it('is given the time it asks for', async () => {
    await recorded();
    hear = () => answered(429, undefined, { 'retry-after': '3600' });
    await deliver(world(), ['D-1']);
    expect(store.deliveries.get('D-1')?.dueAt).toBe(new Date(clock + 3_600_000).toISOString());
  });

  it('makes it wait for a person when it refuses', async () => {
    await recorded();
    hear = (request) => (asked.length === 1 ? answered(422) : takes(request));
    await deliver(world(), ['D-1']);
    expect(store.deliveries.get('D-1')).toMatchObject({ state: 'waiting' });
    // What the outcome suffers from is no fault of the Task, which then goes by itself.
    expect(sentEntries(1).map(({ resource }) => resource?.resourceType)).toEqual(['Task']);
    expect(ended).toEqual(['waiting', 'sent']);
  });

  it('makes it wait for a person after the last try of the table', async () => {
    await recorded();
    hear = () => answered(503);
    for (let attempt = 0; attempt <= retryDelaysSeconds.length; attempt++) {
      await deliver(world(), ['D-1']);
      clock += 86_400_000;
    }
    expect(store.deliveries.get('D-1')?.state).toBe('waiting');
    expect(asked).toHaveLength(retryDelaysSeconds.length + 1);
  });

  it('holds a serious adverse event back for ten minutes at most', async () => {
    await recorded(0);
    hear = () => answered(503, undefined, {});
    for (let attempt = 1; attempt <= 6; attempt++) {
      await deliver(world(), ['D-1']);
      const due = Date.parse(store.deliveries.get('D-1')?.dueAt ?? '');
      expect(due - clock).toBeLessThanOrEqual(600_000);
      clock = due;
    }
  });
});

describe('an answer on its way', () => {
  it('goes alone when there is no outcome with it', async () => {
    await recorded();
    await deliver(world(), [answerId(planId)]);
    const [entry] = sentEntries();
    expect(entry?.request).toEqual({
      method: 'PUT',
      url: `Task?identifier=https://tactus.example/fhir/sid/plan|${planId}`,
    });
    expect(store.deliveries.get(answerId(planId))?.state).toBe('sent');
  });

  it('stays pending when the plan moved on while it was on its way', async () => {
    await recorded();
    const told = answering(store, () => partner);
    hear = (request) => {
      void told.commit({ plan: { record: { ...record(), version: 2 }, expect: 1 }, history: [], outbox: [] });
      return takes(request);
    };
    await deliver(world(), [answerId(planId)]);
    expect(store.deliveries.get(answerId(planId))).toMatchObject({ state: 'pending', wantedVersion: 2 });
  });

  it('is a message for a partner that speaks messages', async () => {
    partner = { ...partner, answers: 'message' };
    await recorded();
    hear = () => answered(200, { resourceType: 'Bundle', type: 'message' });
    await deliver(world(), [answerId(planId)]);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '$process-message', body: { type: 'message' } });
    expect(store.deliveries.get(answerId(planId))?.state).toBe('sent');
  });

  it('is tried again when the message meets a transient error, and waits when it is fatal', async () => {
    partner = { ...partner, answers: 'message' };
    await recorded();
    const response = (code: string) => ({
      resourceType: 'Bundle',
      type: 'message',
      entry: [{ resource: { resourceType: 'MessageHeader', response: { code } } }],
    });
    hear = () => answered(200, response('transient-error'));
    await deliver(world(), [answerId(planId)]);
    expect(store.deliveries.get(answerId(planId))?.state).toBe('pending');
    clock += 60_000;
    hear = () => answered(200, response('fatal-error'));
    await deliver(world(), [answerId(planId)]);
    expect(store.deliveries.get(answerId(planId))?.state).toBe('waiting');
  });

  it('is not made for a partner that reads its Tasks here', async () => {
    partner = { ...partner, answers: 'keep' };
    await recorded();
    expect(store.deliveries.get(answerId(planId))).toBeUndefined();
  });
});
