import type { Issue } from '../fhir/issue.ts';
import type { Session } from './session.ts';

/** The rules between the fields of a session, whatever its plan: clinical reference §5. */
export const ownRules: readonly ((session: Session) => Issue[])[] = [
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
  adverseEventExplained,
];

function endAfterStart(session: Session): Issue[] {
  if (session.end === undefined || Date.parse(session.start) <= Date.parse(session.end)) return [];
  return [
    broken(
      'session-ends-before-start',
      'Session.end',
      `The session ends at ${session.end}, before its start at ${session.start}.`,
    ),
  ];
}

function completedHasEnd(session: Session): Issue[] {
  if (session.status !== 'completed' || session.end !== undefined) return [];
  return [broken('session-needs-end', 'Session.end', 'A completed session needs its end.')];
}

function completedHasTreatment(session: Session): Issue[] {
  if (session.status !== 'completed' || session.treatments.length > 0) return [];
  return [
    broken(
      'session-needs-treatment',
      'Session.treatments',
      'A completed session has no treatment; it needs at least one.',
    ),
  ];
}

function doneHasDuration(session: Session): Issue[] {
  if (session.status === 'not-done' || session.durationMin !== undefined) return [];
  return [
    broken(
      'session-needs-duration',
      'Session.durationMin',
      `A ${session.status} session needs its minutes of hands-on work.`,
    ),
  ];
}

function doneHasPreScreen(session: Session): Issue[] {
  if (session.preScreen !== undefined || session.status === 'not-done') return [];
  return [
    broken(
      'session-needs-pre-screen',
      'Session.preScreen',
      `A ${session.status} session needs the questions asked before it.`,
    ),
  ];
}

function doneHasConsent(session: Session): Issue[] {
  if (session.status === 'not-done' || session.consent.given) return [];
  return [
    broken(
      'session-needs-consent',
      'Session.consent.given',
      `The session is ${session.status} without the patient's consent.`,
    ),
  ];
}

function reasonUnlessCompleted(session: Session): Issue[] {
  if (session.status === 'completed' || session.statusReason !== undefined) return [];
  return [
    broken('session-needs-reason', 'Session.statusReason', `A session that is ${session.status} needs its reason.`),
  ];
}

function noReasonWhenCompleted(session: Session): Issue[] {
  if (session.status !== 'completed' || session.statusReason === undefined) return [];
  const message = `A completed session has the reason ${session.statusReason}; reasons are for stopped and not-done.`;
  return [broken('session-reason-not-allowed', 'Session.statusReason', message)];
}

function minutesFit(session: Session): Issue[] {
  if (session.durationMin === undefined) return [];
  const sum = session.treatments.reduce((minutes, treatment) => minutes + (treatment.durationMin ?? 0), 0);
  if (sum <= session.durationMin) return [];
  const message = `The treatments take ${sum} minutes together; the session has ${session.durationMin} minutes of hands-on work.`;
  return [broken('session-minutes-exceeded', 'Session.treatments', message)];
}

/** Clock times are told to the minute, so the last minute may be begun. */
function durationFitsClock(session: Session): Issue[] {
  if (session.durationMin === undefined || session.end === undefined) return [];
  const minutes = Math.ceil((Date.parse(session.end) - Date.parse(session.start)) / 60_000);
  if (minutes < 0 || session.durationMin <= minutes) return [];
  const message = `${session.durationMin} minutes of hands-on work do not fit between start and end, which are ${minutes} minutes apart.`;
  return [broken('session-longer-than-clock', 'Session.durationMin', message)];
}

function deferredIsNotDone(session: Session): Issue[] {
  if (session.preScreen?.decision !== 'defer' || session.status === 'not-done') return [];
  return [
    broken(
      'session-deferred-but-done',
      'Session.status',
      `The decision before the session was defer; its status is ${session.status}, it must be not-done.`,
    ),
  ];
}

function nothingDoneWhenNotDone(session: Session): Issue[] {
  if (session.status !== 'not-done' || session.treatments.length === 0) return [];
  const message = `A session that was not done has ${session.treatments.length} treatments; it must have none.`;
  return [broken('session-not-done-has-treatment', 'Session.treatments', message)];
}

function adverseEventExplained(session: Session): Issue[] {
  if (session.statusReason !== 'adverse-event' || session.adverseEvents.items.length > 0) return [];
  const message = 'The session ended for an adverse event, but none is recorded.';
  return [broken('session-needs-adverse-event', 'Session.adverseEvents.items', message)];
}

/** A broken rule between fields. */
export function broken(code: string, expression: string, message: string): Issue {
  return { severity: 'error', code, type: 'business-rule', expression, message };
}
