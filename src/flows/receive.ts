import { compareVersions } from '../core/fhir/author-version.ts';
import { withoutTemporaryNames } from '../core/fhir/bundle-references.ts';
import { canonicalContent, differingPaths } from '../core/fhir/canonical-content.ts';
import type { FullIdentifier } from '../core/fhir/identifiers.ts';
import type { Issue } from '../core/fhir/issue.ts';
import type { Validator } from '../core/validate/validator.ts';
import { type BeforeStore, namedBefore, unknownBefore } from './follow-order.ts';
import { isOvertaken, newestVersions } from './older.ts';
import { type GoodReferral, type ReferralSender, readReferral } from './read-referral.ts';
import type { NewReferral, Referral } from './records.ts';
import type { Store, Writes } from './store.ts';

/** What receiving needs of the world. */
export interface ReceiveWorld {
  readonly store: BeforeStore & Pick<Store, 'commit' | 'referralVersion'>;
  readonly validator: Validator;
  /** Why no plan can be made of a referral; empty when one can. Nothing is accepted that could not become a plan. */
  readonly planFaults: (referral: Referral) => readonly Issue[];
  /** SHA-256 as hex. */
  readonly hash: (data: string | Uint8Array) => string;
  readonly newId: () => string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly now: () => string;
}

/** One ServiceRequest as it came. */
export interface IncomingReferral {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  /** `bytes` as text; that they are UTF-8 has been checked. */
  readonly text: string;
  readonly correlationId: string | null;
  /** If-None-Exist: when the sender's referral with this number is here, nothing is done. */
  readonly ifNoneExist?: FullIdentifier;
}

/**
 * created, existing: it is here (promise 1: only said after the commit). conflict: another content is here under its
 * number. refused: 400 it is not valid R4; 422 it breaks our profile or a rule.
 */
export type Received =
  | { readonly kind: 'created' | 'existing'; readonly referral: Referral; readonly issues: readonly Issue[] }
  | { readonly kind: 'conflict'; readonly issues: readonly Issue[] }
  | { readonly kind: 'refused'; readonly status: 400 | 422; readonly issues: readonly Issue[] };

/** ServiceRequest.priority to the queue's order, lower first; https://hl7.org/fhir/R4/valueset-request-priority.html */
const queuePriorities: Readonly<Record<string, number>> = { stat: 0, asap: 2, urgent: 5 };
const ordinaryPriority = 10;

/**
 * Take in a referral: read it, check it, and keep it with its proof, its history and the work that it causes, in one
 * commit. The same partner, placer number and content again is the existing one; other content is a conflict that names
 * what differs.
 */
export async function receiveReferral(world: ReceiveWorld, incoming: IncomingReferral): Promise<Received> {
  const { sender, ifNoneExist } = incoming;
  const read = readReferral(world.validator, sender, incoming.text);
  if (!read.ok) return { kind: 'refused', status: read.status, issues: read.issues };
  if (ifNoneExist !== undefined) {
    const existing = await world.store.referralByPlacer(sender.id, ifNoneExist);
    if (existing !== undefined) return { kind: 'existing', referral: existing, issues: [] };
  }
  const record = newReferral(world, incoming, read);
  const planFaults = world.planFaults(record);
  if (planFaults.length > 0) return { kind: 'refused', status: 422, issues: [...planFaults, ...read.issues] };
  const result = await world.store.commit(firstWrites(record, sender.id));
  if (result.kind === 'done') {
    const named = await namedBefore(world.store, record, sender.baseUrl);
    return { kind: 'created', referral: record, issues: [...read.issues, ...unknownBefore(named)] };
  }
  return comeAgain(world, record, read.issues);
}

/** A referral with its history and the work that it causes. */
export function firstWrites(record: NewReferral, by: string): Writes {
  const { id, receivedAt, bytesHash, correlationId } = record;
  const priority = queuePriorities[String(record.resource.priority)] ?? ordinaryPriority;
  const detail = { version: 1, bytesHash, correlationId };
  return {
    referral: { record, expect: 0 },
    history: [{ at: receivedAt, about: 'referral', id, event: 'received', by, detail }],
    outbox: [{ queue: 'intake', subject: id, dueAt: receivedAt, priority }],
  };
}

/** The referral as it will be kept, with its proof; `context` is the Bundle that it came in. */
export function newReferral(
  world: Pick<ReceiveWorld, 'hash' | 'newId' | 'now'>,
  incoming: Pick<IncomingReferral, 'sender' | 'bytes' | 'correlationId'> & { readonly context?: unknown },
  read: GoodReferral,
): NewReferral {
  const now = world.now();
  const { context = null } = incoming;
  return {
    id: world.newId(),
    partner: incoming.sender.id,
    placer: read.placer,
    version: 1,
    resource: read.resource,
    context,
    bytes: incoming.bytes,
    bytesHash: world.hash(incoming.bytes),
    contentHash: world.hash(canonicalContent(withoutTemporaryNames(read.resource, context))),
    receivedAt: now,
    updatedAt: now,
    correlationId: incoming.correlationId,
  };
}

/** What is here under the number of a referral that comes. */
export type Standing =
  | { readonly kind: 'existing'; readonly referral: Referral; readonly issues: readonly Issue[] }
  | { readonly kind: 'conflict'; readonly issues: readonly Issue[] };

/** Its number is taken: by the same referral, by an older state of it, or by another one. */
export async function comeAgain(
  world: Pick<ReceiveWorld, 'store'>,
  record: NewReferral,
  issues: readonly Issue[],
): Promise<Standing> {
  const existing = await world.store.referralByPlacer(record.partner, record.placer);
  if (existing === undefined) throw new Error(`Referral ${record.id} conflicts with one that cannot be read.`);
  const versions = await newestVersions(world.store, existing);
  // A content that was here before, or that the hospital itself replaced since, is no news: what is newer stays.
  if (
    versions.some(({ contentHash }) => contentHash === record.contentHash) ||
    isOvertaken(record.resource, versions, compareVersions)
  ) {
    return { kind: 'existing', referral: existing, issues };
  }
  return { kind: 'conflict', issues: conflictIssues(existing, record) };
}

/** What differs, element by element, between what is here and what came under the same number. */
export function conflictIssues(existing: Referral, record: Referral): Issue[] {
  const plain = ({ resource, context }: Referral) => withoutTemporaryNames(resource, context);
  const known = `ServiceRequest/${existing.id}, version ${existing.version}`;
  const todo = 'send the same content, or another order under its own identifier';
  return differingPaths(plain(existing), plain(record)).map((expression) => ({
    severity: 'error',
    code: 'referral-conflict',
    type: 'conflict',
    expression,
    message: `${expression} differs from ${known}, which has the same identifier; ${todo}.`,
  }));
}
