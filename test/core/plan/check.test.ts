import { describe, expect, test } from 'vitest';
import { checkSession, checkTreatmentPlan, isSession, isTreatmentPlan } from '../../../src/core/plan/check.ts';
import { examplePlan, exampleSession } from './examples.ts';

type Change = (value: Record<string, unknown>) => void;

/** What is changed, and the paths that must then be named; none when the change is allowed. */
const planCases: readonly (readonly [string, Change, readonly string[]])[] = [
  ['nothing changed', () => {}, []],
  ['no plan id', (plan) => delete plan.planId, ['TreatmentPlan.planId']],
  ['an unknown element', (plan) => Object.assign(plan, { mood: 'good' }), ['TreatmentPlan.mood']],
  ['an unknown status', (plan) => Object.assign(plan, { status: 'lost' }), ['TreatmentPlan.status']],
  ['an empty dosage, as in a vague order', (plan) => Object.assign(plan, { dosage: {} }), []],
  ['60 sessions', (plan) => Object.assign(plan, { dosage: { sessions: 60 } }), []],
  ['61 sessions', (plan) => Object.assign(plan, { dosage: { sessions: 61 } }), ['TreatmentPlan.dosage.sessions']],
  ['0 sessions', (plan) => Object.assign(plan, { dosage: { sessions: 0 } }), ['TreatmentPlan.dosage.sessions']],
  ['1.5 sessions', (plan) => Object.assign(plan, { dosage: { sessions: 1.5 } }), ['TreatmentPlan.dosage.sessions']],
  ['5 minutes', (plan) => Object.assign(plan, { dosage: { durationMin: 5 } }), []],
  ['4 minutes', (plan) => Object.assign(plan, { dosage: { durationMin: 4 } }), ['TreatmentPlan.dosage.durationMin']],
  ['120 minutes', (plan) => Object.assign(plan, { dosage: { durationMin: 120 } }), []],
  [
    '121 minutes',
    (plan) => Object.assign(plan, { dosage: { durationMin: 121 } }),
    ['TreatmentPlan.dosage.durationMin'],
  ],
  ['14 times', (plan) => Object.assign(plan, { dosage: { frequency: { times: 14, period: 1, unit: 'd' } } }), []],
  [
    '15 times',
    (plan) => Object.assign(plan, { dosage: { frequency: { times: 15, period: 1, unit: 'd' } } }),
    ['TreatmentPlan.dosage.frequency.times'],
  ],
  [
    'a frequency by month',
    (plan) => Object.assign(plan, { dosage: { frequency: { times: 1, period: 1, unit: 'mo' } } }),
    ['TreatmentPlan.dosage.frequency.unit'],
  ],
  ['no indication, as in an order without a reason', (plan) => Object.assign(plan, { indications: [] }), []],
  [
    'an indication without code, text and reference',
    (plan) => Object.assign(plan, { indications: [{ codings: [], phase: 'unknown' }] }),
    ['TreatmentPlan.indications[0]'],
  ],
  [
    'a text-only indication',
    (plan) => Object.assign(plan, { indications: [{ codings: [], text: 'x', phase: 'unknown' }] }),
    [],
  ],
  ['no region, scope unknown', (plan) => Object.assign(plan, { scope: 'unknown', bodySites: [] }), []],
  [
    'a patient nobody can find',
    (plan) => Object.assign(plan, { patient: { identifiers: [] } }),
    ['TreatmentPlan.patient'],
  ],
  ['a patient by identifier', (plan) => Object.assign(plan, { patient: { identifiers: [{ value: '1' }] } }), []],
  [
    'a prescriber without a trace',
    (plan) => Object.assign(plan, { prescriber: { identifiers: [] } }),
    ['TreatmentPlan.prescriber'],
  ],
  [
    'a prescriber by name',
    (plan) => Object.assign(plan, { prescriber: { identifiers: [], name: 'Dr. Ada Example' } }),
    [],
  ],
  [
    'a service without code and text',
    (plan) => Object.assign(plan, { service: { codings: [], category: 'medical', technique: [] } }),
    ['TreatmentPlan.service'],
  ],
  ['a month 13', (plan) => Object.assign(plan, { validFrom: '2026-13-01' }), ['TreatmentPlan.validFrom']],
  ['validity by month', (plan) => Object.assign(plan, { validFrom: '2026-11' }), []],
  [
    'two faults at once',
    (plan) => Object.assign(plan, { status: 'lost', priority: 'soon' }),
    ['TreatmentPlan.status', 'TreatmentPlan.priority'],
  ],
];

describe('a plan', () => {
  test.each(planCases)('with %s', (_, change, paths) => {
    const plan = structuredClone<Record<string, unknown>>({ ...examplePlan });
    change(plan);
    const issues = checkTreatmentPlan(plan);
    expect(issues.map((issue) => issue.expression)).toEqual(paths);
    expect(issues.every((issue) => issue.severity === 'error' && issue.message.endsWith('.'))).toBe(true);
    expect(isTreatmentPlan(plan)).toBe(paths.length === 0);
  });

  test('that is no object at all', () => {
    expect(checkTreatmentPlan(null).map((issue) => issue.message)).toEqual([
      'TreatmentPlan is null; it must be of type object.',
    ]);
    expect(checkTreatmentPlan([]).map((issue) => issue.message)).toEqual([
      'TreatmentPlan is a list; it must be of type object.',
    ]);
  });
});

const sessionCases: readonly (readonly [string, Change, readonly string[]])[] = [
  ['nothing changed', () => {}, []],
  ['seq 0', (session) => Object.assign(session, { seq: 0 }), ['Session.seq']],
  ['180 minutes', (session) => Object.assign(session, { durationMin: 180 }), []],
  ['181 minutes', (session) => Object.assign(session, { durationMin: 181 }), ['Session.durationMin']],
  ['0 minutes', (session) => Object.assign(session, { durationMin: 0 }), ['Session.durationMin']],
  ['a start without offset', (session) => Object.assign(session, { start: '2026-03-04T09:00:00' }), ['Session.start']],
  [
    'adverse events not assessed',
    (session) => Object.assign(session, { adverseEvents: { assessed: false, items: [] } }),
    ['Session.adverseEvents.assessed'],
  ],
  ['no word on adverse events', (session) => delete session.adverseEvents, ['Session.adverseEvents']],
  ['no consent', (session) => delete session.consent, ['Session.consent']],
  ['an unknown reason', (session) => Object.assign(session, { statusReason: 'rain' }), ['Session.statusReason']],
  [
    'an unknown pressure',
    (session) =>
      Object.assign(session, {
        treatments: [{ technique: 'classic', bodySite: 'lumbar', pressure: 'brutal', medium: 'oil' }],
      }),
    ['Session.treatments[0].pressure'],
  ],
  ['an empty note', (session) => Object.assign(session, { note: '' }), ['Session.note']],
];

describe('a session', () => {
  test.each(sessionCases)('with %s', (_, change, paths) => {
    const session = structuredClone<Record<string, unknown>>({ ...exampleSession });
    change(session);
    expect(checkSession(session).map((issue) => issue.expression)).toEqual(paths);
    expect(isSession(session)).toBe(paths.length === 0);
  });

  test('is never quoted in an issue where it holds words', () => {
    const [issue] = checkSession({ ...exampleSession, status: 'Ada Example did not come' });
    expect(issue?.message).toBe('Session.status must be one of completed, stopped, not-done.');
  });
});
