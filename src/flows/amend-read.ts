import { changeableStatuses, wishOf } from '../core/answer/order-status.ts';
import { withoutTemporaryNames } from '../core/fhir/bundle-references.ts';
import { canonicalContent } from '../core/fhir/canonical-content.ts';
import type { FullIdentifier } from '../core/fhir/identifiers.ts';
import { type Issue, worstFirst } from '../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../core/fhir/json.ts';
import { asInBundle } from '../core/fhir/self-contained.ts';
import { layersBelow } from '../core/plan/order-layers.ts';
import type { Locate, Validator } from '../core/validate/validator.ts';
import {
  checkReferral,
  type GoodReferral,
  type ReadReferral,
  type ReferralSender,
  withoutProfiles,
} from './read-referral.ts';
import { newReferral, type ReceiveWorld } from './receive.ts';
import type { NewReferral, Referral } from './records.ts';
import { isOtherPatient, otherNumber, otherPatient } from './same-patient.ts';

/** One changed ServiceRequest as it came. */
export interface IncomingAmendment {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  /** `bytes` as text; not read where `resource` is given. */
  readonly text: string;
  /** The ServiceRequest, where it came inside of something else (a transaction, a message). */
  readonly resource?: unknown;
  /** The Bundle it came in; without it the one of before stays. */
  readonly context?: unknown;
  readonly correlationId: string | null;
  /** Ours, from the address; absent: the order is found by the hospital's number. */
  readonly id?: string;
  /** Part of the Bundle was read at the hospital: the same bytes may bring something else. */
  readonly isRead?: boolean;
  /** The order is here with another content, which stays; only what came beside it is taken. */
  readonly recordsOnly?: boolean;
  /** Versions of If-Match; `any` for `*`, and for ways in that have no such header. */
  readonly expected: readonly number[] | 'any';
}

/** A changed order that was checked. */
export interface ReadAmendment {
  readonly ok: true;
  readonly placer: FullIdentifier;
  readonly issues: readonly Issue[];
  /** Why it is no change of this order: its number or its patient is another. */
  readonly differsFrom: (existing: Referral) => Issue | undefined;
  readonly asVersion: (world: RecordWorld, existing: Referral) => NewReferral;
  readonly asNew: (world: RecordWorld) => NewReferral;
}

type RecordWorld = Pick<ReceiveWorld, 'hash' | 'newId' | 'now'>;
type Json = Readonly<Record<string, unknown>>;
type Reading = ReadAmendment | { readonly ok: false; readonly status: 400 | 422; readonly issues: readonly Issue[] };

const base = 'http://hl7.org/fhir/StructureDefinition/ServiceRequest';

/**
 * Read and check a changed order. One that is active must be what a new one must be; one that is put on hold or withdrawn
 * is held to R4 alone, since our profiles describe orders that want treatment.
 *
 * @param addressed The order under the address, for PUT: the body must have its id.
 */
export function readAmendment(
  validator: Validator,
  incoming: IncomingAmendment,
  addressed: Referral | undefined,
): Reading {
  const parsed =
    incoming.resource === undefined
      ? parseJson(incoming.text, strangerLimits)
      : { ok: true as const, value: incoming.resource };
  if (!parsed.ok) return { ok: false, status: 400, issues: parsed.issues };
  const locate = 'locate' in parsed ? parsed.locate : undefined;
  const warnings = 'issues' in parsed ? parsed.issues : [];
  const resource = addressed === undefined ? parsed.value : asOfHospital(parsed.value, addressed);
  const checked = check(validator, incoming.sender, resource, locate);
  const wrongId = addressed === undefined ? [] : idIssues(parsed.value, addressed, locate);
  if (wrongId.length > 0 || !checked.ok) {
    const status = wrongId.length > 0 || checked.ok ? 400 : checked.status;
    return { ok: false, status, issues: worstFirst([...wrongId, ...checked.issues, ...warnings]) };
  }
  const read = { ...checked, issues: worstFirst([...checked.issues, ...warnings]) };
  return {
    ok: true,
    placer: read.placer,
    issues: read.issues,
    differsFrom: (existing) => differs(incoming, existing, read.resource, read.placer),
    asNew: (world) => ({ ...newReferral(world, incoming, read), context: incoming.context ?? null }),
    asVersion: (world, existing) => nextVersion(world, incoming, read, existing),
  };
}

/**
 * The order as it will be kept. What the hospital told beside earlier versions stays known: a contraindication does not go
 * away by not being repeated. A version that comes alone (PUT) names what came in the Bundle before.
 */
function nextVersion(
  world: RecordWorld,
  incoming: IncomingAmendment,
  read: GoodReferral,
  existing: Referral,
): NewReferral {
  const context = incoming.context ?? existing.context;
  const earlier = layersBelow(existing);
  return {
    ...newReferral(world, incoming, read),
    id: existing.id,
    version: existing.version + 1,
    context,
    ...(earlier.length === 0 ? {} : { earlier }),
    contentHash: world.hash(canonicalContent(withoutTemporaryNames(read.resource, context))),
    receivedAt: existing.receivedAt,
    correlationId: incoming.correlationId ?? existing.correlationId,
  };
}

function check(
  validator: Validator,
  sender: ReferralSender,
  resource: unknown,
  locate: Locate | undefined,
): ReadReferral {
  const wish = isObject(resource) ? wishOf(resource) : undefined;
  if (wish === 'proceed') return checkReferral(validator, sender, resource, locate);
  const plain = isObject(resource) ? withoutProfiles(resource) : resource;
  const checked = checkReferral(validator, { ...sender, profile: base }, plain, locate);
  if (!checked.ok || !isObject(resource)) return checked;
  if (wish !== undefined) return { ...checked, resource };
  const expression = 'ServiceRequest.status';
  const message = `ServiceRequest.status is no status that a change of an order can have here; it can have ${changeableStatuses.join(', ')}.`;
  const issue: Issue = { severity: 'error', code: 'order-status', type: 'business-rule', expression, message };
  return { ok: false, status: 422, issues: [{ ...issue, ...locate?.(expression) }] };
}

/** Under the hospital's own id, and without what we put into what was read here: meta, and what came in the Bundle. */
function asOfHospital(value: unknown, { resource, context, version, updatedAt }: Referral): unknown {
  if (!isObject(value)) return value;
  const { id: _, meta, ...rest } = asInBundle(value, resource, context);
  const known = resource.id === undefined ? {} : { id: resource.id };
  if (!isObject(meta)) return { ...rest, ...known, ...(meta === undefined ? {} : { meta }) };
  const { versionId, lastUpdated, ...kept } = meta;
  const isOurs = versionId === String(version) && lastUpdated === updatedAt;
  const told = isOurs ? kept : meta;
  return { ...rest, ...known, ...(Object.keys(told).length === 0 ? {} : { meta: told }) };
}

/** https://hl7.org/fhir/R4/http.html#update: the id must be there and be that of the address. */
function idIssues(value: unknown, { id }: Referral, locate: Locate | undefined): Issue[] {
  if (!isObject(value) || value.id === id) return [];
  const expression = 'ServiceRequest.id';
  const message = `ServiceRequest.id ${value.id === undefined ? 'is missing' : 'differs from the address'}; it must be ${id}, as in the address.`;
  return [{ severity: 'error', code: 'id-differs', type: 'invalid', expression, message, ...locate?.(expression) }];
}

function differs(
  { sender, context }: IncomingAmendment,
  existing: Referral,
  resource: Json,
  placer: FullIdentifier,
): Issue | undefined {
  if (placer.system !== existing.placer.system || placer.value !== existing.placer.value) {
    const message = `The number of ServiceRequest/${existing.id} cannot be changed; send a new order under the new number.`;
    return issue('placer-differs', 'ServiceRequest.identifier', message);
  }
  if (isOtherPatient(sender.baseUrl, existing.resource.subject, resource.subject)) {
    const message = `The patient of ServiceRequest/${existing.id} cannot be changed; withdraw it (status entered-in-error) and send a new order.`;
    return issue('subject-differs', 'ServiceRequest.subject', message);
  }
  const order = { version: existing.version + 1, resource, context: context ?? null };
  const [before, after] = otherNumber(existing, order) ?? [];
  if (before === undefined || after === undefined) return undefined;
  return otherPatient(existing, before, after);
}

function issue(code: string, expression: string, message: string): Issue {
  return { severity: 'error', code, type: 'business-rule', expression, message };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
