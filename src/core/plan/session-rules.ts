import type { Issue } from '../fhir/issue.ts';
import type { Session } from './session.ts';
import { permitsSessions } from './states.ts';
import type { TreatmentPlan } from './treatment-plan.ts';

/**
 * The rules between the fields of a session, and between a session and its plan. Each is a row of one table: its id is
 * the issue's code, so a clinic can look it up in docs/mappings.md.
 */

/** Below this, the plan's fields and the session's are compared by day, as the order tells days. */
const dayLength = 'YYYY-MM-DD'.length;

type Rule = (session: Session, plan: TreatmentPlan) => Issue[];

/**
 * Check a session, well-shaped already, against itself and its plan.
 *
 * @returns Every broken rule, each naming field, value and rule. `error` means that the session cannot be recorded as it
 *   is; `warning` that a person should look.
 */
export function checkSessionAgainstPlan(session: Session, plan: TreatmentPlan): Issue[] {
  return rules.flatMap((rule) => rule(session, plan));
}

/** Whether the hospital must hear of the session at once: a severe or serious adverse event. */
export function reportsAtOnce(session: Session): boolean {
  return session.adverseEvents.items.some((event) => event.serious || event.severity === 'severe');
}

const rules: readonly Rule[] = [
  ofThisPlan,
  stateMustPermit,
  assessmentFirst,
  goalFirst,
  withinPrescribedCount,
  withinValidity,
  notBeforeValidity,
  endAfterStart,
  completedHasEnd,
  completedHasTreatment,
  doneHasDuration,
  doneHasPreScreen,
  doneHasConsent,
  reasonUnlessCompleted,
  noReasonWhenCompleted,
  minutesFit,
  durationFitsClock,
  deferredIsNotDone,
  nothingDoneWhenNotDone,
  painPair,
  notDeepWhenForbidden,
  notInAvoidedRegion,
  notLongerThanMaximum,
  adverseEventExplained,
];

function ofThisPlan(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.planId === plan.planId) return [];
  return [
    fault('session-other-plan', 'Session.planId', `The session is of plan ${session.planId}, not of ${plan.planId}.`),
  ];
}

/** An amendment corrects what was recorded while sessions were permitted, so it is allowed afterwards too. */
function stateMustPermit(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.amends !== undefined || permitsSessions(plan.status)) return [];
  const wanted = 'sessions are recorded while it is accepted or in-progress';
  return [fault('session-plan-state', 'Session.planId', `Plan ${plan.planId} is ${plan.status}; ${wanted}.`)];
}

/** clinical.md claim 10: thorough assessment before treatment. A session that was not done needs none. */
function assessmentFirst(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.status === 'not-done' || plan.assessment !== undefined) return [];
  const message = `Plan ${plan.planId} has no assessment; record it before the first session.`;
  return [fault('session-needs-assessment', 'Session.planId', message)];
}

function goalFirst(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.status === 'not-done' || plan.goals.length > 0) return [];
  const message = `Plan ${plan.planId} has no goal; record at least one before the first session.`;
  return [fault('session-needs-goal', 'Session.planId', message)];
}

function withinPrescribedCount(session: Session, plan: TreatmentPlan): Issue[] {
  const { sessions } = plan.dosage;
  if (sessions === undefined || session.seq <= sessions) return [];
  const message = `Session ${session.seq} of ${sessions} prescribed; more than that needs a new prescription.`;
  return [fault('session-over-prescribed', 'Session.seq', message)];
}

/** A year or a month as limit covers all of it, so both sides are cut to the shorter one. */
function withinValidity(session: Session, plan: TreatmentPlan): Issue[] {
  const { validUntil } = plan;
  if (validUntil === undefined || session.start.slice(0, Math.min(dayLength, validUntil.length)) <= validUntil)
    return [];
  const message = `The session is on ${session.start.slice(0, dayLength)}; the prescription is valid until ${validUntil}.`;
  return [fault('session-after-validity', 'Session.start', message)];
}

function notBeforeValidity(session: Session, plan: TreatmentPlan): Issue[] {
  const { validFrom } = plan;
  if (validFrom === undefined || session.start.slice(0, Math.min(dayLength, validFrom.length)) >= validFrom) return [];
  const message = `The session is on ${session.start.slice(0, dayLength)}; the prescription is valid from ${validFrom}.`;
  return [fault('session-before-validity', 'Session.start', message)];
}

function endAfterStart(session: Session): Issue[] {
  if (session.end === undefined || Date.parse(session.start) <= Date.parse(session.end)) return [];
  return [
    fault(
      'session-ends-before-start',
      'Session.end',
      `The session ends at ${session.end}, before its start at ${session.start}.`,
    ),
  ];
}

function completedHasEnd(session: Session): Issue[] {
  if (session.status !== 'completed' || session.end !== undefined) return [];
  return [fault('session-needs-end', 'Session.end', 'A completed session needs its end.')];
}

function completedHasTreatment(session: Session): Issue[] {
  if (session.status !== 'completed' || session.treatments.length > 0) return [];
  return [
    fault(
      'session-needs-treatment',
      'Session.treatments',
      'A completed session has no treatment; it needs at least one.',
    ),
  ];
}

function doneHasDuration(session: Session): Issue[] {
  if (session.status === 'not-done' || session.durationMin !== undefined) return [];
  return [
    fault(
      'session-needs-duration',
      'Session.durationMin',
      `A ${session.status} session needs its minutes of hands-on work.`,
    ),
  ];
}

function doneHasPreScreen(session: Session): Issue[] {
  if (session.preScreen !== undefined || session.status === 'not-done') return [];
  return [
    fault(
      'session-needs-pre-screen',
      'Session.preScreen',
      `A ${session.status} session needs the questions asked before it.`,
    ),
  ];
}

function doneHasConsent(session: Session): Issue[] {
  if (session.status === 'not-done' || session.consent.given) return [];
  return [
    fault(
      'session-needs-consent',
      'Session.consent.given',
      `The session is ${session.status} without the patient's consent.`,
    ),
  ];
}

function reasonUnlessCompleted(session: Session): Issue[] {
  if (session.status === 'completed' || session.statusReason !== undefined) return [];
  return [
    fault('session-needs-reason', 'Session.statusReason', `A session that is ${session.status} needs its reason.`),
  ];
}

function noReasonWhenCompleted(session: Session): Issue[] {
  if (session.status !== 'completed' || session.statusReason === undefined) return [];
  const message = `A completed session has the reason ${session.statusReason}; reasons are for stopped and not-done.`;
  return [fault('session-reason-not-allowed', 'Session.statusReason', message)];
}

function minutesFit(session: Session): Issue[] {
  if (session.durationMin === undefined) return [];
  const sum = session.treatments.reduce((minutes, treatment) => minutes + (treatment.durationMin ?? 0), 0);
  if (sum <= session.durationMin) return [];
  const message = `The treatments take ${sum} minutes together; the session has ${session.durationMin} minutes of hands-on work.`;
  return [fault('session-minutes-exceeded', 'Session.treatments', message)];
}

/** Clock times are told to the minute, so the last minute may be begun. */
function durationFitsClock(session: Session): Issue[] {
  if (session.durationMin === undefined || session.end === undefined) return [];
  const minutes = Math.ceil((Date.parse(session.end) - Date.parse(session.start)) / 60_000);
  if (minutes < 0 || session.durationMin <= minutes) return [];
  const message = `${session.durationMin} minutes of hands-on work do not fit between start and end, which are ${minutes} minutes apart.`;
  return [fault('session-longer-than-clock', 'Session.durationMin', message)];
}

function deferredIsNotDone(session: Session): Issue[] {
  if (session.preScreen?.decision !== 'defer' || session.status === 'not-done') return [];
  return [
    fault(
      'session-deferred-but-done',
      'Session.status',
      `The decision before the session was defer; its status is ${session.status}, it must be not-done.`,
    ),
  ];
}

function nothingDoneWhenNotDone(session: Session): Issue[] {
  if (session.status !== 'not-done' || session.treatments.length === 0) return [];
  const message = `A session that was not done has ${session.treatments.length} treatments; it must have none.`;
  return [fault('session-not-done-has-treatment', 'Session.treatments', message)];
}

/** clinical.md §4: pain before and after, same region, same instrument. */
function painPair(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.status !== 'completed' || !plan.indications.some(isPain)) return [];
  const regions = (phase: string) =>
    session.measurements
      .filter((measurement) => measurement.measure === painMeasure && measurement.phase === phase)
      .map((measurement) => `${measurement.bodySite ?? ''}/${measurement.laterality ?? ''}`);
  const after = new Set(regions('post'));
  if (regions('pre').some((region) => after.has(region))) return [];
  const message = `An indication is pain, so a completed session needs ${painMeasure} before (pre) and after (post) it on the same region.`;
  return [fault('session-needs-pain-pair', 'Session.measurements', message)];
}

/** Id of the pain measure, mappings/measures/pain-nrs.json. */
const painMeasure = 'pain-nrs';

/** Concepts of the catalogue (ind.*) that are pain. */
const painConcepts: ReadonlySet<string> = new Set([
  'back-pain',
  'low-back-pain',
  'neck-pain',
  'shoulder-pain',
  'muscle-pain',
  'chronic-pain',
  'sciatica',
  'headache',
  'tension-headache',
  'migraine',
  'pregnancy-back-pain',
]);

function isPain(indication: TreatmentPlan['indications'][number]): boolean {
  return indication.concept !== undefined && painConcepts.has(indication.concept);
}

function notDeepWhenForbidden(session: Session, plan: TreatmentPlan): Issue[] {
  return plan.modifications
    .filter((modification) => modification.code === 'no-deep')
    .flatMap((modification) =>
      session.treatments.flatMap((treatment, index) => {
        const meant = modification.region === undefined || modification.region === treatment.bodySite;
        const isDeep = treatment.pressure === 'deep' || treatment.technique === 'deep-tissue';
        if (!meant || !isDeep) return [];
        const where = modification.region === undefined ? '' : ` for ${modification.region}`;
        const expression = `Session.treatments[${index}].${treatment.pressure === 'deep' ? 'pressure' : 'technique'}`;
        return [fault('session-deep-forbidden', expression, `The treatment is deep; the plan says no-deep${where}.`)];
      }),
    );
}

function notInAvoidedRegion(session: Session, plan: TreatmentPlan): Issue[] {
  const avoided = plan.modifications.filter((modification) => modification.code === 'avoid-region');
  return session.treatments.flatMap((treatment, index) => {
    if (!avoided.some((modification) => modification.region === treatment.bodySite)) return [];
    const message = `The treatment is on ${treatment.bodySite}; the plan says to avoid that region.`;
    return [fault('session-region-avoided', `Session.treatments[${index}].bodySite`, message)];
  });
}

function notLongerThanMaximum(session: Session, plan: TreatmentPlan): Issue[] {
  const limits = plan.modifications.flatMap((one) => (one.code === 'max-duration' ? [one.minutes ?? Infinity] : []));
  const limit = Math.min(...limits);
  if (session.durationMin === undefined || session.durationMin <= limit) return [];
  return [
    fault(
      'session-too-long',
      'Session.durationMin',
      `The session took ${session.durationMin} minutes; the plan allows ${limit}.`,
    ),
  ];
}

function adverseEventExplained(session: Session): Issue[] {
  if (session.statusReason !== 'adverse-event' || session.adverseEvents.items.length > 0) return [];
  const message = 'The session ended for an adverse event, but none is recorded.';
  return [fault('session-needs-adverse-event', 'Session.adverseEvents.items', message)];
}

function fault(code: string, expression: string, message: string): Issue {
  return { severity: 'error', code, type: 'business-rule', expression, message };
}
