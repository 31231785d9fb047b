import type { Bundle } from '@medplum/fhirtypes';
import type { Issue } from '../fhir/issue.ts';
import type { Mapping, MappingReport, TracedResult } from '../mapping/mapping.ts';
import { failureIssues, mappingEnvironment } from './mapping-run.ts';
import { checkMeasurements, type MeasureTable } from './measure.ts';
import type { Session } from './session.ts';
import type { TreatmentPlan } from './treatment-plan.ts';

/** What the mapping must know of the hospital that gets the outcome. */
export interface OutcomePartner {
  readonly id: string;
  /** Base URL of its FHIR server: references that point there are told relative to it. */
  readonly fhirBase?: string;
}

export interface SessionToOutcome {
  /** The compiled mappings/session-to-outcome.map, or a partner's own. */
  readonly mapping: Mapping;
  readonly session: Session;
  readonly plan: TreatmentPlan;
  readonly measures: MeasureTable;
  readonly partner: OutcomePartner;
  /** An instant. */
  readonly now: string;
}

/**
 * `bundle` is one transaction: the Procedure first, then one Observation a measurement and one for the statement about
 * adverse events, each with `request.ifNoneExist` on our identifier, so that a repeat changes nothing.
 */
export type OutcomeResult =
  | { readonly ok: true; readonly bundle: Bundle; readonly reports: readonly MappingReport[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Make the resources that tell one session to the hospital. They are not validated here: that is the flow's step. */
export function outcomeFromSession(request: SessionToOutcome): OutcomeResult {
  const { mapping, session, now } = request;
  const faults = [...checkMeasurements(session, request.measures), ...checkPatient(request.plan)];
  if (faults.length > 0) return { ok: false, issues: faults };
  const result = mapping.run(outcomeInputs(request), mappingEnvironment(now, session.sessionId));
  if (!result.ok) return { ok: false, issues: failureIssues(result.failures) };
  return { ok: true, bundle: result.outputs.bundle as Bundle, reports: result.reports };
}

/** A reference into the order's own Bundle or `contained` leads nowhere from outside. */
function checkPatient({ patient }: TreatmentPlan): Issue[] {
  const { reference, identifiers } = patient;
  if (identifiers.length > 0 || (reference !== undefined && !/^(#|urn:)/.test(reference))) return [];
  const message =
    'The order names its patient by a reference within itself and by no identifier: the hospital could not find whom the outcome is of. Ask for an identifier.';
  return [
    { severity: 'error', code: 'patient-not-found', type: 'not-found', expression: 'TreatmentPlan.patient', message },
  ];
}

/** The same, traced: where each element of the outcome came from. */
export function traceOutcome(request: SessionToOutcome): TracedResult {
  const { mapping, session, now } = request;
  return mapping.trace(outcomeInputs(request), mappingEnvironment(now, session.sessionId));
}

/** The four inputs of session-to-outcome.map by name. */
export function outcomeInputs(request: SessionToOutcome): Readonly<Record<string, unknown>> {
  const { session, plan, measures, partner } = request;
  const used = new Set(session.measurements.map(({ measure }) => measure));
  return {
    session: withKeys(session),
    plan,
    measures: { measure: [...measures.values()].filter(({ id }) => used.has(id)) },
    partner: { ...partner, fhirBase: partner.fhirBase ?? '' },
  };
}

/**
 * Identifiers of measurements are `{planId}-{n}-{measure}-{phase}`. Where a session has two of one measure and phase
 * (pain of neck and of back), the second and later ones get a key of what tells them apart, so that no hospital takes
 * them for a repetition and drops them.
 */
function withKeys(session: Session): Session {
  const seen = new Set<string>();
  const measurements = session.measurements.map((measurement) => {
    const { measure, phase, key, bodySite, laterality, movement, motion } = measurement;
    const plain = `${measure}-${phase}`;
    if (key !== undefined || !seen.has(plain)) {
      seen.add(key === undefined ? plain : `${plain}-${key}`);
      return measurement;
    }
    const parts = [bodySite, laterality, movement, motion].filter((part) => part !== undefined).join('-') || '2';
    const made = unused(parts, (candidate) => seen.has(`${plain}-${candidate}`));
    seen.add(`${plain}-${made}`);
    return { ...measurement, key: made };
  });
  return { ...session, measurements };
}

function unused(wanted: string, isTaken: (candidate: string) => boolean): string {
  let candidate = wanted;
  for (let count = 2; isTaken(candidate); count += 1) candidate = `${wanted}-${count}`;
  return candidate;
}
