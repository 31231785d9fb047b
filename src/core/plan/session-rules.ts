import type { Issue } from '../fhir/issue.ts';
import type { Session } from './session.ts';
import { broken, ownRules } from './session-own-rules.ts';
import { permitsSessions } from './states.ts';
import type { TreatmentPlan } from './treatment-plan.ts';

/** Below this, the plan's fields and the session's are compared by day, as the order tells days. */
const dayLength = 'YYYY-MM-DD'.length;

/**
 * Check a session, well-shaped already, against itself and its plan.
 *
 * @returns Every broken rule, each naming field, value and rule. `error` means that the session cannot be recorded as it
 *   is; `warning` that a person should look.
 */
export function checkSessionAgainstPlan(session: Session, plan: TreatmentPlan): Issue[] {
  return [...planRules.flatMap((rule) => rule(session, plan)), ...ownRules.flatMap((rule) => rule(session))];
}

/** Whether the hospital must hear of the session at once: a severe or serious adverse event. */
export function reportsAtOnce(session: Session): boolean {
  return session.adverseEvents.items.some((event) => event.serious || event.severity === 'severe');
}

/**
 * The rules between a session and its plan. Each has a code, by which a clinic finds it in docs/mappings.md.
 */
const planRules: readonly ((session: Session, plan: TreatmentPlan) => Issue[])[] = [
  ofThisPlan,
  stateMustPermit,
  assessmentFirst,
  goalFirst,
  withinPrescribedCount,
  withinValidity,
  notBeforeValidity,
  painPair,
  notDeepWhenForbidden,
  notInAvoidedRegion,
  notLongerThanMaximum,
];

function ofThisPlan(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.planId === plan.planId) return [];
  return [
    broken('session-other-plan', 'Session.planId', `The session is of plan ${session.planId}, not of ${plan.planId}.`),
  ];
}

/** An amendment corrects what was recorded while sessions were permitted, so it is allowed afterwards too. */
function stateMustPermit(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.amends !== undefined || permitsSessions(plan.status)) return [];
  const wanted = 'sessions are recorded while it is accepted or in-progress';
  return [broken('session-plan-state', 'Session.planId', `Plan ${plan.planId} is ${plan.status}; ${wanted}.`)];
}

/** clinical.md claim 10: thorough assessment before treatment. A session that was not done needs none. */
function assessmentFirst(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.status === 'not-done' || plan.assessment !== undefined) return [];
  const message = `Plan ${plan.planId} has no assessment; record it before the first session.`;
  return [broken('session-needs-assessment', 'Session.planId', message)];
}

function goalFirst(session: Session, plan: TreatmentPlan): Issue[] {
  if (session.status === 'not-done' || plan.goals.length > 0) return [];
  const message = `Plan ${plan.planId} has no goal; record at least one before the first session.`;
  return [broken('session-needs-goal', 'Session.planId', message)];
}

function withinPrescribedCount(session: Session, plan: TreatmentPlan): Issue[] {
  const { sessions } = plan.dosage;
  // A session that did not take place was not treated: its make-up has the next number and is still within the order.
  const missed = plan.progress.notDone;
  if (sessions === undefined || session.seq <= sessions + missed) return [];
  const extra = missed === 0 ? '' : ` and ${missed} not done`;
  const message = `Session ${session.seq} of ${sessions} prescribed${extra}; more than that needs a new prescription.`;
  return [broken('session-over-prescribed', 'Session.seq', message)];
}

/** A year or a month as limit covers all of it, so both sides are cut to the shorter one. */
function withinValidity(session: Session, plan: TreatmentPlan): Issue[] {
  const { validUntil } = plan;
  if (validUntil === undefined || session.start.slice(0, Math.min(dayLength, validUntil.length)) <= validUntil)
    return [];
  const message = `The session is on ${session.start.slice(0, dayLength)}; the prescription is valid until ${validUntil}.`;
  return [broken('session-after-validity', 'Session.start', message)];
}

function notBeforeValidity(session: Session, plan: TreatmentPlan): Issue[] {
  const { validFrom } = plan;
  if (validFrom === undefined || session.start.slice(0, Math.min(dayLength, validFrom.length)) >= validFrom) return [];
  const message = `The session is on ${session.start.slice(0, dayLength)}; the prescription is valid from ${validFrom}.`;
  return [broken('session-before-validity', 'Session.start', message)];
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
  return [broken('session-needs-pain-pair', 'Session.measurements', message)];
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
        return [broken('session-deep-forbidden', expression, `The treatment is deep; the plan says no-deep${where}.`)];
      }),
    );
}

function notInAvoidedRegion(session: Session, plan: TreatmentPlan): Issue[] {
  const avoided = plan.modifications.filter((modification) => modification.code === 'avoid-region');
  return session.treatments.flatMap((treatment, index) => {
    if (!avoided.some((modification) => modification.region === treatment.bodySite)) return [];
    const message = `The treatment is on ${treatment.bodySite}; the plan says to avoid that region.`;
    return [broken('session-region-avoided', `Session.treatments[${index}].bodySite`, message)];
  });
}

function notLongerThanMaximum(session: Session, plan: TreatmentPlan): Issue[] {
  const limits = plan.modifications.flatMap((one) => (one.code === 'max-duration' ? [one.minutes ?? Infinity] : []));
  const limit = Math.min(...limits);
  if (session.durationMin === undefined || session.durationMin <= limit) return [];
  return [
    broken(
      'session-too-long',
      'Session.durationMin',
      `The session took ${session.durationMin} minutes; the plan allows ${limit}.`,
    ),
  ];
}
