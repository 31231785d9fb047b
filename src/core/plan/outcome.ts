import type { Bundle } from '@medplum/fhirtypes';
import type { Issue } from '../fhir/issue.ts';
import type { Mapping, MappingReport, TracedResult } from '../mapping/mapping.ts';
import { failureIssue, mappingEnvironment } from './mapping-run.ts';
import type { MeasureTable } from './measure.ts';
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
  const result = mapping.run(outcomeInputs(request), mappingEnvironment(now, session.sessionId));
  if (!result.ok) return { ok: false, issues: result.failures.map(failureIssue) };
  return { ok: true, bundle: result.outputs.bundle as Bundle, reports: result.reports };
}

/** The same, traced: where each element of the outcome came from. */
export function traceOutcome(request: SessionToOutcome): TracedResult {
  const { mapping, session, now } = request;
  return mapping.trace(outcomeInputs(request), mappingEnvironment(now, session.sessionId));
}

/** The four inputs of session-to-outcome.map by name. */
export function outcomeInputs(request: SessionToOutcome): Readonly<Record<string, unknown>> {
  const { session, plan, measures, partner } = request;
  return { session, plan, measures: { measure: [...measures.values()] }, partner };
}
