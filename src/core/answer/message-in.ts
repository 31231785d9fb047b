import { byFullUrl } from '../fhir/bundle-references.ts';
import type { Issue, IssueType } from '../fhir/issue.ts';
import { bundleEntryLimit } from '../fhir/transaction.ts';
import { type Json, object, objects, text } from '../plan/screening/json.ts';
import { eventName, type MessagePurpose, messageEvents } from './message-events.ts';

/** A message as far as it decides what happens. */
export interface InboundMessage {
  /** Of the MessageHeader: the id, or the UUID of its fullUrl. */
  readonly id: string;
  readonly purpose: Exclude<MessagePurpose, 'by-reason'>;
  /** Where an answer would go, as the sender names itself. */
  readonly replyTo: string | undefined;
  /** Entries with the orders that it is about; other ServiceRequests are prior orders. */
  readonly orders: readonly number[];
  readonly prior: readonly number[];
  /** Entries with Tasks in focus: their facts must not contradict each other. */
  readonly tasks: readonly number[];
}

export type ReadMessage =
  | { readonly ok: true; readonly message: InboundMessage }
  | { readonly ok: false; readonly status: 400 | 413 | 422; readonly issues: readonly Issue[] };

/**
 * Read what a message is for and which orders it is about: those in focus, directly, through a Task (BSeR), or through a
 * Claim (MyCareNet); else the only one that it carries.
 *
 * @see https://hl7.org/fhir/R4/messaging.html
 */
export function readMessage(bundle: unknown): ReadMessage {
  const found = object(bundle);
  if (found?.resourceType !== 'Bundle') return refused(400, 'wrong-resource-type', 'structure', '', noBundle);
  if (found.type !== 'message') return refused(422, 'bundle-type', 'not-supported', 'Bundle.type', noMessage);
  const entries = objects(found.entry);
  if (entries.length > bundleEntryLimit) {
    const message = `The Bundle has ${entries.length} entries; at most ${bundleEntryLimit} are taken at once.`;
    return refused(413, 'bundle-too-large', 'too-long', 'Bundle.entry', message);
  }
  const header = object(entries[0]?.resource);
  const place = 'Bundle.entry[0].resource';
  if (header?.resourceType !== 'MessageHeader') return refused(400, 'message-header', 'structure', place, noHeader);
  const id = text(header.id) ?? uuidOf(text(entries[0]?.fullUrl));
  if (id === undefined) return refused(422, 'message-header', 'required', `${place}.id`, noId);
  const purpose = purposeOf(header, bundle);
  if (purpose === undefined)
    return refused(422, 'message-event', 'not-supported', `${place}.event`, unknownEvent(header));
  const { orders, tasks } = inFocus(header, bundle);
  const requests = indexesOf(bundle, 'ServiceRequest');
  const chosen = orders.length === 0 && requests.length === 1 ? requests : orders;
  const prior = requests.filter((index) => !chosen.includes(index));
  const replyTo = text(object(header.source)?.endpoint);
  return { ok: true, message: { id, purpose, replyTo, orders: chosen, prior, tasks } };
}

const noBundle = 'The body is no Bundle; this address takes a Bundle of type message.';
const noMessage = 'Bundle.type must be message at this address; transactions and batches are sent to the base address.';
const noHeader = 'The first entry of a message must be its MessageHeader.';
const noId = 'The MessageHeader needs an id, or a fullUrl that is a urn:uuid, so that its answer can name it.';

function unknownEvent(header: Json): string {
  const coding = object(header.eventCoding);
  const [system, code] = [text(coding?.system) ?? '', text(coding?.code) ?? ''];
  const isName = /^[\w.-]{1,64}$/.test(code) && /^\S{0,200}$/.test(system);
  const named = isName ? `"${eventName({ system, code })}"` : 'not told as a coding';
  return `The event of the message is ${named}, which is not taken here; taken are ${messageEvents.map(eventName).join(', ')}.`;
}

/** A header with a response is an answer, whatever its event is called. */
function purposeOf(header: Json, bundle: unknown): InboundMessage['purpose'] | undefined {
  if (object(header.response) !== undefined) return 'response';
  const coding = object(header.eventCoding);
  const event = messageEvents.find(({ system, code }) => system === coding?.system && code === coding?.code);
  if (event?.purpose !== 'by-reason') return event?.purpose;
  const statuses = inFocus(header, bundle).orders.map((index) => resourceAt(bundle, index)?.status);
  if (statuses.length > 0 && statuses.every((one) => one === 'revoked' || one === 'entered-in-error')) return 'cancel';
  const reasons = objects(object(header.reason)?.coding).map((one) => text(one?.code));
  if (reasons.includes('update')) return 'update';
  return reasons.includes('delete') || reasons.includes('cancel') ? 'cancel' : 'new';
}

function inFocus(header: Json, bundle: unknown): { readonly orders: number[]; readonly tasks: number[] } {
  const orders = new Set<number>();
  const tasks = new Set<number>();
  for (const focus of objects(header.focus)) {
    const index = indexOf(bundle, text(focus?.reference));
    const resource = resourceAt(bundle, index);
    if (resource?.resourceType === 'ServiceRequest') orders.add(index);
    if (resource?.resourceType === 'Task') tasks.add(index);
    // What a Task is about, and the prescription that an agreement is asked for.
    const next = resource?.resourceType === 'Task' ? resource.focus : resource?.referral;
    const through = indexOf(bundle, text(object(next)?.reference));
    if (resourceAt(bundle, through)?.resourceType === 'ServiceRequest') orders.add(through);
  }
  return { orders: [...orders], tasks: [...tasks] };
}

/** By fullUrl, or by type and id; -1 for none. */
function indexOf(bundle: unknown, reference: string | undefined): number {
  if (reference === undefined) return -1;
  const entries = objects(object(bundle)?.entry);
  if (byFullUrl(bundle).has(reference)) return entries.findIndex((entry) => entry?.fullUrl === reference);
  return entries.findIndex((entry) => {
    const resource = object(entry?.resource);
    return resource?.id !== undefined && `${resource.resourceType}/${resource.id}` === reference;
  });
}

function indexesOf(bundle: unknown, type: string): number[] {
  return objects(object(bundle)?.entry).flatMap((entry, index) =>
    object(entry?.resource)?.resourceType === type ? [index] : [],
  );
}

/** The resource of an entry; undefined where there is none. */
export function resourceAt(bundle: unknown, index: number): Json | undefined {
  return object(objects(object(bundle)?.entry)[index]?.resource);
}

/** https://hl7.org/fhir/R4/datatypes.html#uuid */
export function uuidOf(fullUrl: string | undefined): string | undefined {
  return /^urn:uuid:([0-9a-fA-F-]{36})$/.exec(fullUrl ?? '')?.[1];
}

function refused(
  status: 400 | 413 | 422,
  code: string,
  type: IssueType,
  expression: string,
  message: string,
): ReadMessage {
  return { ok: false, status, issues: [{ severity: 'error', code, type, expression, message }] };
}
