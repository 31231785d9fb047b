import { beforeEach, describe, expect, test } from 'vitest';
import type { Amended } from '../../src/flows/amend.ts';
import { briefTherapist } from '../../src/flows/brief-therapist.ts';
import { decideFinding } from '../../src/flows/clinic.ts';
import { demoOrder, demoWorld, withCondition } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
beforeEach(() => {
  world = demoWorld();
});

type Json = Record<string, unknown>;

const person = { resourceType: 'Patient', id: 'example-1' };
const illness = (code: string, clinicalStatus: 'active' | 'resolved', more: Json = {}) => {
  const [condition] = withCondition(code, clinicalStatus).contained as Json[];
  const { id: _, ...rest } = condition ?? {};
  return { ...rest, ...more };
};
const bundle = (...resources: readonly Json[]) => ({
  resourceType: 'Bundle',
  type: 'message',
  entry: [person, ...resources].map((resource) => ({ resource })),
});

/** As by a message with these beside the order. */
const amend = (changes: Json, ...beside: readonly Json[]): Promise<Amended> => {
  const context = bundle(...beside);
  const resource = demoOrder(changes);
  const bytes = new TextEncoder().encode(JSON.stringify([resource, context]));
  return world.amend(undefined, { resource, context, bytes });
};

const briefing = async (referralId: string) =>
  briefTherapist({ store: world.store, drafting: world.bindings }, await world.planOf(referralId));

describe('what a named person decided', () => {
  test('stays when the record is not repeated, and when it moves to another place it is decided anew', async () => {
    await amend({}, illness('I80.2', 'resolved'));
    const [referralId = ''] = world.store.referrals.keys();
    await world.plan(referralId);
    const { plan } = await world.planOf(referralId);
    expect(plan.status).toBe('held');
    for (const ruleId of new Set(plan.screening.findings.map((finding) => finding.ruleId))) {
      const decision = { ruleId, state: 'cleared' as const, by: 'Dr. Beispiel', reason: 'Healed two years ago.' };
      await decideFinding({ ...world.changing, now: () => world.clock.now }, plan.planId, decision, undefined);
    }
    expect((await world.planOf(referralId)).plan.status).toBe('accepted');
    await amend({ priority: 'urgent' });
    const later = await world.planOf(referralId);
    expect([later.plan.status, later.plan.priority]).toEqual(['accepted', 'urgent']);
    const { findings } = later.plan.screening;
    expect(new Set(findings.map(({ state }) => state))).toEqual(new Set(['cleared']));
    expect(new Set(findings.flatMap(({ evidence }) => evidence))).toEqual(
      new Set(['version 1: Bundle.entry[1].resource.code.coding[0]']),
    );
    await amend({ priority: 'asap' });
    expect((await world.planOf(referralId)).plan.status).toBe('accepted');
    await amend({ priority: 'asap' }, illness('M54.5', 'active'), illness('I80.2', 'resolved'));
    expect((await world.planOf(referralId)).plan.status).toBe('held');
  });
});

describe('after the first session', () => {
  let referralId: string;
  let planId: string;
  beforeEach(async () => {
    await amend({}, illness('M54.5', 'active'));
    [referralId = ''] = world.store.referrals.keys();
    await world.plan(referralId);
    ({ planId } = (await world.planOf(referralId)).plan);
    await world.session(planId);
    expect((await world.planOf(referralId)).plan.status).toBe('in-progress');
  });

  test('a contraindication that comes with the same order is found, and the clinic learns of it', async () => {
    world.store.outbox.splice(0);
    expect((await amend({}, illness('M54.5', 'active'), illness('I82.4', 'active'))).kind).toBe('amended');
    const { plan } = await world.planOf(referralId);
    expect(plan.status).toBe('in-progress');
    expect(plan.screening.findings).toMatchObject([
      { ruleId: 'deep-vein-thrombosis', disposition: 'reject', state: 'open' },
    ]);
    expect(world.events(planId)).toContain('contraindication-told');
    expect(world.store.past.find(({ event }) => event === 'contraindication-told')?.detail).toMatchObject({
      found: ['deep-vein-thrombosis: reject'],
    });
    expect(world.store.outbox).toContainEqual(expect.objectContaining({ queue: 'plans', subject: planId }));
    expect((await briefing(referralId)).findings).toMatchObject([{ ruleId: 'deep-vein-thrombosis', state: 'open' }]);
    const recorded = await world.session(planId, { seq: 2 });
    expect(recorded).toMatchObject({ kind: 'done', issues: [{ severity: 'warning', code: 'contraindication-open' }] });
  });

  test('it stays found when the order is put on hold and goes on without a word of it', async () => {
    await amend({}, illness('I82.4', 'active'));
    await amend({ status: 'on-hold' });
    const active = { ...demoOrder(), id: referralId };
    expect((await world.amend(active, { id: referralId, expected: [3] })).kind).toBe('amended');
    const { plan, reasons } = await world.planOf(referralId);
    expect([reasons, plan.screening.findings.map(({ ruleId }) => ruleId)]).toEqual([[], ['deep-vein-thrombosis']]);
    const [told] = (await briefing(referralId)).findings;
    expect(told?.sentence).toMatch(/\(Told with version 2 of the order, and not taken back since\.\)$/);
  });

  test('so it is when the order is sent alone with it; another treatment is still refused', async () => {
    const alone = { ...demoOrder(withCondition('I82.4', 'active')), id: referralId };
    const put = (resource: Json) => world.amend(resource, { id: referralId, expected: [1] });
    expect(await put({ ...alone, priority: 'urgent' })).toMatchObject({
      kind: 'refused',
      status: 409,
      issues: [{ code: 'amend-after-start', expression: 'ServiceRequest.priority' }],
    });
    expect((await put(alone)).kind).toBe('amended');
    const { plan } = await world.planOf(referralId);
    expect([plan.status, plan.screening.findings.map(({ ruleId }) => ruleId)]).toEqual([
      'in-progress',
      ['deep-vein-thrombosis'],
    ]);
  });

  test('records that change nothing for the plan are kept and told of as nothing new', async () => {
    await amend({}, illness('M54.5', 'active'), illness('M54.4', 'active'));
    expect(world.events(planId).at(-1)).toBe('records-told');
    expect((await world.store.referral(referralId))?.version).toBe(2);
  });
});

describe('a Bundle with the same order', () => {
  test('and the same records, sent with new names, is the same again', async () => {
    await amend({}, illness('M54.5', 'active', { id: 'a' }));
    expect((await amend({}, illness('M54.5', 'active', { id: 'b' }))).kind).toBe('unchanged');
  });

  test('whose bytes came before is an old message, whatever was withdrawn since', async () => {
    const told = illness('I80.2', 'resolved', { id: 'c' });
    await amend({}, told);
    await amend({}, illness('M54.5', 'active', { id: 'c' }));
    expect((await amend({}, told)).kind).toBe('unchanged');
    const [referralId = ''] = world.store.referrals.keys();
    await world.plan(referralId);
    expect((await world.planOf(referralId)).plan.screening.findings).toEqual([]);
  });
});

describe('records of an older version that comes late', () => {
  const version = (versionId: string) => ({ meta: { versionId, lastUpdated: `2026-11-2${versionId}T10:00:00Z` } });
  const state = async () => {
    const [referralId = ''] = world.store.referrals.keys();
    await world.plan(referralId);
    const { plan } = await world.planOf(referralId);
    return [plan.status, plan.priority, plan.screening.findings.flatMap(({ evidence }) => evidence)];
  };
  const late = () => amend({ ...version('2'), priority: 'urgent' }, illness('I82.4', 'active', { id: 'c' }));

  test('join the order, which stays as it is; again they change nothing', async () => {
    await amend(version('3'), illness('M54.5', 'active'));
    const sent = await late();
    expect(sent).toMatchObject({
      kind: 'amended',
      issues: [{ severity: 'information', code: 'record-of-other-version', expression: 'Bundle.entry[1].resource' }],
    });
    expect(await state()).toEqual(['rejected', 'routine', ['Bundle.entry[2].resource.code.coding[0]']]);
    expect((await late()).kind).toBe('older');
    expect((await world.store.referral([...world.store.referrals.keys()][0] ?? ''))?.resource).toEqual(
      demoOrder(version('3')),
    );
  });

  test('change nothing where they were withdrawn since', async () => {
    await amend(
      version('3'),
      illness('I82.4', 'active', { id: 'c', verificationStatus: { coding: [{ code: 'refuted' }] } }),
    );
    expect((await late()).kind).toBe('older');
    expect(await state()).toEqual(['accepted', 'routine', []]);
  });

  test('count whatever the order in which the versions come', async () => {
    await late();
    await amend(version('3'), illness('M54.5', 'active'));
    expect(await state()).toEqual(['rejected', 'routine', ['version 1: Bundle.entry[1].resource.code.coding[0]']]);
  });
});

test('after fifty different Bundles an order can only be withdrawn', async () => {
  for (let at = 0; at < 50; at++) {
    const sent = await amend({}, illness(`M54.${at}`, 'active', { recordedDate: `20${at + 10}-01-01` }));
    expect(sent.kind).toBe(at === 0 ? 'created' : 'amended');
  }
  const more = await amend({}, illness('I82.4', 'active'));
  expect(more).toMatchObject({ kind: 'refused', status: 422, issues: [{ code: 'too-many-versions' }] });
  expect((await amend({ status: 'revoked' }, illness('I82.4', 'active'))).kind).toBe('amended');
});
