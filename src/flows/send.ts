import type { Bundle, BundleEntry, MessageHeader, Resource } from '@medplum/fhirtypes';
import { deliveryIssue, fromLocation, judge, readTransactionResponse } from '../core/delivery/answer.ts';
import type { Issue } from '../core/fhir/issue.ts';
import type { CallEhr, EhrResponse } from './ehr.ts';
import type { DeliveredResource } from './records.ts';

/** How one attempt to send ended, before it is written down. */
export type Sent =
  | { readonly kind: 'taken'; readonly proof: readonly DeliveredResource[] }
  | { readonly kind: 'again'; readonly issues: readonly Issue[]; readonly retryAfterSeconds?: number }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] };

export interface Sending {
  readonly partner: string;
  /**
   * `transaction`: all or nothing. `conditional-create`: one resource after another, in the Bundle's order. `message`:
   * the Bundle is a message.
   */
  readonly how: 'transaction' | 'conditional-create' | 'message';
  readonly bundle: Bundle;
  /** From the second attempt on, a resource may be there already. */
  readonly attempts: number;
  readonly correlationId?: string;
}

/**
 * Send the resources of a transaction Bundle to a hospital, once or again: every entry is conditional on our identifier,
 * so a repeat finds what is there (promise 2).
 *
 * @param now Milliseconds since 1970, UTC.
 */
export function sendBundle(sending: Sending, call: CallEhr, now: number): Promise<Sent> {
  if (sending.how === 'message') return sendMessage(sending, call, now);
  return sending.how === 'transaction' ? sendTransaction(sending, call, now) : sendOneByOne(sending, call, now);
}

/** The receiver knows a message that comes again by its MessageHeader.id (https://hl7.org/fhir/R4/messaging.html). */
async function sendMessage(sending: Sending, call: CallEhr, now: number): Promise<Sent> {
  const request = { partner: sending.partner, method: 'POST', path: '$process-message', body: sending.bundle } as const;
  const heard = await call({ ...request, ...traced(sending) });
  const verdict = judge(heard, now);
  if (verdict.kind !== 'taken') return notTaken(verdict);
  const answer = messageHeader(heard.kind === 'answered' ? heard.body : undefined);
  const code = answer?.response?.code;
  if (code === 'transient-error' || code === 'fatal-error') {
    const issue = deliveryIssue('hospital-refused', 'processing', `The hospital answered the message with ${code}.`);
    return code === 'fatal-error' ? { kind: 'refused', issues: [issue] } : { kind: 'again', issues: [issue] };
  }
  const status = heard.kind === 'answered' ? heard.status : 0;
  const identifier = messageHeader(sending.bundle)?.id ?? '';
  return { kind: 'taken', proof: [{ type: 'MessageHeader', id: answer?.id ?? '', status, identifier }] };
}

function messageHeader(body: unknown): MessageHeader | undefined {
  const first = (body as Bundle | undefined)?.entry?.[0]?.resource;
  return first?.resourceType === 'MessageHeader' ? first : undefined;
}

async function sendTransaction(sending: Sending, call: CallEhr, now: number): Promise<Sent> {
  const entries = sending.bundle.entry ?? [];
  const heard = await call({
    partner: sending.partner,
    method: 'POST',
    path: '',
    body: sending.bundle,
    ...traced(sending),
  });
  const verdict = judge(heard, now);
  if (verdict.kind !== 'taken') return notTaken(verdict);
  const responses = readTransactionResponse(heard.kind === 'answered' ? heard.body : undefined, entries.length);
  if (responses === undefined) {
    // It said yes, but not to what we sent. The repeat is harmless and tells whether it was kept.
    const message = `The hospital's answer is no transaction-response with ${entries.length} entries.`;
    return { kind: 'again', issues: [deliveryIssue('hospital-unclear', 'transient', message)] };
  }
  const failed = responses.findIndex(({ status }) => status < 200 || status >= 300);
  if (failed >= 0) {
    const message = `The hospital took the transaction but says HTTP ${responses[failed]?.status} to entry ${failed}.`;
    return { kind: 'refused', issues: [deliveryIssue('hospital-refused', 'processing', message)] };
  }
  return {
    kind: 'taken',
    proof: responses.map(({ status, type, id }, index) => ({
      type: type || (entries[index]?.resource?.resourceType ?? ''),
      id,
      status,
      identifier: identifierOf(entries[index]?.resource),
    })),
  };
}

/**
 * One resource after another. References to earlier entries (urn:uuid) become what the hospital called them. When one
 * fails, the ones before it stay: the next attempt finds them by their identifiers.
 */
async function sendOneByOne(sending: Sending, call: CallEhr, now: number): Promise<Sent> {
  const names = new Map<string, string>();
  const proof: DeliveredResource[] = [];
  for (const entry of sending.bundle.entry ?? []) {
    const resource = renamed(entry.resource, names);
    if (resource === undefined) continue;
    const sent = await sendOne(sending, { ...entry, resource }, call, now);
    if (sent.kind !== 'taken') return sent;
    proof.push(...sent.proof);
    const [kept] = sent.proof;
    if (entry.fullUrl !== undefined && kept !== undefined) names.set(entry.fullUrl, `${kept.type}/${kept.id}`);
  }
  return { kind: 'taken', proof };
}

async function sendOne(sending: Sending, entry: BundleEntry, call: CallEhr, now: number): Promise<Sent> {
  const { resource } = entry;
  if (resource === undefined) return { kind: 'taken', proof: [] };
  const isUpdate = entry.request?.method === 'PUT';
  const condition = entry.request?.ifNoneExist ?? entry.request?.url?.split('?')[1];
  // A hospital that ignores If-None-Exist would make a second one on a repeat: so a repeat, and every update, looks first.
  const existing = isUpdate || sending.attempts > 1 ? await find(sending, resource, condition, call, now) : undefined;
  if (existing !== undefined && existing.kind !== 'found') return existing;
  const id = existing?.id;
  if (id !== undefined && !isUpdate) return taken(resource, id, 200);
  const heard = await call({
    partner: sending.partner,
    method: id === undefined ? 'POST' : 'PUT',
    path: id === undefined ? resource.resourceType : `${resource.resourceType}/${id}`,
    body: id === undefined ? resource : { ...resource, id },
    ...(id === undefined && condition !== undefined ? { ifNoneExist: condition } : {}),
    ...traced(sending),
  });
  const verdict = judge(heard, now);
  if (verdict.kind !== 'taken') return notTaken(verdict);
  return confirmed(resource, heard, id);
}

type Found = { readonly kind: 'found'; readonly id: string | undefined };

async function find(
  sending: Sending,
  resource: Resource,
  condition: string | undefined,
  call: CallEhr,
  now: number,
): Promise<Found | Exclude<Sent, { kind: 'taken' }>> {
  if (condition === undefined) return { kind: 'found', id: undefined };
  const path = `${resource.resourceType}?${condition}`;
  const heard = await call({ partner: sending.partner, method: 'GET', path, ...traced(sending) });
  const verdict = judge(heard, now);
  if (verdict.kind !== 'taken') return notTaken(verdict);
  const matches = ((heard.kind === 'answered' ? heard.body : undefined) as Bundle | undefined)?.entry ?? [];
  if (matches.length > 1) {
    const message = `The hospital holds ${matches.length} ${resource.resourceType} resources with our identifier.`;
    return { kind: 'refused', issues: [deliveryIssue('hospital-has-duplicates', 'duplicate', message)] };
  }
  return { kind: 'found', id: matches[0]?.resource?.id };
}

function confirmed(resource: Resource, heard: EhrResponse, knownId: string | undefined): Sent {
  if (heard.kind !== 'answered') return notTaken({ kind: 'again', issue: unnamed(resource) });
  const body = heard.body as Resource | undefined;
  const id = knownId ?? fromLocation(heard.headers.location)?.[1] ?? body?.id;
  return id === undefined ? { kind: 'again', issues: [unnamed(resource)] } : taken(resource, id, heard.status);
}

function unnamed(resource: Resource): Issue {
  const message = `The hospital took the ${resource.resourceType} but names it neither in Location nor in its body.`;
  return deliveryIssue('hospital-unclear', 'transient', message);
}

function taken(resource: Resource, id: string, status: number): Sent {
  return { kind: 'taken', proof: [{ type: resource.resourceType, id, status, identifier: identifierOf(resource) }] };
}

/** How an attempt ends whose answer is no yes. */
export function notTaken(
  verdict: Exclude<ReturnType<typeof judge>, { kind: 'taken' }>,
): Exclude<Sent, { kind: 'taken' }> {
  if (verdict.kind === 'refused') return verdict;
  const { retryAfterSeconds } = verdict;
  return {
    kind: 'again',
    issues: [verdict.issue],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

function traced(sending: Sending): { readonly correlationId?: string } {
  return sending.correlationId === undefined ? {} : { correlationId: sending.correlationId };
}

/** The first identifier's value: ours stands first in all that we make. */
function identifierOf(resource: Resource | undefined): string {
  const { identifier } = (resource ?? {}) as { readonly identifier?: readonly { readonly value?: string }[] };
  return identifier?.[0]?.value ?? '';
}

/** The resource with references to earlier entries of the Bundle replaced by the hospital's own. */
function renamed(resource: Resource | undefined, names: ReadonlyMap<string, string>): Resource | undefined {
  if (resource === undefined || names.size === 0) return resource;
  return JSON.parse(JSON.stringify(resource), (key, value) =>
    key === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : value,
  ) as Resource;
}
