import { beforeEach, describe, expect, test } from 'vitest';
import { assess } from '../../src/flows/clinic.ts';
import { recordSession } from '../../src/flows/record-session.ts';
import { examplePlan, exampleSession } from '../core/plan/examples.ts';
import { fakeStore } from './fake-store.ts';

let store: ReturnType<typeof fakeStore>;
beforeEach(async () => {
  store = fakeStore();
  const at = '2026-11-26T10:00:00.000Z';
  const record = {
    plan: examplePlan,
    referralId: 'r',
    partner: 'demo',
    version: 1,
    reasons: [],
    questions: [],
    createdAt: at,
    updatedAt: at,
  };
  await store.commit({ plan: { record, expect: 0 }, history: [], outbox: [] });
});

const now = () => '2026-11-26T11:00:00.000Z';
const drafting = {
  screen: () => {
    throw new Error('An assessment changes no finding, so nothing is screened.');
  },
  decide: () => {
    throw new Error('An assessment changes no decision.');
  },
};
const goals = [{ goalId: 'g9', text: 'walk' }];

describe('a plan that others change at the same time', () => {
  test('is read again and changed on top of their change', async () => {
    let others = 2;
    const contested = {
      ...store,
      commit: async (writes: Parameters<typeof store.commit>[0]) => {
        if (others-- > 0) {
          const record = await store.plan('plan-1');
          if (record)
            await store.commit({
              plan: { record: { ...record, version: record.version + 1 }, expect: record.version },
              history: [],
              outbox: [],
            });
        }
        return store.commit(writes);
      },
    };
    const changed = await assess({ store: contested, now, drafting }, 'plan-1', { goals }, 'practice', undefined);
    expect(changed).toMatchObject({ kind: 'done', isNew: true, value: { version: 4, plan: { goals } } });
  });

  test('all the time is left alone, and the caller is asked to come again', async () => {
    const contested = { ...store, commit: async () => ({ kind: 'conflict', which: 'plan' }) as const };
    const changed = await assess({ store: contested, now, drafting }, 'plan-1', { goals }, 'practice', undefined);
    expect(changed).toMatchObject({ kind: 'refused', status: 503, issues: [{ code: 'plan-busy', type: 'transient' }] });
    expect(store.planRecords.get('plan-1')?.version).toBe(1);
  });
});

test('A session writes plan, session, delivery, history and work in one commit', async () => {
  const commits: Parameters<typeof store.commit>[0][] = [];
  const watched = {
    ...store,
    commit: (writes: Parameters<typeof store.commit>[0]) => {
      commits.push(writes);
      return store.commit(writes);
    },
  };
  const world = { store: watched, now, newId: () => 'delivery-1', hash: (text: string) => String(text.length) };
  const done = await recordSession(world, 'plan-1', exampleSession, 'practice');
  expect(done).toMatchObject({ kind: 'done', isNew: true });
  expect(commits).toHaveLength(1);
  expect(commits[0]).toMatchObject({
    plan: { expect: 1, record: { version: 2, plan: { status: 'in-progress', progress: { delivered: 1 } } } },
    session: { record: { planId: 'plan-1', recordedAt: now() } },
    deliveries: [{ id: 'delivery-1', kind: 'outcome', state: 'pending', dueAt: now(), body: null }],
    history: [
      { about: 'session', id: 'session-1', event: 'recorded', by: 'practice' },
      { about: 'plan', id: 'plan-1', event: 'session-recorded', detail: { from: 'accepted', to: 'in-progress' } },
    ],
    outbox: [{ queue: 'delivery', subject: 'delivery-1', priority: 10 }],
  });
});

test('A session that another request wrote after this one was read is the same session, not one with its number', async () => {
  const world = { store, now, newId: () => 'delivery-1', hash: (text: string) => String(text.length) };
  let late = false;
  const contested = {
    ...store,
    course: async (planId: string, id: string) => {
      const found = await store.course(planId, id);
      if (!late) {
        late = true;
        await recordSession(world, 'plan-1', exampleSession, 'practice');
      }
      return found;
    },
  };
  const again = await recordSession({ ...world, store: contested }, 'plan-1', exampleSession, 'practice');
  expect(again).toMatchObject({ kind: 'done', isNew: false, value: { session: { sessionId: 'session-1' } } });
  expect(store.deliveries.size).toBe(1);
});
