import { describe, expect, test } from 'vitest';
import { checkSession, checkTreatmentPlan } from '../../../src/core/plan/check.ts';
import type { Session } from '../../../src/core/plan/session.ts';
import { checkSessionAgainstPlan, reportsAtOnce } from '../../../src/core/plan/session-rules.ts';
import type { TreatmentPlan } from '../../../src/core/plan/treatment-plan.ts';
import { examplePlan, exampleSession, pain } from './examples.ts';

interface Case {
  readonly session?: Partial<Session>;
  readonly plan?: Partial<TreatmentPlan>;
  readonly without?: readonly (keyof Session | keyof TreatmentPlan)[];
}

const [treatment] = exampleSession.treatments;
if (treatment === undefined) throw new Error('The example session needs a treatment.');
const notDone: Case = {
  session: { status: 'not-done', statusReason: 'patient-no-show', treatments: [], measurements: [] },
  without: ['end', 'durationMin', 'preScreen'],
};
const event: Session['adverseEvents']['items'][number] = {
  code: 'dizziness',
  severity: 'mild',
  serious: false,
  onset: 'during',
  action: 'rest',
  resolved: true,
};
const deep = { ...treatment, pressure: 'deep' as const };

/** For each rule both sides of its border: what breaks it, and what just does not. */
const missedOne = { delivered: 5, notDone: 1 } as const;

const cases: readonly (readonly [string, Case, readonly string[]])[] = [
  ['as ordered', {}, []],
  ['of a patient who did not come', notDone, []],
  ['of another plan', { session: { planId: 'plan-2' } }, ['session-other-plan']],
  ['of a plan in progress', { plan: { status: 'in-progress' } }, []],
  ['of a held plan', { plan: { status: 'held' } }, ['session-plan-state']],
  ['of a completed plan', { plan: { status: 'completed' } }, ['session-plan-state']],
  ['that corrects one of a completed plan', { plan: { status: 'completed' }, session: { amends: 'session-0' } }, []],
  ['before the assessment', { without: ['assessment'] }, ['session-needs-assessment']],
  ['not done before the assessment', { ...notDone, without: [...(notDone.without ?? []), 'assessment'] }, []],
  ['before any goal', { plan: { goals: [] } }, ['session-needs-goal']],
  ['not done before any goal', { ...notDone, plan: { goals: [] } }, []],
  ['the sixth of six', { session: { seq: 6 } }, []],
  ['the seventh of six', { session: { seq: 7 } }, ['session-over-prescribed']],
  ['the seventh of six, as one was not done', { session: { seq: 7 }, plan: { progress: missedOne } }, []],
  [
    'the eighth of six, as one was not done',
    { session: { seq: 8 }, plan: { progress: missedOne } },
    ['session-over-prescribed'],
  ],
  ['the seventh of an unknown number', { session: { seq: 7 }, plan: { dosage: {} } }, []],
  ['on the last valid day', { session: { start: '2026-05-31T23:30:00+02:00', end: '2026-05-31T23:59:00+02:00' } }, []],
  [
    'one minute after the last valid day',
    { session: { start: '2026-06-01T00:00:00+02:00', end: '2026-06-01T00:25:00+02:00' } },
    ['session-after-validity'],
  ],
  ['in the last valid month', { plan: { validUntil: '2026-03' } }, []],
  ['in the month after', { plan: { validUntil: '2026-02' } }, ['session-after-validity']],
  [
    'without a limit of validity',
    { without: ['validUntil'], session: { start: '2029-01-01T09:00:00Z', end: '2029-01-01T09:30:00Z' } },
    [],
  ],
  ['on the first valid day', { plan: { validFrom: '2026-03-04' } }, []],
  ['before the first valid day', { plan: { validFrom: '2026-03-05' } }, ['session-before-validity']],
  ['that ends before it starts', { session: { end: '2026-03-04T08:59:00+01:00' } }, ['session-ends-before-start']],
  ['that ends in another zone but later', { session: { end: '2026-03-04T08:25:00Z' } }, []],
  ['completed without end', { without: ['end'] }, ['session-needs-end']],
  ['completed without treatment', { session: { treatments: [] } }, ['session-needs-treatment']],
  [
    'stopped before any treatment',
    { session: { status: 'stopped', statusReason: 'patient-declined', treatments: [] } },
    [],
  ],
  ['completed without minutes', { without: ['durationMin'] }, ['session-needs-duration']],
  ['completed without questions before', { without: ['preScreen'] }, ['session-needs-pre-screen']],
  ['completed without consent', { session: { consent: { given: false } } }, ['session-needs-consent']],
  ['not done without consent', { ...notDone, session: { ...notDone.session, consent: { given: false } } }, []],
  ['stopped without reason', { session: { status: 'stopped' } }, ['session-needs-reason']],
  ['stopped with reason', { session: { status: 'stopped', statusReason: 'other' } }, []],
  ['completed with a reason', { session: { statusReason: 'other' } }, ['session-reason-not-allowed']],
  [
    'treatments as long as the session',
    {
      session: {
        treatments: [
          { ...treatment, durationMin: 8 },
          { ...treatment, durationMin: 12 },
        ],
      },
    },
    [],
  ],
  [
    'treatments one minute longer than the session',
    {
      session: {
        treatments: [
          { ...treatment, durationMin: 8 },
          { ...treatment, durationMin: 13 },
        ],
      },
    },
    ['session-minutes-exceeded'],
  ],
  ['as long as the clock', { session: { durationMin: 25 } }, []],
  ['longer than the clock', { session: { durationMin: 26 } }, ['session-longer-than-clock']],
  [
    'deferred but done',
    {
      session: {
        preScreen: { askedAt: '2026-03-04T08:55:00Z', changedSinceLast: true, findings: [], decision: 'defer' },
      },
    },
    ['session-deferred-but-done'],
  ],
  [
    'deferred and not done',
    {
      session: {
        ...notDone.session,
        statusReason: 'contraindication-found',
        preScreen: { askedAt: '2026-03-04T08:55:00Z', changedSinceLast: true, findings: [], decision: 'defer' },
      },
      without: ['end', 'durationMin'],
    },
    [],
  ],
  [
    'not done with a treatment',
    { ...notDone, session: { ...notDone.session, treatments: [treatment] } },
    ['session-not-done-has-treatment'],
  ],
  ['without pain before', { session: { measurements: [pain('post', 4)] } }, ['session-needs-pain-pair']],
  ['without pain after', { session: { measurements: [pain('pre', 4)] } }, ['session-needs-pain-pair']],
  [
    'with pain before and after on different regions',
    { session: { measurements: [pain('pre', 4), { ...pain('post', 4), bodySite: 'neck' }] } },
    ['session-needs-pain-pair'],
  ],
  [
    'without pain scores where no indication is pain',
    {
      session: { measurements: [] },
      plan: { indications: [{ codings: [], text: 'x', concept: 'lymphedema', phase: 'unknown' }] },
    },
    [],
  ],
  [
    'stopped without pain after',
    { session: { status: 'stopped', statusReason: 'other', measurements: [pain('pre', 4)] } },
    [],
  ],
  [
    'deep although no-deep',
    { session: { treatments: [deep] }, plan: { modifications: [{ code: 'no-deep', origin: 'rule' }] } },
    ['session-deep-forbidden'],
  ],
  ['moderate where no-deep', { plan: { modifications: [{ code: 'no-deep', origin: 'rule' }] } }, []],
  [
    'deep tissue technique where no-deep',
    {
      session: { treatments: [{ ...treatment, technique: 'deep-tissue' }] },
      plan: { modifications: [{ code: 'no-deep', origin: 'rule' }] },
    },
    ['session-deep-forbidden'],
  ],
  [
    'deep elsewhere than no-deep',
    { session: { treatments: [deep] }, plan: { modifications: [{ code: 'no-deep', region: 'neck', origin: 'rule' }] } },
    [],
  ],
  [
    'deep right where no-deep',
    {
      session: { treatments: [deep] },
      plan: { modifications: [{ code: 'no-deep', region: 'lumbar', origin: 'rule' }] },
    },
    ['session-deep-forbidden'],
  ],
  [
    'on a region to avoid',
    { plan: { modifications: [{ code: 'avoid-region', region: 'lumbar', origin: 'rule' }] } },
    ['session-region-avoided'],
  ],
  [
    'beside a region to avoid',
    { plan: { modifications: [{ code: 'avoid-region', region: 'neck', origin: 'rule' }] } },
    [],
  ],
  [
    'as long as the plan allows',
    { plan: { modifications: [{ code: 'max-duration', minutes: 20, origin: 'rule' }] } },
    [],
  ],
  [
    'longer than the plan allows',
    { plan: { modifications: [{ code: 'max-duration', minutes: 19, origin: 'rule' }] } },
    ['session-too-long'],
  ],
  [
    'stopped for an adverse event that is not told',
    { session: { status: 'stopped', statusReason: 'adverse-event' } },
    ['session-needs-adverse-event'],
  ],
  [
    'stopped for an adverse event',
    {
      session: { status: 'stopped', statusReason: 'adverse-event', adverseEvents: { assessed: true, items: [event] } },
    },
    [],
  ],
];

function build({ session = {}, plan = {}, without = [] }: Case): { session: Session; plan: TreatmentPlan } {
  const gone = new Set<string>(without);
  const keep = <T extends object>(value: T) =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !gone.has(key))) as T;
  return { session: keep({ ...exampleSession, ...session }), plan: keep({ ...examplePlan, ...plan }) };
}

describe('a session and its plan', () => {
  test.each(cases)('%s', (_, change, codes) => {
    const { session, plan } = build(change);
    expect([...checkSession(session), ...checkTreatmentPlan(plan)]).toEqual([]);
    const issues = checkSessionAgainstPlan(session, plan);
    expect(issues.map((issue) => issue.code)).toEqual(codes);
    for (const issue of issues)
      expect(issue).toMatchObject({ severity: 'error', type: 'business-rule', message: expect.stringMatching(/\.$/) });
  });

  test('the issue names field, value and rule', () => {
    const { session, plan } = build({ session: { seq: 7 } });
    expect(checkSessionAgainstPlan(session, plan)).toEqual([
      {
        severity: 'error',
        code: 'session-over-prescribed',
        type: 'business-rule',
        expression: 'Session.seq',
        message: 'Session 7 of 6 prescribed; more than that needs a new prescription.',
      },
    ]);
  });
});

test.each([
  ['no adverse event', [], false],
  ['a mild one', [event], false],
  ['a moderate one', [{ ...event, severity: 'moderate' as const }], false],
  ['a severe one', [{ ...event, severity: 'severe' as const }], true],
  ['a serious one, however mild', [{ ...event, serious: true }], true],
])('the hospital hears at once of a session with %s: %3$s', (_, items, atOnce) => {
  expect(reportsAtOnce({ ...exampleSession, adverseEvents: { assessed: true, items } })).toBe(atOnce);
});
