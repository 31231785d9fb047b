import type { Issue } from '../../core/fhir/issue.ts';
import type { Mapping, MappingReport, TracedResult } from '../../core/mapping/mapping.ts';
import { checkSession, checkTreatmentPlan } from '../../core/plan/check.ts';
import {
  type PlanEnvelope,
  planFromReferral,
  planSchemaVersion,
  type ReferralToPlan,
  referralInputs,
  traceReferral,
} from '../../core/plan/from-referral.ts';
import { asObject, isJsonArray, type Json } from '../../core/plan/json-value.ts';
import { failureIssues, mappingEnvironment } from '../../core/plan/mapping-run.ts';
import type { MeasureTable } from '../../core/plan/measure.ts';
import { outcomeFromSession, outcomeInputs, type SessionToOutcome, traceOutcome } from '../../core/plan/outcome.ts';
import type { Session } from '../../core/plan/session.ts';
import type { TreatmentPlan } from '../../core/plan/treatment-plan.ts';
import { areAlike } from './differences.ts';

/** What a mapping gave for one input. */
export type Ran =
  | { readonly ok: true; readonly output: unknown; readonly reports: readonly MappingReport[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** One run of a mapping on one input, as the flows would do it. */
export interface Runnable {
  readonly run: () => Ran;
  readonly trace: () => TracedResult;
  /** What the map itself is given, by the names of its sources. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** When nobody says otherwise, so that the same file gives the same output. */
const now = '2026-01-15T09:00:00Z';

const envelope: PlanEnvelope = {
  planId: 'plan-1',
  ruleSetVersion: '1',
  source: {
    serverBase: 'https://hospital.example/fhir',
    resourceId: 'order-1',
    profile: 'https://tactus.example/fhir/StructureDefinition/massage-service-request-intake',
    payloadHash: '0',
    receivedAt: now,
  },
  reporting: { perSession: true, finalSummary: true },
  now,
};

/**
 * The runs that a file asks for.
 *
 * @param input Of a mapping of referrals: a ServiceRequest, or a Bundle, which gives one run for each ServiceRequest; or
 *   `{ order, envelope }` with either and what differs in the envelope. Of a mapping of sessions:
 *   `{ session, plan, partner? }`. Of any other: its inputs by name. A list of these gives the runs of all.
 * @throws Error that says what the file should hold.
 */
export function runsOf(mapping: Mapping, input: unknown, measures: MeasureTable): readonly Runnable[] {
  if (isJsonArray(input)) return input.flatMap((one) => runsOf(mapping, one, measures));
  const names = mapping.inputs.map(({ name }) => name);
  if (names.includes('referral')) return referralsIn(input).map((one) => ofReferral({ mapping, ...one }));
  if (names.includes('session')) return [ofSession(sessionIn(mapping, input, measures))];
  const inputs = asObject(input);
  if (inputs === undefined) throw new Error(`The file must hold an object with ${names.join(', ')}.`);
  return [ofAny(mapping, inputs)];
}

function ofReferral(request: ReferralToPlan): Runnable {
  return {
    inputs: referralInputs(request),
    trace: () => traceReferral(request),
    run: () => {
      const result = planFromReferral(request);
      return result.ok ? { ok: true, output: result.plan, reports: result.reports } : result;
    },
  };
}

function ofSession(request: SessionToOutcome): Runnable {
  return {
    inputs: outcomeInputs(request),
    trace: () => traceOutcome(request),
    run: () => {
      const result = outcomeFromSession(request);
      return result.ok ? { ok: true, output: result.bundle, reports: result.reports } : result;
    },
  };
}

function ofAny(mapping: Mapping, inputs: Json): Runnable {
  return {
    inputs,
    trace: () => mapping.trace(inputs, mappingEnvironment(now, mapping.name)),
    run: () => {
      const result = mapping.run(inputs, mappingEnvironment(now, mapping.name));
      if (!result.ok) return { ok: false, issues: failureIssues(result.failures) };
      return { ok: true, output: result.outputs, reports: result.reports };
    },
  };
}

type ReferralInput = Omit<ReferralToPlan, 'mapping'>;

function referralsIn(input: unknown): ReferralInput[] {
  const resource = asObject(input);
  if (resource?.order !== undefined) {
    const { source, ...rest } = asObject(resource.envelope) ?? {};
    const changed = { ...envelope, ...rest, source: { ...envelope.source, ...asObject(source) } };
    return referralsIn(resource.order).map((one) => ({ ...one, envelope: changed }));
  }
  if (resource?.resourceType === 'ServiceRequest') return [{ referral: resource, envelope }];
  const entries = resource?.resourceType === 'Bundle' && isJsonArray(resource.entry) ? resource.entry : [];
  const found = entries.flatMap((entry) => {
    const inner = asObject(asObject(entry)?.resource);
    return inner?.resourceType === 'ServiceRequest' ? [{ referral: inner, context: input, envelope }] : [];
  });
  if (found.length === 0) throw new Error('The file must hold a ServiceRequest, or a Bundle with at least one.');
  return found;
}

function sessionIn(mapping: Mapping, input: unknown, measures: MeasureTable): SessionToOutcome {
  const { session, plan, partner } = asObject(input) ?? {};
  const issues = [...checkSession(session), ...checkTreatmentPlan(plan)];
  if (issues.length > 0) {
    throw new Error(
      `The file must hold { session, plan, partner? }: ${issues.map((issue) => issue.message).join(' ')}`,
    );
  }
  const fhirBase = asObject(partner)?.fhirBase;
  return {
    mapping,
    session: session as Session,
    plan: plan as TreatmentPlan,
    measures,
    partner: { id: 'hospital', fhirBase: typeof fhirBase === 'string' ? fhirBase : 'https://hospital.example/fhir' },
    now,
  };
}

/**
 * What `expected.json` holds: the output and what was reported, or the issues. Of a plan that part is left out which is
 * the same in every case: what came with the usual envelope, and the mapping's version, which changes with every letter
 * of the map. A plan without it fails its check, and a plan with another one shows it.
 */
export function goldenOf(runs: readonly Runnable[]): unknown {
  const all = runs.map(({ run }) => golden(run()));
  return all.length === 1 ? all[0] : { results: all };
}

function golden(ran: Ran): unknown {
  if (!ran.ok) {
    return { issues: ran.issues.map(({ code, expression, message }) => ({ code, expression, message })) };
  }
  const reports = ran.reports.map(({ kind, message }) => ({ kind, message }));
  const output = asObject(ran.output);
  const plain = output?.mappingVersion === undefined ? ran.output : without({ ...output, mappingVersion: '' }, usual);
  return { output: plain, ...(reports.length === 0 ? {} : { reports }) };
}

/** What every plan made with `envelope` has. */
const usual: Json = {
  planId: envelope.planId,
  schemaVersion: planSchemaVersion,
  mappingVersion: '',
  ruleSetVersion: envelope.ruleSetVersion,
  status: 'received',
  source: envelope.source,
  reporting: envelope.reporting,
  screening: { completeness: 'absent', checkedAt: now, findings: [] },
  progress: { delivered: 0, notDone: 0 },
};

/** `value` without the members that are the same in `other`. */
function without(value: Json, other: Json): Json {
  const kept = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const same = other[key];
    if (same === undefined) return [[key, member]];
    if (areAlike(member, same)) return [];
    const [inner, known] = [asObject(member), asObject(same)];
    return [[key, inner === undefined || known === undefined ? member : without(inner, known)]];
  });
  return Object.fromEntries(kept);
}
