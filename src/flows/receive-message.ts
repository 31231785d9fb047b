import { type InboundMessage, readMessage, resourceAt } from '../core/answer/message-in.ts';
import { type Issue, type IssueType, isFault } from '../core/fhir/issue.ts';
import type { Locate } from '../core/validate/validator.ts';
import { bundleIssues, placed } from './bundle-issues.ts';
import type { CancelRequest, CancelResult } from './cancel.ts';
import { continuing } from './continue-order.ts';
import { noteResponse } from './note-response.ts';
import { type FocusWorld, numberOf } from './read-focus.ts';
import type { ReferralSender } from './read-referral.ts';
import { receiveTogether, type TogetherWorld } from './receive-bundle.ts';
import type { TaskWayWorld } from './receive-task.ts';
import type { PlanRecord, Referral } from './records.ts';
import type { Store } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

/** What taking in a message needs of the world. */
export interface MessageWorld
  extends TogetherWorld,
    Pick<TaskWayWorld, 'readTask'>,
    Pick<FocusWorld, 'planNumberSystem'> {
  readonly store: TogetherWorld['store'] & Pick<Store, 'referral' | 'plan' | 'plans' | 'planOfReferral'>;
  readonly cancel: (request: CancelRequest) => Promise<CancelResult>;
}

export interface IncomingMessage {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  readonly bundle: unknown;
  readonly correlationId: string | null;
  readonly locate: Locate;
}

/**
 * unreadable: no message that is taken here. noted: an answer to what we sent; nothing is answered to it. done: each order
 * with its plan as it stands now. failed: why nothing was done; it is answered by a message, too.
 */
export type ReceivedMessage =
  | { readonly kind: 'unreadable'; readonly status: 400 | 413 | 422; readonly issues: readonly Issue[] }
  | { readonly kind: 'noted'; readonly issues: readonly Issue[] }
  | {
      readonly kind: 'done';
      readonly message: InboundMessage;
      readonly referrals: readonly { readonly referral: Referral; readonly plan: PlanRecord | undefined }[];
      readonly created: number;
      readonly issues: readonly Issue[];
    }
  | {
      readonly kind: 'failed';
      readonly message: InboundMessage;
      readonly status: number;
      readonly issues: readonly Issue[];
    };

type Done = { readonly referrals: readonly Referral[]; readonly created?: number; readonly issues?: readonly Issue[] };
type Failed = { readonly status: number; readonly issues: readonly Issue[] };
type Request = IncomingMessage & { readonly message: InboundMessage };

/**
 * Take in a message. A message that comes again has the same effect once: a new order is known by its number, a change by
 * its content, and a request to cancel that stands is not made again; so its answer is the same, too.
 */
export async function receiveMessage(world: MessageWorld, incoming: IncomingMessage): Promise<ReceivedMessage> {
  const read = readMessage(incoming.bundle);
  if (!read.ok) return { kind: 'unreadable', status: read.status, issues: read.issues };
  const { message } = read;
  const found = bundleIssues(world, incoming.bundle, incoming.locate);
  if (found.some(isFault)) return { kind: 'failed', message, status: 400, issues: found };
  if (message.purpose === 'response') return { kind: 'noted', issues: [await noteResponse(world, incoming)] };
  const request = { ...incoming, message };
  const faults = [...taskFaults(world, request), ...(message.orders.length === 0 ? [noOrder()] : [])];
  const result = faults.length > 0 ? { status: 422, issues: faults } : await act(world, request);
  if ('status' in result) return { kind: 'failed', message, status: result.status, issues: result.issues };
  const referrals = await Promise.all(
    result.referrals.map(async (referral) => ({ referral, plan: await world.store.planOfReferral(referral.id) })),
  );
  const issues = [...(result.issues ?? []), ...message.prior.map(priorNote)];
  return { kind: 'done', message, referrals, created: result.created ?? 0, issues };
}

function act(world: MessageWorld, request: Request): Promise<Done | Failed> {
  switch (request.message.purpose) {
    case 'update':
      return update(world, request);
    case 'cancel':
      return cancel(world, request);
    case 'extend':
      return extend(world, request);
    default:
      return create(world, request);
  }
}

async function create(world: MessageWorld, request: Request, change?: (order: Json) => Json): Promise<Done | Failed> {
  const orders = ordersOf(request).map(({ resource, expression }) => ({
    resource: change?.(resource) ?? resource,
    expression,
  }));
  const received = await receiveTogether(world, { ...request, orders });
  if (received.kind === 'refused') return received;
  return {
    referrals: received.orders.map(({ referral }) => referral),
    created: received.orders.filter(({ kind }) => kind === 'created').length,
    issues: received.orders.flatMap(({ issues }) => issues),
  };
}

/** Each order as a newer version of itself; one that never came is thereby here. */
async function update(world: MessageWorld, request: Request, change?: (order: Json) => Json): Promise<Done | Failed> {
  const referrals: Referral[] = [];
  const issues: Issue[] = [];
  for (const order of ordersOf(request)) {
    const { sender, bytes, correlationId, bundle: context, locate } = request;
    const resource = change?.(order.resource) ?? order.resource;
    const amendment = { sender, bytes, text: '', resource, context, correlationId };
    const amended = await world.amend({ ...amendment, expected: 'any' });
    if (amended.kind === 'unknown') return { status: 422, issues: [unknownOrder(order.expression)] };
    const told = amended.issues.map((issue) => placed(issue, order, locate));
    if (amended.kind === 'refused') return { status: amended.status, issues: told };
    referrals.push(amended.referral);
    issues.push(...told);
  }
  return { referrals, issues };
}

/** An order that says itself that it is withdrawn is a changed order; else its plan's end is asked for. */
async function cancel(world: MessageWorld, request: Request): Promise<Done | Failed> {
  const orders = ordersOf(request);
  const withdrawn = orders.filter(({ resource }) => ['revoked', 'entered-in-error'].includes(String(resource.status)));
  if (withdrawn.length === orders.length) return update(world, request);
  const referrals: Referral[] = [];
  for (const { resource, expression } of orders) {
    const number = numberOf(resource, request.sender);
    const referral = number && (await world.store.referralByPlacer(request.sender.id, number));
    if (referral === undefined) return { status: 422, issues: [unknownOrder(expression)] };
    const told = await world.cancel({ partner: request.sender.id, referralId: referral.id, reason: null });
    if (told.kind === 'refused') return told;
    referrals.push(referral);
  }
  return { referrals };
}

/** A prescription that goes on after one that is here: the same number again is a change of that one. */
async function extend(world: MessageWorld, request: Request): Promise<Done | Failed> {
  const [first] = ordersOf(request);
  if (first === undefined) return { status: 422, issues: [noOrder()] };
  const number = numberOf(first.resource, request.sender);
  const known = number && (await world.store.referralByPlacer(request.sender.id, number));
  if (known !== undefined) return update(world, request, (order) => basedOn(order, known.resource.basedOn));
  const before = await continuing(world.store, request.sender, first.resource, request.bundle);
  if (before === undefined) return { status: 422, issues: [nothingBefore(first.expression)] };
  return create(world, request, (order) => basedOn(order, before));
}

/** The event says what the order leaves unsaid: after which order it goes on. */
function basedOn(order: Json, before: unknown): Json {
  const told = [order.basedOn, before].flatMap((one) => (Array.isArray(one) ? one : []));
  const different = new Map(told.map((one) => [JSON.stringify(one), one]));
  return different.size === 0 ? order : { ...order, basedOn: [...different.values()] };
}

/**
 * The orders with the identity that a message gives them: its resources have no server, and are known by the UUID of their
 * fullUrl where they have no id.
 */
function ordersOf({ bundle, message }: Request): { readonly resource: Json; readonly expression: string }[] {
  return message.orders.flatMap((index) => {
    const resource = resourceAt(bundle, index);
    if (resource === undefined) return [];
    const { entry } = bundle as { readonly entry: readonly { readonly fullUrl?: string }[] };
    const uuid = /^urn:uuid:([0-9a-fA-F-]{36})$/.exec(entry[index]?.fullUrl ?? '')?.[1];
    const known = resource.id === undefined && uuid !== undefined ? { ...resource, id: uuid } : resource;
    return [{ resource: known, expression: `Bundle.entry[${index}].resource` }];
  });
}

/** A Task in focus must be an order that makes sense; what it asks for is said by the event. */
function taskFaults({ readTask }: MessageWorld, { bundle, message, locate }: Request): Issue[] {
  return message.tasks.flatMap((index) => {
    const task = resourceAt(bundle, index) ?? {};
    const focus = task.focus as Json | undefined;
    const wish = readTask({ ...task, ...(focus === undefined ? {} : { focus: { type: 'ServiceRequest', ...focus } }) });
    if (wish.kind !== 'refused') return [];
    return wish.issues.map((issue) => {
      const expression = issue.expression.replace(/^Task/, `Bundle.entry[${index}].resource`);
      return { ...issue, expression, ...locate(expression) };
    });
  });
}

function priorNote(index: number): Issue {
  const expression = `Bundle.entry[${index}].resource`;
  const message = `${expression} is not in focus: it is kept as a prior order beside the one that is, and no plan is made of it.`;
  return { ...fault('prior-order', 'informational', expression, message), severity: 'information' };
}

function noOrder(): Issue {
  const message =
    'The message has no order that it is about; MessageHeader.focus must name a ServiceRequest of the Bundle, or a Task or Claim that does.';
  return fault('message-focus', 'required', 'Bundle.entry[0].resource.focus', message);
}

function unknownOrder(expression: string): Issue {
  const message = `${expression} has the number of no order of yours that is here, so there is nothing to change or to end.`;
  return fault('order-unknown', 'not-found', `${expression}.identifier`, message);
}

function nothingBefore(expression: string): Issue {
  const message = `${expression} goes on after an order, and it cannot be told which: name it in ServiceRequest.basedOn by its number, or send the prescription as a new one. No plan was made.`;
  return fault('order-before-unknown', 'not-found', `${expression}.basedOn`, message);
}

function fault(code: string, type: IssueType, expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
