import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Issue, IssueType } from '../fhir/issue.ts';
import { type Session, SessionSchema } from './session.ts';
import { type TreatmentPlan, TreatmentPlanSchema } from './treatment-plan.ts';

/**
 * Whether a value has the shape of a plan or a session: all faults at once, each with its path. Rules between fields
 * are in session-rules.ts.
 */
const ajv = new Ajv({ allErrors: true, verbose: true, strictTypes: false });

/** @returns Faults, empty when `value` is a TreatmentPlan. Paths start with `TreatmentPlan`. */
export const checkTreatmentPlan = checker('TreatmentPlan', TreatmentPlanSchema, planSays);

/** @returns Faults, empty when `value` is a Session. Paths start with `Session`. */
export const checkSession = checker('Session', SessionSchema);

/** Narrows by the same schema; use `checkTreatmentPlan` where the faults matter. */
export function isTreatmentPlan(value: unknown): value is TreatmentPlan {
  return checkTreatmentPlan(value).length === 0;
}

/** Narrows by the same schema; use `checkSession` where the faults matter. */
export function isSession(value: unknown): value is Session {
  return checkSession(value).length === 0;
}

/**
 * A check from a schema, compiled on first use.
 *
 * @param root What paths start with, for example `Session`.
 * @param more Rules of a well-shaped value that JSON Schema cannot say.
 */
export function checker(
  root: string,
  schema: TSchema,
  more?: (value: unknown) => Issue[],
): (value: unknown) => Issue[] {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    compiled ??= ajv.compile(schema);
    if (compiled(value)) return more?.(value) ?? [];
    return (compiled.errors ?? []).map((error) => toIssue(root, error));
  };
}

/** What a plan must say in one of several ways, because hospitals say it in several ways. */
function planSays(value: unknown): Issue[] {
  const plan = value as TreatmentPlan;
  const issues: Issue[] = [];
  const { patient, prescriber, service } = plan;
  if (patient.reference === undefined && patient.identifiers.length === 0) {
    issues.push(missing('TreatmentPlan.patient', 'The patient has neither a reference nor an identifier.'));
  }
  if (prescriber.reference === undefined && prescriber.identifiers.length === 0 && prescriber.name === undefined) {
    issues.push(missing('TreatmentPlan.prescriber', 'The prescriber has no reference, no identifier and no name.'));
  }
  if (service.codings.length === 0 && service.text === undefined) {
    issues.push(missing('TreatmentPlan.service', 'The service has neither a code nor a text.'));
  }
  plan.indications.forEach((indication, index) => {
    const { codings, text, conditionRef } = indication;
    if (codings.length > 0 || text !== undefined || conditionRef !== undefined) return;
    issues.push(missing(`TreatmentPlan.indications[${index}]`, 'An indication has no code, no text and no reference.'));
  });
  return issues;
}

function missing(expression: string, message: string): Issue {
  return { severity: 'error', code: 'cardinality-min', type: 'required', expression, message };
}

function toIssue(root: string, error: ErrorObject): Issue {
  const { code, type, child, sentence } = tell(error);
  const expression = root + fhirPath(error.instancePath) + (child === undefined ? '' : `.${child}`);
  return { severity: 'error', code, type, expression, message: `${expression} ${sentence}.` };
}

interface Told {
  readonly code: string;
  readonly type: IssueType;
  /** The element below the place of the error that is meant. */
  readonly child?: string;
  readonly sentence: string;
}

/** Numbers and limits are told; texts that were sent are not, because they may speak of a patient. */
function tell(error: ErrorObject): Told {
  const limits: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'required':
      return {
        code: 'cardinality-min',
        type: 'required',
        child: String(limits.missingProperty),
        sentence: 'is missing',
      };
    case 'additionalProperties': {
      const child = String(limits.additionalProperty);
      return { code: 'unknown-element', type: 'structure', child, sentence: 'is not an element that we know' };
    }
    case 'enum':
      return { code: 'unknown-code', type: 'code-invalid', sentence: `must be one of ${list(limits.allowedValues)}` };
    case 'const':
      return { code: 'unknown-code', type: 'code-invalid', sentence: `must be ${String(limits.allowedValue)}` };
    case 'type':
      return {
        code: 'wrong-type',
        type: 'structure',
        sentence: `is ${kind(error.data)}; it must be of type ${String(limits.type)}`,
      };
    case 'minimum':
      return {
        code: 'out-of-range',
        type: 'value',
        sentence: `is ${String(error.data)}; at least ${String(limits.limit)} is allowed`,
      };
    case 'maximum':
      return {
        code: 'out-of-range',
        type: 'value',
        sentence: `is ${String(error.data)}; at most ${String(limits.limit)} is allowed`,
      };
    case 'minItems':
      return {
        code: 'cardinality-min',
        type: 'required',
        sentence: `has too few entries; at least ${String(limits.limit)} is needed`,
      };
    case 'minLength':
      return { code: 'wrong-format', type: 'value', sentence: 'is an empty text' };
    case 'pattern':
      return { code: 'wrong-format', type: 'value', sentence: `must be ${describe(error.parentSchema)}` };
    default:
      return { code: 'wrong-format', type: 'value', sentence: error.message ?? 'is not valid' };
  }
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values);
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}

function describe(schema: unknown): string {
  const described = schema as { readonly description?: string; readonly pattern?: string } | undefined;
  return described?.description ?? `of the form ${described?.pattern ?? 'that the schema says'}`;
}

/** `/treatments/0/pressure` to `.treatments[0].pressure`. */
function fhirPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step.replaceAll('~1', '/').replaceAll('~0', '~')}`))
    .join('');
}
