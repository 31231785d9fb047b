import type { Bundle, DiagnosticReport, Goal, Reference } from '@medplum/fhirtypes';
import type { Issue } from '../fhir/issue.ts';
import type { MeasureTable } from '../plan/measure.ts';
import type { Session } from '../plan/session.ts';
import { isFinal } from '../plan/states.ts';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import { planNumberSystem, reportSystem, seriesSummaryProfile } from './codes.ts';
import { goalsFor } from './goals.ts';
import { focusOf, patientOf } from './parties.ts';
import { type Series, seriesOf } from './series.ts';

export interface SummaryRequest {
  readonly plan: TreatmentPlan;
  /** All sessions of the plan as recorded; those that a later one amends do not count. */
  readonly sessions: readonly Session[];
  readonly measures: MeasureTable;
  readonly referral: { readonly id: string; readonly placer: { readonly system: string; readonly value: string } };
  readonly partner: { readonly baseUrl: string };
  /** References of the Observations at the hospital, for `result`. */
  readonly observations: readonly string[];
  /** An instant: `issued`. */
  readonly now: string;
}

export interface SeriesSummary {
  readonly report: DiagnosticReport;
  readonly goals: readonly Goal[];
}

export type SummaryResult =
  | { readonly ok: true; readonly summary: SeriesSummary }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const extension = 'https://tactus.example/fhir/StructureDefinition';
const therapistSystem = 'https://tactus.example/fhir/sid/therapist';

/**
 * The report on a course: how many sessions of those prescribed, how each measure went, and how far each goal is.
 * `partial` while the course goes on, `final` once it ended. It tells values and their course and claims nothing else.
 *
 * @returns The DiagnosticReport and the Goals, or the issue `summary-empty` when no session was begun.
 */
export function summaryFor(request: SummaryRequest): SummaryResult {
  const { plan } = request;
  const standing = standingSessions(request.sessions);
  const done = standing.filter(({ status }) => status !== 'not-done');
  const [first] = done;
  const last = done.at(-1);
  if (first === undefined || last === undefined) return { ok: false, issues: [emptyIssue(plan.planId)] };
  const series = seriesOf(done, request.measures);
  const ended = isFinal(plan.status);
  const counts = { delivered: done.length, notDone: standing.length - done.length };
  const report: DiagnosticReport = {
    resourceType: 'DiagnosticReport',
    meta: { profile: [seriesSummaryProfile] },
    extension: [
      ...(plan.dosage.sessions === undefined
        ? []
        : [{ url: `${extension}/sessions-prescribed`, valuePositiveInt: plan.dosage.sessions }]),
      { url: `${extension}/sessions-delivered`, valueUnsignedInt: counts.delivered },
      { url: `${extension}/sessions-not-done`, valueUnsignedInt: counts.notDone },
    ],
    identifier: [{ system: planNumberSystem, value: plan.planId }],
    basedOn: [focusOf({ ...request, at: 'hospital' })],
    status: ended ? 'final' : 'partial',
    code: { coding: [{ system: reportSystem, code: 'series-summary' }] },
    subject: patientOf({ ...request, at: 'hospital' }),
    effectivePeriod: { start: first.start, ...(ended ? { end: last.end ?? last.start } : {}) },
    issued: request.now,
    performer: performersOf(done),
    ...(request.observations.length === 0 ? {} : { result: request.observations.map((reference) => ({ reference })) }),
    conclusion: conclusionOf(plan, counts, series),
  };
  return { ok: true, summary: { report, goals: goalsFor(request, series, ended) } };
}

/**
 * The summary as one transaction: each resource is found by its number there, made once and changed ever after, because
 * the final report takes the place of a partial one. https://hl7.org/fhir/R4/http.html#cond-update
 */
export function summaryBundle({ report, goals }: SeriesSummary): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [report, ...goals].map((resource) => {
      const [number] = resource.identifier ?? [];
      const query = `identifier=${number?.system}|${encodeURIComponent(number?.value ?? '')}`;
      return { resource, request: { method: 'PUT', url: `${resource.resourceType}?${query}` } };
    }),
  };
}

/** In the order in which they took place, without those that a later record amends. */
function standingSessions(sessions: readonly Session[]): Session[] {
  const amended = new Set(sessions.map(({ amends }) => amends));
  return sessions
    .filter(({ sessionId }) => !amended.has(sessionId))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

function emptyIssue(planId: string): Issue {
  const message = `Plan ${planId} has no session that was begun, so there is nothing to summarise.`;
  return { severity: 'error', code: 'summary-empty', type: 'business-rule', expression: '', message };
}

/** As in the Procedures: a therapist whom the hospital cannot look up is named by our number. */
function performersOf(done: readonly Session[]): NonNullable<DiagnosticReport['performer']> {
  const byReference = new Map(done.map(({ performer }) => [performer.reference, performer]));
  return [...byReference.values()].map(
    ({ reference, name }): Reference => ({
      type: 'PractitionerRole',
      ...(reference.startsWith('http') ? { reference } : { identifier: { system: therapistSystem, value: reference } }),
      ...(name === undefined ? {} : { display: name }),
    }),
  ) as NonNullable<DiagnosticReport['performer']>;
}

function conclusionOf(
  plan: TreatmentPlan,
  counts: { readonly delivered: number; readonly notDone: number },
  series: readonly Series[],
): string {
  const of = plan.dosage.sessions === undefined ? '' : ` of ${plan.dosage.sessions} prescribed`;
  const missed = counts.notDone === 0 ? '' : ` Appointments that came to nothing: ${counts.notDone}.`;
  const cutShort = plan.status === 'stopped' || plan.status === 'cancelled';
  const early = cutShort ? ' The course ended before all sessions.' : '';
  const values = series.map(({ name, place, values: all, unit }) => {
    const where = place === '' ? '' : ` (${place})`;
    const [first] = all;
    const count = all.length === 1 ? '' : ` at first, ${all.at(-1)?.value} at last, ${all.length} values`;
    return ` ${name}${where}: ${first?.value}${count}, unit ${unit}.`;
  });
  return `Sessions delivered: ${counts.delivered}${of}.${missed}${early}${values.join('')}`;
}
