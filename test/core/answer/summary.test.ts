import { describe, expect, test } from 'vitest';
import { achievementOf } from '../../../src/core/answer/goals.ts';
import { seriesOf } from '../../../src/core/answer/series.ts';
import { type SummaryRequest, summaryBundle, summaryFor } from '../../../src/core/answer/summary.ts';
import { isFault } from '../../../src/core/fhir/issue.ts';
import type { Measure } from '../../../src/core/plan/measure.ts';
import type { Measurement, Session } from '../../../src/core/plan/session.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { mappingsFolder, readDataFiles } from '../../../src/io/rules/read-rules.ts';
import { answer, now, partner, plan } from './answer-parts.ts';

const measures = new Map(
  readDataFiles(`${mappingsFolder}/measures`).map(({ content }) => [(content as Measure).id, content as Measure]),
);

function pain(day: number, value: number, phase: Measurement['phase'] = 'pre'): Measurement {
  return {
    measure: 'pain-nrs',
    phase,
    value,
    unit: '{score}',
    bodySite: 'lumbar',
    at: `2026-12-0${day}T09:00:00Z`,
    reportedBy: 'patient',
  };
}

function session(day: number, measurements: readonly Measurement[], more: Partial<Session> = {}): Session {
  return {
    sessionId: `s-${day}`,
    planId: 'plan-1',
    seq: day,
    status: 'completed',
    start: `2026-12-0${day}T09:00:00Z`,
    end: `2026-12-0${day}T09:30:00Z`,
    durationMin: 20,
    performer: { reference: 'therapist-4', name: 'Grete Beispiel', kind: 'physiotherapist', qualifications: [] },
    consent: { given: true },
    treatments: [],
    modificationsApplied: [],
    measurements: [...measurements],
    adverseEvents: { assessed: true, items: [] },
    recordedBy: 'clinic',
    recordedAt: `2026-12-0${day}T10:00:00Z`,
    ...more,
  };
}

const goal = {
  goalId: 'g1',
  measure: 'pain-nrs',
  text: 'Less pain in the lower back',
  bodySite: 'lumbar',
  target: { value: 3, unit: '{score}' },
};
const course = [
  session(1, [pain(1, 7), pain(1, 4, 'post')]),
  session(2, [pain(2, 6), pain(2, 1, 'post')]),
  session(3, [], { status: 'not-done', statusReason: 'patient-no-show' }),
  session(4, [pain(4, 3)]),
];
const request: SummaryRequest = {
  plan: { ...plan, status: 'completed', dosage: { sessions: 3 }, goals: [goal] },
  sessions: course,
  measures,
  referral: answer.referral,
  partner,
  observations: ['Observation/1', 'Observation/2'],
  now,
};
const summary = (more: Partial<SummaryRequest> = {}) => {
  const result = summaryFor({ ...request, ...more });
  if (!result.ok) throw new Error(result.issues[0]?.message);
  return result.summary;
};

describe('the summary of a course', () => {
  test('tells sessions delivered, missed and prescribed, its period and its therapists', () => {
    const { report } = summary();
    expect(
      report.extension?.map(({ url, valuePositiveInt, valueUnsignedInt }) => [
        url.split('/').at(-1),
        valuePositiveInt ?? valueUnsignedInt,
      ]),
    ).toEqual([
      ['sessions-prescribed', 3],
      ['sessions-delivered', 3],
      ['sessions-not-done', 1],
    ]);
    expect(report.effectivePeriod).toEqual({ start: '2026-12-01T09:00:00Z', end: '2026-12-04T09:30:00Z' });
    expect(report.performer).toEqual([
      {
        type: 'PractitionerRole',
        identifier: { system: 'https://tactus.example/fhir/sid/therapist', value: 'therapist-4' },
        display: 'Grete Beispiel',
      },
    ]);
    expect(report.status).toBe('final');
    expect(report.basedOn?.[0]?.reference).toBe('ServiceRequest/order-1');
    expect(report.result).toEqual([{ reference: 'Observation/1' }, { reference: 'Observation/2' }]);
  });

  test('says the values and their course, and no more', () => {
    expect(summary().report.conclusion).toBe(
      'Sessions delivered: 3 of 3 prescribed. Appointments that came to nothing: 1. Pain intensity, 0 none to 10 worst (lumbar): 7 at first, 3 at last, 3 values, unit {score}.',
    );
  });

  test('is partial and has no end while the course goes on', () => {
    const { report, goals } = summary({ plan: { ...request.plan, status: 'in-progress' } });
    expect([report.status, report.effectivePeriod?.end, goals[0]?.lifecycleStatus]).toEqual([
      'partial',
      undefined,
      'active',
    ]);
  });

  test('says that a course ended early', () => {
    expect(summary({ plan: { ...request.plan, status: 'stopped' } }).report.conclusion).toContain(
      'The course ended before all sessions.',
    );
  });

  test('counts a session once that a later record amends', () => {
    const amended = [...course, session(5, [pain(5, 2)], { seq: 4, amends: 's-4' })];
    expect(summary({ sessions: amended }).report.extension?.[1]?.valueUnsignedInt).toBe(3);
    expect(summary({ sessions: amended }).report.conclusion).toContain('7 at first, 2 at last');
  });

  test('does not exist without a session', () => {
    const result = summaryFor({ ...request, sessions: course.slice(2, 3) });
    expect(result.ok ? [] : result.issues.map(({ code }) => code)).toEqual(['summary-empty']);
  });

  test('tells each goal that can be measured, with its achievement', () => {
    expect(
      summary().goals.map(({ achievementStatus, target, identifier }) => [
        achievementStatus?.coding?.[0]?.code,
        target?.[0]?.detailQuantity?.value,
        identifier?.[0]?.value,
      ]),
    ).toEqual([['achieved', 3, 'plan-1-g1']]);
    expect(summary({ plan: { ...request.plan, goals: [{ goalId: 'g2', text: 'Feel better' }] } }).goals).toEqual([]);
  });

  test('conforms to its profiles, in every state', () => {
    const validator = createValidator(loadDefinitions());
    for (const status of ['completed', 'stopped', 'in-progress'] as const) {
      const { report, goals } = summary({ plan: { ...request.plan, status } });
      for (const resource of [report, ...goals]) {
        expect(validator.validate(resource, { profiles: resource.meta?.profile ?? [] }).filter(isFault)).toEqual([]);
      }
    }
  });

  test('is written under our numbers, so that the final one takes the place of a partial one', () => {
    expect(
      summaryBundle(summary()).entry?.map(
        ({ request: { method, url } = { method: 'GET', url: '' } }) => `${method} ${url}`,
      ),
    ).toEqual([
      'PUT DiagnosticReport?identifier=https://tactus.example/fhir/sid/plan|plan-1',
      'PUT Goal?identifier=https://tactus.example/fhir/sid/plan|plan-1-g1',
    ]);
  });
});

describe('a goal', () => {
  const values = (...all: readonly number[]) =>
    seriesOf(
      all.map((value, index) => session(index + 1, [pain(index + 1, value)])),
      measures,
    );
  test.each([
    ['is achieved at its target', [7, 5, 3], false, 'achieved'],
    ['is not achieved one step before it, at the end', [7, 5, 4], true, 'not-achieved'],
    ['improves on the way', [7, 5, 4], false, 'improving'],
    ['worsens', [5, 6, 7], false, 'worsening'],
    ['does not change', [5, 7, 5], false, 'no-change'],
    ['is in progress with two values only', [7, 5], false, 'in-progress'],
    ['is nothing that anybody knows without values', [], true, undefined],
  ] as const)('%s', (_, all, ended, achievement) => {
    expect(achievementOf(goal, values(...all), ended, 'lower')).toBe(achievement);
  });

  test('is what the therapist said, whatever the values say', () => {
    expect(achievementOf({ ...goal, achievement: 'sustaining' }, values(7, 8, 9), true, 'lower')).toBe('sustaining');
  });

  test('is not judged by another region, another unit or an unknown direction', () => {
    expect(achievementOf({ ...goal, bodySite: 'neck' }, values(7, 5, 3), false, 'lower')).toBeUndefined();
    expect(
      achievementOf({ ...goal, target: { value: 30, unit: '%' } }, values(7, 5, 3), false, 'lower'),
    ).toBeUndefined();
    expect(achievementOf(goal, values(7, 5, 3), false, undefined)).toBeUndefined();
  });

  test('that wants more is achieved by more', () => {
    const more = { ...goal, target: { value: 8, unit: '{score}', direction: 'higher' as const } };
    expect(achievementOf(more, values(5, 6, 8), false, 'lower')).toBe('achieved');
    expect(achievementOf(more, values(5, 6, 7), false, 'lower')).toBe('improving');
  });
});

test('values after treatments are not compared with those before', () => {
  expect(seriesOf(course, measures).map(({ values }) => values.map(({ value }) => value))).toEqual([[7, 6, 3]]);
});
