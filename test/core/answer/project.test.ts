import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnchorState, answerEvents, legalMove, route } from '../../../src/core/answer/anchor.ts';
import { anchors as anchorIds } from '../../../src/core/answer/partner.ts';
import { project } from '../../../src/core/answer/project.ts';
import { next, type PlanEvent, planEvents } from '../../../src/core/plan/states.ts';
import { type PlanStatus, planStatuses } from '../../../src/core/plan/treatment-plan.ts';
import { anchor } from './answer-parts.ts';

const told = ({ status, number, business }: ReturnType<typeof project>) =>
  [status, number, business].filter(Boolean).join(' ');

describe('a plan is told', () => {
  test.each([
    ['received', 'none', 'received', 'received', 'received', 'received 2.0'],
    [
      'held',
      'awaiting-information',
      'received awaiting-information',
      'received awaiting-information',
      'received awaiting-information',
      'received 2.0 awaiting-information',
    ],
    [
      'held',
      'none',
      'on-hold awaiting-information',
      'received awaiting-information',
      'received awaiting-information',
      'received 2.0 awaiting-information',
    ],
    ['rejected', 'none', 'rejected', 'rejected', 'rejected', 'rejected 4.0'],
    [
      'rejected',
      'referred-onward',
      'rejected referred-onward',
      'rejected referred-onward',
      'rejected referred-onward',
      'rejected 4.0 referred-onward',
    ],
    [
      'accepted',
      'none',
      'accepted awaiting-scheduling',
      'accepted awaiting-scheduling',
      'accepted awaiting-scheduling',
      'accepted 3.0 awaiting-scheduling',
    ],
    [
      'accepted',
      'visit-scheduled',
      'accepted visit-scheduled',
      'accepted visit-scheduled',
      'accepted visit-scheduled',
      'in-progress 5.1.1 visit-scheduled',
    ],
    [
      'in-progress',
      'none',
      'in-progress session-completed',
      'in-progress session-completed',
      'in-progress session-completed',
      'in-progress 5.1.4 session-completed',
    ],
    [
      'in-progress',
      'visit-no-show',
      'in-progress visit-no-show',
      'in-progress visit-no-show',
      'in-progress visit-no-show',
      'in-progress 5.1.2 visit-no-show',
    ],
    [
      'in-progress',
      'cancellation-requested',
      'in-progress cancellation-requested',
      'in-progress cancellation-requested',
      'in-progress cancellation-requested',
      'in-progress 5.2 cancellation-requested',
    ],
    [
      'completed',
      'none',
      'completed outcome-final',
      'completed outcome-final',
      'completed outcome-final',
      'completed 7.0 outcome-final',
    ],
    [
      'stopped',
      'none',
      'failed course-partial',
      'failed course-partial',
      'failed course-partial',
      'rejected 4.0 course-partial',
    ],
    ['cancelled', 'none', 'cancelled', 'cancelled', 'cancelled', 'cancelled 6.0'],
    ['expired', 'none', 'failed', 'failed', 'failed', 'rejected 4.0'],
    [
      'invalid',
      'none',
      'on-hold awaiting-information',
      'received awaiting-information',
      'received awaiting-information',
      'received 2.0 awaiting-information',
    ],
  ] as const)('%s (%s): own %s, AU %s, NL %s, BSeR %s', (status, event, own, au, nl, bser) => {
    const all = (['own', 'au', 'nl', 'bser'] as const).map((id) => told(project(status, event, anchor(id))));
    expect(all).toEqual([own, au, nl, bser]);
  });

  test('differently where its standard has no other way from where the Task stands', () => {
    expect(told(project('cancelled', 'none', anchor('au'), { status: 'accepted' }))).toBe('cancelled');
    expect(told(project('cancelled', 'none', anchor('au'), { status: 'in-progress' }))).toBe('failed');
    expect(told(project('expired', 'none', anchor('au'), { status: 'received' }))).toBe('rejected');
    expect(told(project('expired', 'none', anchor('au'), { status: 'accepted' }))).toBe('cancelled');
    expect(told(project('rejected', 'none', anchor('nl'), { status: 'accepted' }))).toBe('failed');
    expect(told(project('rejected', 'none', anchor('own'), { status: 'accepted' }))).toBe('rejected');
  });
});

/** What a status says: still open, ended well, or ended otherwise. */
function meaning({ status }: AnchorState): 'open' | 'well' | 'otherwise' {
  if (status === 'completed') return 'well';
  return status === 'rejected' || status === 'failed' || status === 'cancelled' ? 'otherwise' : 'open';
}

const steps = fc.array(fc.tuple(fc.constantFrom(...planEvents), fc.constantFrom(...answerEvents), fc.boolean()), {
  maxLength: 14,
});

/** The plan's states after each event that can happen, beginning with `received`. */
function lives(events: readonly (readonly [PlanEvent, (typeof answerEvents)[number], boolean])[]) {
  let state: PlanStatus = 'received';
  return events.flatMap(([event, happened, isTold]) => {
    state = next(state, event) ?? state;
    return [{ state, happened, isTold }];
  });
}

test('no order of events leads to a state that two projections describe contradictorily', () => {
  fc.assert(
    fc.property(steps, (events) => {
      const stands = new Map<string, AnchorState>(anchorIds.map((id) => [id, project('received', 'none', anchor(id))]));
      for (const { state, happened, isTold } of lives(events)) {
        const now = anchorIds.map((id) => project(state, happened, anchor(id), stands.get(id)));
        expect(new Set(now.map(meaning)).size, `${state} ${happened}: ${now.map(told).join(', ')}`).toBe(1);
        // A hospital may miss an answer: its Task then stands where it stood.
        if (!isTold) continue;
        anchorIds.forEach((id, index) => {
          stands.set(id, now[index] ?? { status: 'received' });
        });
      }
    }),
    { numRuns: 3000, seed: 20261126 },
  );
});

test('from wherever a Task was told, what is told next can be reached by moves of its standard', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(...anchorIds), (events, id) => {
      let stands: AnchorState = project('received', 'none', anchor(id));
      for (const { state, happened, isTold } of lives(events)) {
        const now = project(state, happened, anchor(id), stands);
        const way = route(stands, now, anchor(id));
        expect(way, `${id}: ${told(stands)} > ${told(now)} for ${state} ${happened}`).toBeDefined();
        let here = stands;
        for (const step of way ?? []) {
          expect(legalMove(here, step, anchor(id))).toBe(true);
          here = step;
        }
        if (isTold) stands = now;
      }
    }),
    { numRuns: 3000, seed: 20261126 },
  );
});

test('every state and event has a projection for every anchor', () => {
  for (const state of planStatuses) {
    for (const event of answerEvents) {
      for (const id of anchorIds) expect(project(state, event, anchor(id)).status).toBeTruthy();
    }
  }
});
