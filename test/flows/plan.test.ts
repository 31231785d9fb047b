import { beforeEach, describe, expect, it } from 'vitest';
import type { PlanResult } from '../../src/core/plan/from-referral.ts';
import type { ScreeningResult } from '../../src/core/plan/screening.ts';
import { makePlans, type PlanDecision, type PlanWorld } from '../../src/flows/plan.ts';
import type { NewReferral } from '../../src/flows/records.ts';
import { examplePlan } from '../core/plan/examples.ts';
import { type FakeStore, fakeStore } from './fake-store.ts';

const clock = '2026-11-26T09:00:00.000Z';
let store: FakeStore;
let decision: PlanDecision;
let mapped: PlanResult;
let made: string[];
let failed: string[];

const screening: ScreeningResult = {
  completeness: 'partial',
  disposition: 'flag',
  findings: [],
  modifications: [{ code: 'no-deep', origin: 'rule', ruleId: 'anticoagulant' }],
  duties: [],
  qualifications: ['mld'],
  shown: [],
  missing: [],
  checkedAt: clock,
  ruleSetVersion: 'rules-1',
};

function world(): PlanWorld {
  let ids = 0;
  return {
    store,
    newId: () => `P-${++ids}`,
    now: () => clock,
    makePlan: (_, planId) => (mapped.ok ? { ...mapped, plan: { ...mapped.plan, planId } } : mapped),
    screen: () => screening,
    decide: () => decision,
    made: ({ plan }) => void made.push(plan.status),
    failed: ({ id }) => void failed.push(id),
  };
}

async function received(id: string): Promise<void> {
  const record: NewReferral = {
    id,
    partner: 'north',
    placer: { system: 'urn:p', value: id },
    version: 1,
    resource: { resourceType: 'ServiceRequest' },
    context: null,
    bytes: new Uint8Array(),
    bytesHash: 'h',
    contentHash: 'c',
    receivedAt: clock,
    updatedAt: clock,
    correlationId: null,
  };
  await store.commit({ referral: { record, expect: 0 }, history: [], outbox: [] });
}

beforeEach(async () => {
  store = fakeStore();
  decision = { state: 'accepted', reasons: [], questions: [] };
  mapped = { ok: true, plan: { ...examplePlan, status: 'received' }, reports: [] };
  made = [];
  failed = [];
  await received('R-1');
});

describe('a referral becomes a plan', () => {
  it('with the state that was decided, and a place in the feed of the clinic', async () => {
    await makePlans(world(), ['R-1']);
    const [record] = [...store.planRecords.values()];
    expect(record).toMatchObject({ referralId: 'R-1', version: 1, plan: { planId: 'P-1', status: 'accepted' } });
    expect(store.outbox).toEqual([{ queue: 'plans', subject: 'P-1', dueAt: clock, priority: 10 }]);
    expect(made).toEqual(['accepted']);
  });

  it('with what the screening asks of the therapist', async () => {
    await makePlans(world(), ['R-1']);
    const [record] = [...store.planRecords.values()];
    expect(record?.plan.modifications).toEqual(screening.modifications);
    expect(record?.plan.performerRequirement.qualifications).toContain('mld');
    expect(record?.plan.screening.completeness).toBe('partial');
  });

  it('with the questions and reasons of a hold', async () => {
    decision = { state: 'held', reasons: ['missing-session-count'], questions: [{ code: 'session-count' }] };
    await makePlans(world(), ['R-1']);
    const [record] = [...store.planRecords.values()];
    expect(record).toMatchObject({ plan: { status: 'held' }, reasons: ['missing-session-count'], questions: [{}] });
  });

  it('once, however often the pack comes', async () => {
    await makePlans(world(), ['R-1']);
    await makePlans(world(), ['R-1', 'R-1']);
    expect(store.planRecords.size).toBe(1);
  });

  it('and tells in its history which mapping and which rules made it', async () => {
    await makePlans(world(), ['R-1']);
    expect(store.past.at(-1)).toMatchObject({
      about: 'plan',
      event: 'accepted',
      detail: { mappingVersion: examplePlan.mappingVersion, referral: 'R-1' },
    });
  });
});

describe('a referral of which no plan can be made', () => {
  beforeEach(() => {
    const issue = {
      severity: 'error',
      code: 'mapping-check-failed',
      type: 'processing',
      expression: 'x',
      message: 'No.',
    };
    mapped = { ok: false, issues: [issue as never] };
  });

  it('stays received and is tried again in an hour', async () => {
    await makePlans(world(), ['R-1']);
    expect(store.planRecords.size).toBe(0);
    expect(store.outbox).toEqual([
      { queue: 'intake', subject: 'R-1', dueAt: '2026-11-26T10:00:00.000Z', priority: 10 },
    ]);
    expect(failed).toEqual(['R-1']);
  });

  it('has a history that says why, in codes', async () => {
    await makePlans(world(), ['R-1']);
    expect(store.past.at(-1)).toMatchObject({ event: 'plan-failed', detail: { codes: ['mapping-check-failed'] } });
  });

  it('does not keep others of its pack from their plans', async () => {
    await received('R-2');
    const both = world();
    const good: PlanResult = { ok: true, plan: { ...examplePlan, status: 'received' }, reports: [] };
    await makePlans({ ...both, makePlan: ({ id }) => (id === 'R-2' ? good : mapped) }, ['R-1', 'R-2']);
    expect(made).toEqual(['accepted']);
  });
});
