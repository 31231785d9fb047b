import type { Bundle, BundleEntry, DiagnosticReport, Goal, PractitionerRole, Reference } from '@medplum/fhirtypes';
import type { Issue } from '../fhir/issue.ts';
import type { Measure, MeasureTable } from '../plan/measure.ts';
import type { OutcomeResult } from '../plan/outcome.ts';
import type { Session } from '../plan/session.ts';
import type { PlanGoal, TreatmentPlan } from '../plan/treatment-plan.ts';
import { goalProfile, identifierTypeSystem, planNumberSystem, reportSystem, seriesSummaryProfile } from './codes.ts';
import { focusOf, patientOf } from './parties.ts';
import { achievementOf, byTime, conclusionOf } from './summary-words.ts';

/** Everything that a series' summary is made of; the same request gives the same summary. */
export interface SummaryRequest {
  readonly plan: TreatmentPlan;
  readonly referral: { readonly id: string; readonly placer: { readonly system: string; readonly value: string } };
  readonly partner: { readonly baseUrl: string };
  /** All sessions of the plan; those that a later one amends are left out here. */
  readonly sessions: readonly Session[];
  /** Observations that the hospital has, as references: `Observation/17`. */
  readonly observations: readonly string[];
  readonly measures: MeasureTable;
  /** An instant: DiagnosticReport.issued. */
  readonly now: string;
}

/** Numbers of goals in our summaries: the plan's id and the goal's place in it. */
export const goalNumberSystem = 'https://tactus.example/fhir/sid/goal';
const extensionBase = 'https://tactus.example/fhir/StructureDefinition';
const therapistSystem = 'https://tactus.example/fhir/sid/therapist';

/**
 * Make the summary of a course that ended: one DiagnosticReport (massage-series-summary) with the numbers of the series,
 * and a Goal (massage-goal) for each goal that has a measure, with what was achieved. Each is created on condition that
 * our number of it is not there.
 *
 * @returns The transaction, the report first; or `summary-without-sessions`: without a session there is nobody who could
 *   answer for a report.
 * @see docs/profiles.md
 */
export function seriesSummary(request: SummaryRequest): OutcomeResult {
  const standing = byTime(request.sessions);
  const [first, last] = [standing[0], standing.at(-1)];
  if (first === undefined || last === undefined) return { ok: false, issues: [withoutSessions(request.plan)] };
  const entry: BundleEntry[] = [
    {
      resource: reportOf(request, standing, first, last),
      request: {
        method: 'POST',
        url: 'DiagnosticReport',
        ifNoneExist: `identifier=${planNumberSystem}|${request.plan.planId}`,
      },
    },
    ...request.plan.goals.flatMap((goal, index) => goalEntry(request, standing, goal, index)),
  ];
  const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  return { ok: true, bundle, reports: [] };
}

function reportOf(
  request: SummaryRequest,
  standing: readonly Session[],
  first: Session,
  last: Session,
): DiagnosticReport {
  const { plan, observations } = request;
  const parties = { ...request, at: 'hospital' as const };
  const { sessions } = plan.dosage;
  return {
    resourceType: 'DiagnosticReport',
    meta: { profile: [seriesSummaryProfile] },
    extension: [
      ...(sessions === undefined ? [] : [{ url: `${extensionBase}/sessions-prescribed`, valuePositiveInt: sessions }]),
      { url: `${extensionBase}/sessions-delivered`, valueUnsignedInt: plan.progress.delivered },
      { url: `${extensionBase}/sessions-not-done`, valueUnsignedInt: plan.progress.notDone },
    ],
    identifier: [
      {
        type: { coding: [{ system: identifierTypeSystem, code: 'FILL' }] },
        system: planNumberSystem,
        value: plan.planId,
      },
    ],
    basedOn: [focusOf(parties)],
    status: 'final',
    code: { coding: [{ system: reportSystem, code: 'series-summary' }] },
    subject: patientOf(parties),
    effectivePeriod: { start: first.start, end: last.end ?? last.start },
    issued: request.now,
    performer: [therapistOf(last)],
    ...(observations.length === 0 ? {} : { result: observations.map((reference) => ({ reference })) }),
    conclusion: conclusionOf(plan, standing, request.measures),
  };
}

/** The therapist is the clinic's: only an absolute reference can be followed by the hospital. */
function therapistOf({ performer }: Session): Reference<PractitionerRole> {
  const { reference, name } = performer;
  return {
    ...(reference.startsWith('http') ? { reference } : { identifier: { system: therapistSystem, value: reference } }),
    type: 'PractitionerRole',
    ...(name === undefined ? {} : { display: name }),
  };
}

/** A goal in words only has no measure, which the profile asks for: it is told in the report's conclusion. */
function goalEntry(
  request: SummaryRequest,
  standing: readonly Session[],
  goal: PlanGoal,
  index: number,
): BundleEntry[] {
  const measure = goal.measure === undefined ? undefined : request.measures.get(goal.measure);
  if (measure === undefined) return [];
  const value = `${request.plan.planId}-${index + 1}`;
  const ifNoneExist = `identifier=${goalNumberSystem}|${value}`;
  const resource = goalOf(request, standing, goal, measure, value);
  return [{ resource, request: { method: 'POST', url: 'Goal', ifNoneExist } }];
}

function goalOf(
  request: SummaryRequest,
  standing: readonly Session[],
  goal: PlanGoal,
  measure: Measure,
  number: string,
): Goal {
  const { plan } = request;
  const parties = { ...request, at: 'hospital' as const };
  const achievement = achievementOf(goal, standing, measure);
  const { target, due } = goal;
  return {
    resourceType: 'Goal',
    meta: { profile: [goalProfile] },
    identifier: [{ system: goalNumberSystem, value: number }],
    lifecycleStatus: plan.status === 'completed' ? 'completed' : 'cancelled',
    ...(achievement === undefined
      ? {}
      : {
          achievementStatus: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/goal-achievement', code: achievement }],
          },
        }),
    description: { text: goal.text ?? measure.name },
    subject: patientOf(parties),
    target: [
      {
        measure: { coding: [measure.code] },
        ...(target === undefined
          ? {}
          : {
              detailQuantity: {
                value: target.value,
                unit: target.unit,
                system: 'http://unitsofmeasure.org',
                code: target.unit,
              },
            }),
        ...(due === undefined ? {} : { dueDate: due }),
      },
    ],
    addresses: [focusOf(parties)],
  };
}

function withoutSessions({ planId }: TreatmentPlan): Issue {
  const message = `Plan ${planId} has no sessions, so that there is nothing to sum up.`;
  return {
    severity: 'error',
    code: 'summary-without-sessions',
    type: 'processing',
    expression: 'TreatmentPlan.progress',
    message,
  };
}
