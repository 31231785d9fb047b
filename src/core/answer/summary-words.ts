import type { Measure, MeasureTable } from '../plan/measure.ts';
import type { Measurement, Session } from '../plan/session.ts';
import type { PlanGoal, TreatmentPlan } from '../plan/treatment-plan.ts';

/** Sessions that no later one amends, in the order of their time. */
export function byTime(sessions: readonly Session[]): Session[] {
  const amended = new Set(sessions.map(({ amends }) => amends));
  return sessions
    .filter(({ sessionId }) => !amended.has(sessionId))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/**
 * What became of a goal: the therapist's word where there is one, else whether the last value reached the target. Without
 * target, direction or value nothing is said: a difference between two values is no achievement (clinical reference,
 * on meaningful change).
 */
export function achievementOf(goal: PlanGoal, sessions: readonly Session[], measure: Measure): PlanGoal['achievement'] {
  if (goal.achievement !== undefined) return goal.achievement;
  const { target } = goal;
  const last = valuesOf(sessions, (one) => one.measure === measure.id && isAt(goal, one)).at(-1);
  const direction = target?.direction ?? measure.better;
  if (target === undefined || last === undefined || direction === undefined || last.unit !== target.unit) {
    return undefined;
  }
  const isReached = direction === 'lower' ? last.value <= target.value : last.value >= target.value;
  return isReached ? 'achieved' : 'not-achieved';
}

function isAt(goal: PlanGoal, { bodySite }: Measurement): boolean {
  return goal.bodySite === undefined || goal.bodySite === bodySite;
}

const endings: Readonly<Partial<Record<TreatmentPlan['status'], string>>> = {
  completed: 'The course is complete.',
  stopped: 'The course was ended early.',
  cancelled: 'The course was cancelled.',
};

/** What the report says in words: the numbers of the series, and of each measure its first and last value. */
export function conclusionOf(plan: TreatmentPlan, sessions: readonly Session[], measures: MeasureTable): string {
  const { delivered, notDone } = plan.progress;
  const prescribed = plan.dosage.sessions === undefined ? '' : ` of ${plan.dosage.sessions} prescribed`;
  const missed = notDone === 0 ? '' : ` ${notDone} appointment${notDone === 1 ? '' : 's'} came to nothing.`;
  const counted = `${delivered}${prescribed} session${delivered === 1 && prescribed === '' ? '' : 's'} given.${missed}`;
  const words = plan.goals.flatMap((goal) => (goal.measure === undefined ? wordsOf(goal) : []));
  const said = [endings[plan.status], counted, ...courses(sessions, measures), ...words];
  return said.filter((sentence) => sentence !== undefined).join(' ');
}

function wordsOf({ text, achievement }: PlanGoal): string[] {
  return text === undefined ? [] : [`Goal: ${text}${achievement === undefined ? '' : ` (${achievement})`}.`];
}

/** Values of one measure at one place, from the first to the last; no claims beyond them. */
function courses(sessions: readonly Session[], measures: MeasureTable): string[] {
  const all = valuesOf(sessions, ({ measure }) => measures.has(measure));
  const groups = Map.groupBy(all, ({ measure, bodySite, laterality, movement, motion }) =>
    [measure, bodySite, laterality, movement, motion].filter((part) => part !== undefined).join(' '),
  );
  return [...groups.values()].flatMap((values) => {
    const [first, last] = [values[0], values.at(-1)];
    const measure = first && measures.get(first.measure);
    if (first === undefined || last === undefined || measure === undefined) return [];
    const place = [first.laterality, first.bodySite, first.movement, first.motion].filter(
      (part) => part !== undefined && part !== 'none',
    );
    const where = place.length === 0 ? '' : ` (${place.join(' ')})`;
    const unit = measure.unit.startsWith('{') ? '' : ` ${measure.unit}`;
    const course = values.length === 1 ? `${first.value}${unit}` : `${first.value} to ${last.value}${unit}`;
    return [`${measure.name}${where}: ${course}.`];
  });
}

function valuesOf(sessions: readonly Session[], isMeant: (one: Measurement) => boolean): Measurement[] {
  return sessions
    .flatMap(({ measurements }) => measurements)
    .filter(isMeant)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
