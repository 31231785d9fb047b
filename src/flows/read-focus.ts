import { type FullIdentifier, placerNumber } from '../core/fhir/identifiers.ts';
import type { Issue, IssueType } from '../core/fhir/issue.ts';
import type { CallEhr } from './ehr.ts';
import type { ReferralSender } from './read-referral.ts';
import type { PlanRecord, Referral } from './records.ts';
import { placeOf } from './reference-place.ts';
import type { Store } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

/** What finding the focus of a Task needs of the world. */
export interface FocusWorld {
  readonly store: Pick<Store, 'referral' | 'referralByPlacer' | 'plan'>;
  /** One GET at the partner's own base URL; other hosts cannot be reached by it. */
  readonly call: CallEhr;
  /** Our own base URL. */
  readonly base: string;
  /** System of plan ids. */
  readonly planNumberSystem: string;
}

/** here: a referral that we have. sent: an order that came along or was read at the partner's. */
export type Focus =
  | { readonly kind: 'here'; readonly referral: Referral }
  | {
      readonly kind: 'sent';
      readonly resource: Json;
      readonly expression: string;
      readonly fullUrl: string /** Read at the placer's own server, where what it refers to can be read, too. */;
      readonly isRead: boolean;
    }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] };

/**
 * Find the order that a Task is about: contained, here already, or at the partner's own server. No other host is asked,
 * whatever a Task says (security: a reference must not make us call inner addresses).
 */
export async function orderInFocus(
  world: FocusWorld,
  sender: ReferralSender,
  task: Json,
  correlationId: string | null,
): Promise<Focus> {
  const focus = isObject(task.focus) ? task.focus : {};
  const place = placeOf(focus.reference, sender.baseUrl, world.base);
  switch (place.at) {
    case 'contained':
      return containedOrder(task, place.id);
    case 'elsewhere':
      return refused('focus-foreign', 'not-supported', elsewhere(sender.baseUrl));
    case 'nowhere':
      return orderByNumber(world, sender, focus.identifier);
    default: {
      if (place.type !== 'ServiceRequest')
        return refused('task-focus-unsupported', 'not-supported', wrongType(place.type));
      const own = place.at === 'theirs' ? undefined : await world.store.referral(place.id);
      if (own?.partner === sender.id) return { kind: 'here', referral: own };
      if (place.at === 'ours')
        return refused('focus-not-found', 'not-found', 'Task.focus is no ServiceRequest that is here.');
      const read = await readThere(world, sender, 'ServiceRequest', place.id, correlationId);
      if (!read.ok) return { kind: 'refused', issues: [read.issue] };
      const fullUrl = `${sender.baseUrl}/ServiceRequest/${place.id}`;
      return { kind: 'sent', resource: read.resource, expression: 'Task.focus.resolve()', fullUrl, isRead: true };
    }
  }
}

/**
 * Find the referral whose Task is meant: by our id or number, or by reading the Task at the partner's server, where it says
 * which order it is about.
 */
export async function referralOfTask(
  world: FocusWorld,
  sender: ReferralSender,
  focus: Json,
  correlationId: string | null,
): Promise<Focus> {
  const place = placeOf(focus.reference, sender.baseUrl, world.base);
  if (place.at === 'elsewhere') return refused('focus-foreign', 'not-supported', elsewhere(sender.baseUrl));
  const numbered = await referralByNumbers(world, sender, [focus.identifier]);
  if (numbered !== undefined) return { kind: 'here', referral: numbered };
  if (place.at === 'nowhere' || place.at === 'contained') return unknownTask();
  const own = place.at === 'theirs' ? undefined : await world.store.referral(place.id);
  if (own?.partner === sender.id) return { kind: 'here', referral: own };
  if (place.at === 'ours') return unknownTask();
  const read = await readThere(world, sender, 'Task', place.id, correlationId);
  return read.ok ? referralOfForeignTask(world, sender, read.resource, correlationId) : unknownTask(read.issue);
}

async function referralOfForeignTask(
  world: FocusWorld,
  sender: ReferralSender,
  task: Json,
  correlationId: string | null,
): Promise<Focus> {
  const focus = isObject(task.focus) ? task.focus : {};
  const identifiers = Array.isArray(task.identifier) ? task.identifier : [];
  const numbered = await referralByNumbers(world, sender, [...identifiers, focus.identifier]);
  if (numbered !== undefined) return { kind: 'here', referral: numbered };
  const order = await orderInFocus(world, sender, task, correlationId);
  if (order.kind !== 'sent') return order;
  const number = numberOf(order.resource, sender);
  const referral = number && (await world.store.referralByPlacer(sender.id, number));
  return referral === undefined ? unknownTask() : { kind: 'here', referral };
}

/** The hospital's own number of an order, or the one that its id makes. */
export function numberOf(resource: Json, sender: ReferralSender): FullIdentifier | undefined {
  const number = placerNumber(resource, sender.identifierSystems.placer);
  if (number !== undefined || sender.placerFromId !== true || typeof resource.id !== 'string') return number;
  return { system: `${sender.baseUrl}/ServiceRequest`, value: resource.id };
}

async function orderByNumber(world: FocusWorld, sender: ReferralSender, identifier: unknown): Promise<Focus> {
  const referral = await referralByNumbers(world, sender, [identifier]);
  if (referral !== undefined) return { kind: 'here', referral };
  const message =
    'Task.focus has no reference that can be followed, and no order with its identifier is here; send the order contained in the Task, or refer to it at your server.';
  return refused('focus-not-found', 'not-found', message);
}

/** Looked up by the hospital's number, or by ours. */
export async function referralByNumbers(
  { store, planNumberSystem }: Pick<FocusWorld, 'store' | 'planNumberSystem'>,
  sender: ReferralSender,
  identifiers: readonly unknown[],
): Promise<Referral | undefined> {
  for (const one of identifiers) {
    if (!isObject(one) || typeof one.system !== 'string' || typeof one.value !== 'string') continue;
    const plan: PlanRecord | undefined = one.system === planNumberSystem ? await store.plan(one.value) : undefined;
    const found =
      plan === undefined
        ? await store.referralByPlacer(sender.id, { system: one.system, value: one.value })
        : await store.referral(plan.referralId);
    if (found?.partner === sender.id) return found;
  }
  return undefined;
}

function containedOrder(task: Json, id: string): Focus {
  const contained = Array.isArray(task.contained) ? task.contained.filter(isObject) : [];
  const at = contained.findIndex((one) => one.id === id);
  const found = contained[at];
  if (found === undefined) return refused('focus-not-found', 'not-found', 'Task.focus names no contained resource.');
  if (found.resourceType !== 'ServiceRequest') {
    return refused('task-focus-unsupported', 'not-supported', wrongType(String(found.resourceType)));
  }
  // What is contained has no life of its own: its id means nothing elsewhere, and its siblings come with it.
  const { id: _, ...order } = found;
  const siblings = contained.filter((one) => one !== found);
  const resource = siblings.length === 0 ? order : { ...order, contained: siblings };
  return { kind: 'sent', resource, expression: `Task.contained[${at}]`, fullUrl: `#${id}`, isRead: false };
}

async function readThere(
  { call }: FocusWorld,
  sender: ReferralSender,
  type: 'ServiceRequest' | 'Task',
  id: string,
  correlationId: string | null,
): Promise<{ readonly ok: true; readonly resource: Json } | { readonly ok: false; readonly issue: Issue }> {
  const heard = await call({
    partner: sender.id,
    method: 'GET',
    path: `${type}/${id}`,
    ...(correlationId === null ? {} : { correlationId }),
  });
  if (heard.kind === 'broken') {
    const message = `Your server could not be read when the ${type} in Task.focus was looked up (${heard.reason}); send the Task again later, or with the order contained.`;
    return { ok: false, issue: fault('focus-unreadable', 'transient', message) };
  }
  const { body, status } = heard;
  if (status >= 200 && status < 300 && isObject(body) && body.resourceType === type && body.id === id) {
    return { ok: true, resource: body };
  }
  const message = `Your server gave no ${type} for Task.focus (HTTP ${status}); correct the reference, or send the order contained.`;
  return { ok: false, issue: fault('focus-not-found', 'not-found', message) };
}

function wrongType(type: string): string {
  return `Task.focus is a ${/^[A-Z][A-Za-z]{1,40}$/.test(type) ? type : 'resource of no known type'}; it must be a ServiceRequest.`;
}

function elsewhere(baseUrl: string): string {
  return `Task.focus is at another server than yours; references are followed only below ${baseUrl}. Send the order contained in the Task.`;
}

function unknownTask(issue?: Issue): Focus {
  const message =
    'Task.focus is no Task of a referral of yours that is here; name it by our id (Task/{id}), by our number, or by the number of its order.';
  return { kind: 'refused', issues: [fault('focus-not-found', 'not-found', message), ...(issue ? [issue] : [])] };
}

function refused(code: string, type: IssueType, message: string): Focus {
  return { kind: 'refused', issues: [fault(code, type, message)] };
}

function fault(code: string, type: IssueType, message: string): Issue {
  return { severity: 'error', code, type, expression: 'Task.focus', message };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
