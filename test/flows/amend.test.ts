import { beforeEach, describe, expect, test } from 'vitest';
import type { Amended } from '../../src/flows/amend.ts';
import { decideFinding } from '../../src/flows/clinic.ts';
import { makePlans } from '../../src/flows/plan.ts';
import type { PlanRecord } from '../../src/flows/records.ts';
import { demoOrder, demoWorld, missed, withCondition } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
beforeEach(() => {
  world = demoWorld();
});

const codes = (amended: Amended) => (amended.kind === 'refused' ? amended.issues.map(({ code }) => code) : []);
const kindOf = (amended: Amended) => (amended.kind === 'refused' ? `${amended.kind} ${amended.status}` : amended.kind);
const eight = { occurrenceTiming: { repeat: { count: 8, frequency: 2, period: 1, periodUnit: 'wk' } } };
describe('before the first session', () => {
  test('an amended order is planned anew; its plan keeps its id and its history tells where the two differ', async () => {
    const { plan, referralId } = await world.order(demoOrder());
    const amended = await world.amend(demoOrder({ ...eight, priority: 'urgent' }));
    expect(kindOf(amended)).toBe('amended');
    const now = await world.planOf(referralId);
    expect([now.plan.planId, now.plan.dosage.sessions, now.plan.priority, now.version]).toEqual([
      plan.planId,
      8,
      'urgent',
      2,
    ]);
    expect((await world.store.referral(referralId))?.version).toBe(2);
    expect((await world.store.referralVersion(referralId, 1))?.resource).toEqual(demoOrder());
    const entry = world.store.past.find(({ event, about }) => event === 'amended' && about === 'plan');
    expect(entry).toMatchObject({
      by: 'demo-hospital',
      detail: {
        referralVersion: 2,
        paths: ['ServiceRequest.occurrenceTiming.repeat.count', 'ServiceRequest.priority'],
        planPaths: ['TreatmentPlan.dosage.sessions', 'TreatmentPlan.priority'],
        from: 'accepted',
        to: 'accepted',
      },
    });
    expect(world.store.outbox).toContainEqual(expect.objectContaining({ queue: 'plans', subject: plan.planId }));
  });

  test('the hospital is told: the plan and its answer are written with the amendment', async () => {
    const { plan } = await world.order(demoOrder());
    await world.amend(demoOrder(eight));
    expect(world.store.deliveries.get(`${plan.planId}-answer`)).toMatchObject({ state: 'pending', wantedVersion: 2 });
  });

  test('an amendment that brings a contraindication rejects, and one that opens a question holds', async () => {
    const first = await world.order(demoOrder());
    await world.amend(demoOrder(withCondition('I80.2', 'active')));
    expect((await world.planOf(first.referralId)).plan.status).toBe('rejected');
    const second = await world.order(demoOrder({}, 'R-2'));
    await world.amend(
      demoOrder({ occurrenceTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk' } } }, 'R-2'),
    );
    const held = await world.planOf(second.referralId);
    expect([held.plan.status, held.reasons]).toEqual(['held', ['missing-session-count']]);
  });

  test('an amendment that answers the question accepts', async () => {
    const order = { occurrenceTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk' } } };
    const { referralId, plan } = await world.order(demoOrder(order));
    expect(plan.status).toBe('held');
    await world.amend(demoOrder());
    const now = await world.planOf(referralId);
    expect([now.plan.status, now.questions, now.reasons]).toEqual(['accepted', [], []]);
  });

  test('what a named person cleared stays cleared', async () => {
    const thrombosis = withCondition('I80.2', 'resolved');
    const held = await world.order(demoOrder(thrombosis));
    expect(held.plan.status).toBe('held');
    const [finding] = held.plan.screening.findings;
    if (finding === undefined) throw new Error('There is no finding.');
    await decideFinding(
      { store: world.changing.store, now: () => world.clock.now, drafting: world.changing.drafting },
      held.plan.planId,
      { ruleId: finding.ruleId, state: 'cleared', by: 'Dr. Beispiel', reason: 'Healed two years ago.' },
      undefined,
    );
    await world.amend(demoOrder({ ...thrombosis, ...eight }));
    const now = await world.planOf(held.referralId);
    expect([now.plan.status, now.plan.dosage.sessions]).toEqual(['accepted', 8]);
    expect(now.plan.screening.findings.find(({ ruleId }) => ruleId === finding.ruleId)).toMatchObject({
      state: 'cleared',
      by: 'Dr. Beispiel',
    });
  });

  test('the assessment and the goals of the clinic stay', async () => {
    const { plan, referralId } = await world.order(demoOrder());
    await world.session(plan.planId, missed);
    const before = await world.planOf(referralId);
    expect(before.plan.progress.notDone).toBe(1);
    await world.amend(demoOrder(eight));
    const { plan: now } = await world.planOf(referralId);
    expect([now.assessment, now.goals, now.progress]).toEqual([
      before.plan.assessment,
      before.plan.goals,
      before.plan.progress,
    ]);
  });

  test.each([
    ['revoked', 'cancelled', ['order-revoked']],
    ['entered-in-error', 'cancelled', ['order-entered-in-error']],
    ['on-hold', 'held', ['order-on-hold']],
  ])('an order that is %s makes the plan %s', async (status, state, reasons) => {
    const { referralId } = await world.order(demoOrder());
    await world.amend(demoOrder({ status }));
    const now = await world.planOf(referralId);
    expect([now.plan.status, now.reasons, now.questions]).toEqual([state, reasons, []]);
    expect((await world.task(referralId)).status).toBe(state === 'held' ? 'on-hold' : 'cancelled');
  });

  test('an order that is active again goes on as it was decided', async () => {
    const { referralId } = await world.order(demoOrder());
    await world.amend(demoOrder({ status: 'on-hold' }));
    await world.amend(demoOrder({ status: 'active', priority: 'urgent' }));
    const now = await world.planOf(referralId);
    expect([now.plan.status, now.reasons, now.plan.priority]).toEqual(['accepted', [], 'urgent']);
  });

  test('a new order that is on hold or withdrawn is that from the beginning', async () => {
    for (const [number, status, state] of [
      ['R-7', 'on-hold', 'held'],
      ['R-8', 'revoked', 'cancelled'],
    ] as const) {
      const amended = await world.amend(demoOrder({ status }, number));
      if (amended.kind !== 'created') throw new Error(kindOf(amended));
      await world.plan(amended.referral.id);
      expect((await world.planOf(amended.referral.id)).plan.status).toBe(state);
    }
  });
});

describe('after the first session', () => {
  let begun: PlanRecord;
  beforeEach(async () => {
    const { plan, referralId } = await world.order(demoOrder());
    await world.session(plan.planId);
    begun = await world.planOf(referralId);
    expect(begun.plan.status).toBe('in-progress');
  });

  const active = (version: number) =>
    world.amend({ ...demoOrder(), id: begun.referralId }, { id: begun.referralId, expected: [version] });

  test('another content is refused, and the refusal names a new order with replaces', async () => {
    const amended = await world.amend(demoOrder(eight));
    expect([kindOf(amended), codes(amended)]).toEqual(['refused 409', ['amend-after-start']]);
    expect(amended.kind === 'refused' && amended.issues[0]?.message).toContain('ServiceRequest.replaces');
    expect((await world.store.referral(begun.referralId))?.version).toBe(1);
  });

  test('a withdrawal becomes a request to cancel, which waits for the clinic; the Task says so', async () => {
    await world.amend(demoOrder({ status: 'revoked' }));
    const now = await world.planOf(begun.referralId);
    expect([now.plan.status, now.cancellations?.map(({ state }) => state)]).toEqual(['in-progress', ['requested']]);
    const task = await world.task(begun.referralId);
    expect([task.status, task.businessStatus?.coding?.[0]?.code]).toEqual(['in-progress', 'cancellation-requested']);
    expect((await world.store.referral(begun.referralId))?.resource.status).toBe('revoked');
  });

  test('an order on hold and active again holds and releases the Task, and what began stays begun', async () => {
    await world.amend(demoOrder({ status: 'on-hold' }));
    expect((await world.planOf(begun.referralId)).plan.status).toBe('in-progress');
    const task = await world.task(begun.referralId);
    expect([task.status, task.statusReason?.text]).toEqual(['on-hold', 'The prescriber put the order on hold.']);
    expect(world.catalog.validator.validate(task).filter(({ severity }) => severity === 'error')).toEqual([]);
    const recorded = await world.session(begun.plan.planId, { seq: 2 });
    expect(recorded).toMatchObject({
      kind: 'done',
      isNew: true,
      issues: [{ code: 'order-on-hold', severity: 'warning' }],
    });
    await active(2);
    expect((await world.task(begun.referralId)).status).toBe('in-progress');
  });

  test('an order that is active again takes its wish to cancel back', async () => {
    await world.amend(demoOrder({ status: 'revoked' }));
    await active(2);
    const now = await world.planOf(begun.referralId);
    expect(now.cancellations?.map(({ state }) => state)).toEqual(['withdrawn']);
    expect((await world.task(begun.referralId)).businessStatus?.coding?.[0]?.code).toBe('session-completed');
  });
});

describe('after the end', () => {
  test('an order is changed no more, but may be withdrawn', async () => {
    const { referralId } = await world.order(demoOrder());
    await world.amend(demoOrder({ status: 'revoked' }));
    expect(codes(await world.amend(demoOrder(eight)))).toEqual(['plan-ended']);
    expect(codes(await world.amend(demoOrder({ status: 'active', priority: 'stat' })))).toEqual(['plan-ended']);
    expect(kindOf(await world.amend(demoOrder({ status: 'entered-in-error' })))).toBe('amended');
    expect((await world.planOf(referralId)).plan.status).toBe('cancelled');
  });
});

describe('which version is the newer one', () => {
  const meta = (versionId: string, minute = Number(versionId)) => ({
    meta: { versionId, lastUpdated: `2026-11-30T10:${String(minute).padStart(2, '0')}:00Z` },
  });

  test('what the hospital wrote earlier never wins, by whatever way it comes', async () => {
    const { referralId } = await world.order(demoOrder({ ...eight, ...meta('5') }));
    expect(kindOf(await world.amend(demoOrder({ priority: 'stat', ...meta('4') })))).toBe('older');
    expect(kindOf(await world.amend(demoOrder({ priority: 'stat', ...meta('6') })))).toBe('amended');
    expect((await world.receive(demoOrder({ note: [{ text: 'x' }], ...meta('5') }))).kind).toBe('existing');
    expect((await world.store.referral(referralId))?.version).toBe(2);
  });

  test('a version that changes nothing still counts: one between is older', async () => {
    await world.order(demoOrder(meta('1')));
    expect(kindOf(await world.amend(demoOrder(meta('3'))))).toBe('amended');
    expect(kindOf(await world.amend(demoOrder({ ...eight, ...meta('2') })))).toBe('older');
  });

  test('lastUpdated decides where version ids have no order, and one second earlier is older', async () => {
    const at = (id: string, lastUpdated: string) => ({ meta: { versionId: id, lastUpdated } });
    await world.order(demoOrder(at('b', '2026-11-30T10:00:01Z')));
    expect(kindOf(await world.amend(demoOrder({ ...eight, ...at('a', '2026-11-30T10:00:00Z') })))).toBe('older');
    expect(kindOf(await world.amend(demoOrder({ ...eight, ...at('a', '2026-11-30T10:00:02Z') })))).toBe('amended');
  });

  test('without any word of the hospital, a content of before is an old message, unless If-Match says otherwise', async () => {
    const { referralId } = await world.order(demoOrder());
    await world.amend(demoOrder(eight));
    expect(kindOf(await world.amend(demoOrder()))).toBe('older');
    const back = await world.amend({ ...demoOrder(), id: referralId }, { id: referralId, expected: [2] });
    expect(kindOf(back)).toBe('amended');
  });

  test('the same again is unchanged', async () => {
    const { referralId } = await world.order(demoOrder());
    expect(kindOf(await world.amend(demoOrder()))).toBe('unchanged');
    expect((await world.store.referral(referralId))?.version).toBe(1);
  });
});

describe('what is no change of this order', () => {
  test('another patient or another number is refused', async () => {
    const { referralId: id } = await world.order(demoOrder());
    const to = (changes: Record<string, unknown>) =>
      world.amend({ ...demoOrder(changes), id }, { id, expected: [1] }).then(codes);
    expect(await to({ subject: { reference: 'Patient/other' } })).toEqual(['subject-differs']);
    expect(await to({ subject: { reference: 'http://127.0.0.1:8090/fhir/Patient/example-1' } })).toEqual([]);
    const { referralId: second } = await world.order(demoOrder({}, 'R-2'));
    const amended = await world.amend({ ...demoOrder(), id: second }, { id: second, expected: [1] });
    expect(codes(amended)).toEqual(['placer-differs']);
  });

  test('the id of the body must be that of the address', async () => {
    const { referralId: id } = await world.order(demoOrder());
    expect(codes(await world.amend(demoOrder(eight), { id, expected: [1] }))).toEqual(['id-differs']);
    expect(codes(await world.amend({ ...demoOrder(eight), id: 'else' }, { id, expected: [1] }))).toEqual([
      'id-differs',
    ]);
  });

  test('an order of another hospital is not there', async () => {
    const { referralId: id } = await world.order(demoOrder());
    const sender = { ...world.sender, id: 'another' };
    expect(kindOf(await world.amend({ ...demoOrder(), id }, { id, expected: [1], sender }))).toBe('unknown');
  });

  test('a stale If-Match is 412 and says which version is there', async () => {
    const { referralId: id } = await world.order(demoOrder());
    await world.amend(demoOrder(eight));
    const amended = await world.amend({ ...demoOrder({ priority: 'stat' }), id }, { id, expected: [1] });
    expect([kindOf(amended), codes(amended)]).toEqual(['refused 412', ['version-stale']]);
  });

  test.each(['draft', 'completed', 'unknown'])('status %s is none that a placer can wish', async (status) => {
    await world.order(demoOrder());
    expect(codes(await world.amend(demoOrder({ status })))).toEqual(['order-status']);
  });

  test('an active change is held to the profile like a new order', async () => {
    await world.order(demoOrder());
    const { subject: _, ...order } = demoOrder();
    expect(kindOf(await world.amend(order))).toBe('refused 400');
    expect(kindOf(await world.amend(demoOrder({ doNotPerform: true })))).toBe('refused 422');
  });

  test('what was read here and sent back keeps the id that the hospital gave it', async () => {
    const { referralId: id } = await world.order(demoOrder({ id: 'theirs', meta: { versionId: '7' } }));
    const kept = await world.store.referral(id);
    const body = { ...demoOrder(eight), id, meta: { versionId: '1', lastUpdated: kept?.updatedAt } };
    expect(kindOf(await world.amend(body, { id, expected: [1] }))).toBe('amended');
    const now = await world.store.referral(id);
    expect([now?.resource.id, now?.resource.meta]).toEqual(['theirs', undefined]);
    expect((await world.planOf(id)).plan.source.resourceId).toBe('theirs');
  });
});

describe('a change that comes before the plan was made', () => {
  test('is what the plan is made of', async () => {
    const received = await world.receive(demoOrder());
    if (!('referral' in received)) throw new Error('The order was not received.');
    expect(kindOf(await world.amend(demoOrder(eight)))).toBe('amended');
    await world.plan(received.referral.id);
    const { plan, referralVersion } = await world.planOf(received.referral.id);
    expect([plan.dosage.sessions, referralVersion]).toEqual([8, 2]);
  });

  test('wins too when a worker had read the order before, in both orders of writing', async () => {
    for (const [number, late] of [
      ['R-1', true],
      ['R-2', false],
    ] as const) {
      const received = await world.receive(demoOrder({}, number));
      if (!('referral' in received)) throw new Error('The order was not received.');
      const { id } = received.referral;
      const slow = {
        ...world.bindings,
        // This worker has read version 1 and comes to write when the change is there, or just before.
        store: { ...world.changing.store, referral: async () => received.referral },
        newId: world.changing.newId,
        now: () => world.clock.now,
        made: () => {},
        failed: () => {},
      };
      if (!late) await makePlans(slow, [id]);
      await world.amend(demoOrder({ ...eight, status: 'on-hold' }, number));
      if (late) await makePlans(slow, [id]);
      await world.plan(id);
      const { plan, referralVersion } = await world.planOf(id);
      expect([plan.dosage.sessions, plan.status, referralVersion]).toEqual([8, 'held', 2]);
    }
  });

  test('wins when the worker that knows it finds the plan of one that did not', async () => {
    const received = await world.receive(demoOrder());
    if (!('referral' in received)) throw new Error('The order was not received.');
    const { id } = received.referral;
    const { store, newId } = world.changing;
    const worker = { ...world.bindings, newId, now: () => world.clock.now, made: () => {}, failed: () => {} };
    const slow = { ...worker, store: { ...store, referral: async () => received.referral } };
    await world.amend(demoOrder(eight));
    let commits = 0;
    const commit: typeof store.commit = async (writes) => {
      // Between reading that there is no plan and writing one, the slow worker writes its own.
      if (++commits === 1) await makePlans(slow, [id]);
      return store.commit(writes);
    };
    await makePlans({ ...worker, store: { ...store, commit } }, [id]);
    const { plan, referralVersion } = await world.planOf(id);
    expect([plan.dosage.sessions, referralVersion, world.store.planRecords.size]).toEqual([8, 2, 1]);
  });
});
