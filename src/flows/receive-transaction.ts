import type { InboundTask } from '../core/answer/inbound-kind.ts';
import { type FullIdentifier, parseToken } from '../core/fhir/identifiers.ts';
import { type Issue, type IssueType, isFault } from '../core/fhir/issue.ts';
import { type BundleAction, resolveConditional, transactionFaults } from '../core/fhir/transaction.ts';
import type { Locate } from '../core/validate/validator.ts';
import type { ReferralSender } from './read-referral.ts';
import type { ReceiveWorld } from './receive.ts';
import { bundleIssues, receiveTogether, type TakenOrder } from './receive-bundle.ts';
import { statusFaults } from './receive-task.ts';
import type { Referral } from './records.ts';
import type { Store } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

export interface TransactionWorld extends ReceiveWorld {
  readonly store: ReceiveWorld['store'] & Pick<Store, 'referral'>;
  readonly readTask: (task: Json) => InboundTask;
}

export interface IncomingTransaction {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  readonly bundle: Json;
  readonly actions: readonly BundleAction[];
  readonly correlationId: string | null;
  readonly locate: Locate;
}

/** What became of one entry. */
export type EntryDone =
  | { readonly kind: 'order'; readonly order: TakenOrder }
  /** A Task that asks for an order: answered by the Task of that referral. */
  | { readonly kind: 'task'; readonly referral: Referral; readonly isNew: boolean; readonly issues: readonly Issue[] }
  /** Kept with the orders as what they refer to; it has no address of its own here. */
  | { readonly kind: 'context' }
  /** A read, to be served after the rest. */
  | { readonly kind: 'read' };

export type ReceivedTransaction =
  | { readonly kind: 'done'; readonly entries: readonly EntryDone[] }
  | { readonly kind: 'refused'; readonly status: 400 | 409 | 413 | 422; readonly issues: readonly Issue[] };

type Part = 'order' | 'task' | 'context' | 'read';

/**
 * Carry out a transaction: all or nothing, in whatever order its entries stand. New ServiceRequests and Tasks that ask for
 * them are taken in; everything else that it creates is kept with the orders as their context.
 *
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export async function receiveTransaction(
  world: TransactionWorld,
  incoming: IncomingTransaction,
): Promise<ReceivedTransaction> {
  const { actions, sender, locate } = incoming;
  const parts = actions.map(partOf);
  const whole = [...bundleIssues(world, incoming.bundle, locate), ...actions.flatMap(({ issues }) => issues)];
  if (whole.some(isFault)) return { kind: 'refused', status: 400, issues: whole };
  const { resources, issues: lost } = resolveConditional(actions);
  const faults = [...actions.flatMap(methodFaults), ...transactionFaults(actions), ...lost, ...emptiness(parts)];
  const tasks = actions.map((action, at) => (parts[at] === 'task' ? readTask(world, action, actions) : undefined));
  faults.push(...tasks.flatMap((task) => (task?.ok === false ? task.issues : [])));
  const conditions = actions.map(condition);
  faults.push(...conditions.flatMap((one) => (one && 'severity' in one ? [one] : [])));
  if (faults.length > 0) return refused(422, faults, locate);
  const orders = actions.flatMap(({ index, expression }, at) => {
    const ifNoneExist = conditions[at] as FullIdentifier | undefined;
    const order = { resource: resources[at], expression: `${expression}.resource`, index };
    return parts[at] === 'order' ? [{ ...order, ...(ifNoneExist && { ifNoneExist }) }] : [];
  });
  const focuses = await Promise.all(
    tasks.map(async (task, at) =>
      task?.ok === true && task.focus !== undefined
        ? findFocus(world, sender, actions, actions[at] as BundleAction, task.focus)
        : undefined,
    ),
  );
  const lostFocus = focuses.flatMap((focus) => (focus !== undefined && 'severity' in focus ? [focus] : []));
  if (lostFocus.length > 0) return refused(422, lostFocus, locate);
  const bundle = { ...incoming.bundle, entry: withResources(incoming.bundle, resources) };
  const received = orders.length === 0 ? undefined : await receiveTogether(world, { ...incoming, bundle, orders });
  if (received?.kind === 'refused') return received;
  const taken = new Map(orders.map(({ index }, at) => [index, received?.orders[at]]));
  return {
    kind: 'done',
    entries: actions.map(({ index }, at): EntryDone => {
      const order = taken.get(index);
      if (order !== undefined) return { kind: 'order', order };
      const [task, focus] = [tasks[at], focuses[at]];
      if (task?.ok !== true || focus === undefined) return { kind: parts[at] === 'read' ? 'read' : 'context' };
      const sent = 'entry' in focus ? taken.get(focus.entry) : undefined;
      const referral = sent?.referral ?? (focus as { readonly referral: Referral }).referral;
      return { kind: 'task', referral, isNew: sent?.kind === 'created', issues: task.issues };
    }),
  };
}

function partOf({ method, type }: BundleAction): Part {
  if (method === 'GET' || method === 'HEAD') return 'read';
  if (method === 'POST' && type === 'ServiceRequest') return 'order';
  return method === 'POST' && type === 'Task' ? 'task' : 'context';
}

/** What a transaction can do here: create. Anything else would have to change or delete what is kept. */
function methodFaults({ method, type, expression }: BundleAction): Issue[] {
  if (method === 'GET' || method === 'HEAD' || method === 'POST') return [];
  const place = `${expression}.request.method`;
  if (method !== 'PUT') {
    const message = `${place} is ${method}; a transaction here creates (POST) and reads (GET).`;
    return [fault('bundle-method', 'not-supported', place, message)];
  }
  if (type !== 'ServiceRequest' && type !== 'Task') return [];
  const message = `${place} is PUT; a new ${type} is sent with POST, and a changed order by PUT to its own address or in a batch.`;
  return [fault('bundle-method', 'not-supported', place, message)];
}

/** Patients and findings without an order would be kept for nothing. */
function emptiness(parts: readonly Part[]): Issue[] {
  if (!parts.includes('context') || parts.includes('order') || parts.includes('task')) return [];
  const message =
    'The Bundle creates resources but no ServiceRequest and no Task; here only referrals are kept, with what they refer to.';
  return [fault('bundle-without-order', 'business-rule', 'Bundle.entry', message)];
}

type ReadTask =
  | { readonly ok: true; readonly focus: Json | undefined; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** A Task without a focus that groups others (AU eRequesting) is context; the others say what is asked for. */
function readTask(
  world: TransactionWorld,
  { resource = {}, expression }: BundleAction,
  actions: readonly BundleAction[],
): ReadTask {
  if (resource.focus === undefined && resource.groupIdentifier !== undefined) {
    return { ok: true, focus: undefined, issues: [] };
  }
  const at = (issues: readonly Issue[]) => issues.map((issue) => inEntry(issue, expression));
  const wish = world.readTask(withFocusType(resource, actions));
  const faults = [...(wish.kind === 'refused' ? wish.issues : []), ...statusFaults(resource)];
  if (wish.kind === 'refused' || faults.length > 0) return { ok: false, issues: at(faults) };
  if (wish.kind === 'order') return { ok: true, focus: wish.focus, issues: at(wish.issues) };
  const message = 'A Task with code "abort" is sent alone, by POST to Task, because its answer depends on the plan.';
  return { ok: false, issues: [fault('bundle-method', 'not-supported', `${expression}.resource.code`, message)] };
}

/** A urn:uuid does not show the type of what it names; the Bundle does. */
function withFocusType(task: Json, actions: readonly BundleAction[]): Json {
  const focus = task.focus as Json | undefined;
  const named = actions.find(({ fullUrl }) => fullUrl !== undefined && fullUrl === focus?.reference);
  return named === undefined ? task : { ...task, focus: { ...focus, type: named.resource?.resourceType } };
}

/** The order that a Task of the Bundle is about: one of the Bundle, or one that is here. */
async function findFocus(
  world: TransactionWorld,
  sender: ReferralSender,
  actions: readonly BundleAction[],
  { expression }: BundleAction,
  focus: Json,
): Promise<{ readonly entry: number } | { readonly referral: Referral } | Issue> {
  const reference = String(focus.reference ?? '');
  const entry = actions.find((one) => partOf(one) === 'order' && isNamed(one, reference));
  if (entry !== undefined) return { entry: entry.index };
  const id = /(?:^|\/)ServiceRequest\/([A-Za-z0-9.-]{1,64})$/.exec(reference)?.[1];
  const referral = id === undefined ? undefined : await world.store.referral(id);
  if (referral?.partner === sender.id) return { referral };
  const place = `${expression}.resource.focus`;
  const message = `${place} is no ServiceRequest of the Bundle and none of yours that is here; put the order into the Bundle.`;
  return fault('focus-not-found', 'not-found', place, message);
}

function isNamed({ fullUrl, resource }: BundleAction, reference: string): boolean {
  if (reference === '') return false;
  return fullUrl === reference || (resource?.id !== undefined && `ServiceRequest/${String(resource.id)}` === reference);
}

/** https://hl7.org/fhir/R4/http.html#ccreate; of an order only its number is promised to be unique here. */
function condition({ method, type, ifNoneExist, expression }: BundleAction): FullIdentifier | Issue | undefined {
  if (ifNoneExist === undefined || method !== 'POST' || type !== 'ServiceRequest') return undefined;
  const query = new URLSearchParams(ifNoneExist);
  const token = query.size === 1 ? parseToken(query.get('identifier') ?? '') : undefined;
  if (token !== undefined) return token;
  const place = `${expression}.request.ifNoneExist`;
  return fault('if-none-exist', 'not-supported', place, `${place} must be identifier=system|value here.`);
}

function withResources(bundle: Json, resources: readonly (Json | undefined)[]): unknown {
  const entries = Array.isArray(bundle.entry) ? (bundle.entry as readonly Json[]) : [];
  return entries.map((entry, at) => (resources[at] === undefined ? entry : { ...entry, resource: resources[at] }));
}

function inEntry(issue: Issue, expression: string): Issue {
  return { ...issue, expression: issue.expression.replace(/^Task/, `${expression}.resource`) };
}

function refused(status: 422, issues: readonly Issue[], locate: Locate): ReceivedTransaction {
  return { kind: 'refused', status, issues: issues.map((issue) => ({ ...issue, ...locate(issue.expression) })) };
}

function fault(code: string, type: IssueType, expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
