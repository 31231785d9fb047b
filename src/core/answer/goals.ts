import type { Goal } from '@medplum/fhirtypes';
import type { MeasureTable } from '../plan/measure.ts';
import type { PlanGoal, TreatmentPlan } from '../plan/treatment-plan.ts';
import { goalProfile, planNumberSystem, ucumSystem } from './codes.ts';
import { focusOf, patientOf } from './parties.ts';
import type { Series } from './series.ts';

interface GoalsRequest {
  readonly plan: TreatmentPlan;
  readonly measures: MeasureTable;
  readonly referral: { readonly id: string; readonly placer: { readonly system: string; readonly value: string } };
  readonly partner: { readonly baseUrl: string };
}

type Achievement = NonNullable<PlanGoal['achievement']>;

const achievementSystem = 'http://terminology.hl7.org/CodeSystem/goal-achievement';

/** Goals that can be judged, which is what the profile asks for: those with a measure that has a file. */
export function goalsFor(request: GoalsRequest, series: readonly Series[], ended: boolean): Goal[] {
  return request.plan.goals.flatMap((goal) => {
    const measure = goal.measure === undefined ? undefined : request.measures.get(goal.measure);
    if (measure === undefined) return [];
    const achievement = achievementOf(goal, series, ended, measure.better);
    const target = goal.target;
    const { system, code, display } = measure.code;
    return [
      {
        resourceType: 'Goal',
        meta: { profile: [goalProfile] },
        identifier: [{ system: planNumberSystem, value: `${request.plan.planId}-${goal.goalId}` }],
        lifecycleStatus: ended ? 'completed' : 'active',
        ...(achievement === undefined
          ? {}
          : { achievementStatus: { coding: [{ system: achievementSystem, code: achievement }] } }),
        description: { text: goal.text ?? measure.name },
        subject: patientOf({ ...request, at: 'hospital' }),
        target: [
          {
            measure: { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] },
            ...(target === undefined
              ? {}
              : { detailQuantity: { value: target.value, unit: target.unit, system: ucumSystem, code: target.unit } }),
            ...(goal.due === undefined ? {} : { dueDate: goal.due }),
          },
        ],
        addresses: [focusOf({ ...request, at: 'hospital' })],
      } satisfies Goal,
    ];
  });
}

/** Fewer values than these are noise, not a course (clinical reference §4: single-session changes mean nothing). */
const fewestForTrend = 3;

/**
 * How far a goal is. What the therapist said stands. Otherwise it is computed from the values, and only from them:
 * achieved when the last one reached the target; not-achieved when the course ended before; else improving, worsening or
 * no-change against the first, given enough values; else in-progress. Without a value or a target nothing is said.
 */
export function achievementOf(
  goal: PlanGoal,
  series: readonly Series[],
  ended: boolean,
  better: 'lower' | 'higher' | undefined,
): Achievement | undefined {
  if (goal.achievement !== undefined) return goal.achievement;
  const own = series.find(
    ({ measure, bodySite, unit }) =>
      measure === goal.measure &&
      (goal.bodySite === undefined || goal.bodySite === bodySite) &&
      (goal.target === undefined || goal.target.unit === unit),
  );
  const direction = goal.target?.direction ?? better;
  const last = own?.values.at(-1)?.value;
  if (own === undefined || last === undefined || direction === undefined) return undefined;
  const gain = (from: number, to: number) => (direction === 'lower' ? from - to : to - from);
  if (goal.target !== undefined && gain(goal.target.value, last) >= 0) return 'achieved';
  if (goal.target !== undefined && ended) return 'not-achieved';
  const first = goal.baseline?.unit === own.unit ? goal.baseline.value : own.values[0]?.value;
  if (first === undefined || own.values.length < fewestForTrend) return 'in-progress';
  const change = gain(first, last);
  if (change === 0) return 'no-change';
  return change > 0 ? 'improving' : 'worsening';
}
