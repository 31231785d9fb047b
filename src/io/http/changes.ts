import type { Task } from '@medplum/fhirtypes';
import type { Partner } from '../../core/answer/partner.ts';
import { type Issue, isFault } from '../../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../../core/fhir/json.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import type { Locate } from '../../core/validate/validator.ts';
import type { Amended, IncomingAmendment } from '../../flows/amend.ts';
import type { TaskUpdate } from '../../flows/answer-questions.ts';
import type { Changed } from '../../flows/change-plan.ts';
import type { PlanRecord, Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, fault, notFound, Refusal } from './answer.ts';
import { flowRefusal } from './clinic-plans.ts';
import type { Call } from './door.ts';
import { servedReferral, versionHeaders } from './fhir-resource.ts';
import { versionsToReplace } from './if-match.ts';
import { asSent } from './number-texts.ts';
import { isId } from './request.ts';
import { partnerOf } from './service-request.ts';

type Json = Readonly<Record<string, unknown>>;

/** What changing an order and its Task needs. */
export interface ChangesWorld {
  readonly partners: ReadonlyMap<string, Partner>;
  readonly store: Pick<Store, 'referral' | 'referralText'>;
  /** src/flows/amend.ts */
  readonly amend: (incoming: IncomingAmendment) => Promise<Amended>;
  /** src/flows/answer-questions.ts */
  readonly updateTask: (update: TaskUpdate) => Promise<Changed<PlanRecord>>;
  /** Issues of a resource as R4 alone sees it. */
  readonly checkR4: (resource: Json, locate: Locate) => readonly Issue[];
  readonly taskOf: (partner: Partner, referral: Referral, plan: PlanRecord | undefined) => Task;
}

/** PUT ServiceRequest/{id}, by its placer only. https://hl7.org/fhir/R4/http.html#update */
export async function updateReferral(world: ChangesWorld, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const { id } = call.params;
  if (!isId(id)) throw notFound('ServiceRequest');
  const expected = versionsToReplace(call);
  const { bytes, text } = call.body;
  const correlationId = call.correlationId ?? null;
  const amended = await world.amend({ sender, bytes, text, correlationId, id, expected });
  if (amended.kind === 'unknown') throw notFound('ServiceRequest');
  if (amended.kind === 'refused') throw flowRefusal(amended);
  if (amended.kind === 'older') throw new Refusal(409, [overtaken(amended.referral)]);
  const resource = servedReferral(amended.referral);
  const headers = {
    ...versionHeaders(resource),
    'Content-Location': `${call.base}/ServiceRequest/${id}/_history/${amended.referral.version}`,
    Link: `<${call.base}/Task/${id}>; rel="related"`,
  };
  if (call.prefer.returns === 'minimal') return { status: 200, headers };
  if (call.prefer.returns === 'OperationOutcome') {
    return { status: 200, headers, body: toOperationOutcome(amended.issues) };
  }
  return { status: 200, headers, body: await asSent(world, amended.referral) };
}

/** PUT Task/{id}: the placer answers what is asked, or cancels before work began. */
export async function updateTask(world: ChangesWorld, call: Call): Promise<Answer> {
  const partner = partnerOf(world.partners, call);
  const { id } = call.params;
  const referral = isId(id) ? await world.store.referral(id) : undefined;
  if (referral === undefined || referral.partner !== partner.id) throw notFound('Task');
  const expected = versionsToReplace(call);
  const { task, locate } = readTask(world, call.body.text, referral.id);
  const changed = await world.updateTask({ partner: partner.id, referralId: referral.id, task, expected });
  if (changed.kind === 'unknown') throw notFound('Task');
  if (changed.kind === 'refused') {
    throw flowRefusal({ ...changed, issues: changed.issues.map((one) => ({ ...one, ...locate(one.expression) })) });
  }
  const body = world.taskOf(partner, referral, changed.value);
  const headers = versionHeaders(body);
  return call.prefer.returns === 'minimal' ? { status: 200, headers } : { status: 200, headers, body };
}

function readTask(world: ChangesWorld, text: string, id: string): { readonly task: Json; readonly locate: Locate } {
  const parsed = parseJson(text, strangerLimits);
  if (!parsed.ok) throw new Refusal(400, parsed.issues);
  const { value, locate } = parsed;
  if (!isTask(value)) {
    throw new Refusal(400, [fault('wrong-resource-type', 'structure', 'The body is no Task; this address takes one.')]);
  }
  if (value.id !== id) {
    const message = `Task.id must be ${id}, as in the address.`;
    throw new Refusal(400, [{ ...fault('id-differs', 'invalid', message, 'Task.id'), ...locate('Task.id') }]);
  }
  const issues = world.checkR4(value, locate);
  if (issues.some(isFault)) throw new Refusal(400, issues);
  return { task: value, locate };
}

function overtaken(newest: Referral): Issue {
  const message = `The hospital has written a newer state of this order, which is here as version ${newest.version} of ServiceRequest/${newest.id}; that stays, and nothing was changed.`;
  return fault('referral-overtaken', 'conflict', message, 'ServiceRequest.meta');
}

function isTask(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && (value as Json).resourceType === 'Task';
}
