import { describe, expect, test } from 'vitest';
import { isFinal, next, permitsSessions, planEvents, transitions } from '../../../src/core/plan/states.ts';
import { planStatuses } from '../../../src/core/plan/treatment-plan.ts';

/** All that may happen, written out: whatever is not here must be impossible. */
const allowed = `
received     hold       held
received     reject     rejected
received     accept     accepted
received     invalidate invalid
received     cancel     cancelled
received     expire     expired
invalid      hold       held
invalid      reject     rejected
invalid      accept     accepted
invalid      cancel     cancelled
invalid      expire     expired
held         hold       held
held         reject     rejected
held         accept     accepted
held         invalidate invalid
held         stop       stopped
held         cancel     cancelled
held         expire     expired
accepted     hold       held
accepted     reject     rejected
accepted     begin      in-progress
accepted     stop       stopped
accepted     cancel     cancelled
accepted     expire     expired
in-progress  complete   completed
in-progress  stop       stopped
in-progress  cancel     cancelled
in-progress  expire     expired`
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/).join(' '));

describe('the states of a plan', () => {
  test.each(planStatuses.flatMap((state) => planEvents.map((event) => [state, event] as const)))(
    '%s, then %s',
    (state, event) => {
      const row = allowed.find((line) => line.startsWith(`${state} ${event} `));
      expect(next(state, event)).toBe(row?.split(' ')[2]);
    },
  );

  test('are told as a table that says the same', () => {
    const rows = transitions().map(({ from, event, to }) => `${from} ${event} ${to}`);
    expect([...rows].sort()).toEqual([...allowed].sort());
  });

  test('from every state before completed a plan can be cancelled and can expire', () => {
    const open = planStatuses.filter((state) => !isFinal(state));
    expect(open).toEqual(['received', 'invalid', 'held', 'accepted', 'in-progress']);
    for (const state of open) expect([next(state, 'cancel'), next(state, 'expire')]).toEqual(['cancelled', 'expired']);
  });

  test('sessions are recorded while a plan is accepted or in progress, and in no other state', () => {
    expect(planStatuses.filter(permitsSessions)).toEqual(['accepted', 'in-progress']);
  });
});
