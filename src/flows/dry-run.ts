import { type Issue, isFault, worstFirst } from '../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../core/fhir/json.ts';
import type { TreatmentPlan } from '../core/plan/treatment-plan.ts';
import type { Locate, Validator } from '../core/validate/validator.ts';
import { type BeforeStore, ordersBefore } from './follow-order.ts';
import { type Drafting, draftPlan } from './plan.ts';
import { checkReferral, type GoodReferral, type ReferralSender } from './read-referral.ts';
import { newReferral, type ReceiveWorld } from './receive.ts';
import type { PlanRecord, Referral } from './records.ts';
import type { Store } from './store.ts';
import { toldBefore } from './told-before.ts';

/** What a referral would become: the same steps as the worker's, with nothing kept. */
export interface DraftTold {
  /** Absent when no plan can be made of it. */
  readonly plan?: TreatmentPlan;
  /** The Task that would answer it. */
  readonly task?: unknown;
  readonly issues: readonly Issue[];
}

export interface DryRunWorld extends Pick<ReceiveWorld, 'validator' | 'hash' | 'newId' | 'now'> {
  readonly drafting: Drafting;
  readonly store: BeforeStore & Pick<Store, 'planOfReferral'>;
  readonly makeTask: (record: PlanRecord, referral: Referral) => unknown;
}

/** unreadable: the text is no JSON, or neither a ServiceRequest nor Parameters with one. */
export type DryRun =
  | { readonly kind: 'unreadable'; readonly issues: readonly Issue[] }
  | { readonly kind: 'checked'; readonly conforms: boolean; readonly draft: DraftTold };

/**
 * Tell what would happen to a referral, and keep nothing: all issues, warnings included, and the plan and answer that
 * would result.
 *
 * @param text A ServiceRequest, or Parameters with it as `resource`.
 * @see https://hl7.org/fhir/R4/resource-operation-validate.html
 */
export async function dryRun(world: DryRunWorld, sender: ReferralSender, text: string): Promise<DryRun> {
  const parsed = parseJson(text, strangerLimits);
  if (!parsed.ok) return { kind: 'unreadable', issues: parsed.issues };
  const { resource, prefix } = subject(parsed.value);
  const locate: Locate = (expression) =>
    parsed.locate(prefix === '' ? expression : `${prefix}${expression.replace(/^[A-Z]\w*/, '')}`);
  const read = checkReferral(world.validator, sender, resource, locate);
  if (!read.ok && read.issues.some((issue) => issue.code === 'wrong-resource-type')) {
    return { kind: 'unreadable', issues: read.issues };
  }
  const told = [...read.issues, ...warnings(world.validator, sender, resource, locate), ...parsed.issues];
  if (!read.ok) return { kind: 'checked', conforms: false, draft: { issues: worstFirst(told) } };
  const draft = await draftOf(world, sender, text, read);
  return { kind: 'checked', conforms: true, draft: { ...draft, issues: worstFirst([...told, ...draft.issues]) } };
}

/** Ids are made for the draft only. */
async function draftOf(
  world: DryRunWorld,
  sender: ReferralSender,
  text: string,
  read: GoodReferral,
): Promise<DraftTold> {
  const incoming = { sender, bytes: new Uint8Array(), text, correlationId: null };
  // The bytes do not come this far; the text has the same hash.
  const referral = { ...newReferral(world, incoming, read), bytesHash: world.hash(text) };
  const before = await ordersBefore(world.store, referral, sender.baseUrl);
  const told = await toldBefore(world.store, referral, before, sender.baseUrl);
  const draft = draftPlan(world.drafting, told.referral, world.newId(), told.decided);
  if (!draft.ok) return { issues: draft.issues };
  const { plan, decision, reports } = draft;
  const { partner, id: referralId, receivedAt: createdAt, updatedAt } = referral;
  const { reasons, questions } = decision;
  const record = { plan, referralId, partner, version: 1, reasons, questions, createdAt, updatedAt };
  return { plan, task: world.makeTask(record, referral), issues: reports.map(reported) };
}

/** What the mapping did not take over, or only in part, in the words of its author. */
function reported(message: string): Issue {
  return {
    severity: 'information',
    code: 'mapping-report',
    type: 'informational',
    expression: 'ServiceRequest',
    message,
  };
}

/** A referral that conforms is accepted without looking for remarks; the dry run looks. */
function warnings(validator: Validator, sender: ReferralSender, resource: unknown, locate: Locate): Issue[] {
  if (!validator.accepts(resource, [sender.profile])) return [];
  return validator.validate(resource, { profiles: [sender.profile], locate }).filter((issue) => !isFault(issue));
}

function subject(value: unknown): { readonly resource: unknown; readonly prefix: string } {
  const parameters = value as { resourceType?: unknown; parameter?: unknown } | null;
  if (parameters?.resourceType !== 'Parameters' || !Array.isArray(parameters.parameter)) {
    return { resource: value, prefix: '' };
  }
  const at = parameters.parameter.findIndex((one: { name?: unknown } | null) => one?.name === 'resource');
  return { resource: parameters.parameter[at]?.resource, prefix: `Parameters.parameter[${at}].resource` };
}
