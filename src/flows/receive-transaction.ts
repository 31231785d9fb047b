import type { InboundTask } from '../core/answer/inbound-kind.ts';
import { type FullIdentifier, parseToken } from '../core/fhir/identifiers.ts';
import { type Issue, type IssueType, isFault } from '../core/fhir/issue.ts';
import { type BundleAction, resolveConditional, transactionFaults } from '../core/fhir/transaction.ts';
import type { Locate } from '../core/validate/validator.ts';
import { bundleIssues } from './bundle-issues.ts';
import { keepPlacerTask } from './placer-task.ts';
import type { ReferralSender } from './read-referral.ts';
import { type BundledOrder, receiveTogether, type TakenOrder, type TogetherWorld } from './receive-bundle.ts';
import type { Referral } from './records.ts';
import type { Store } from './store.ts';
import { type AskingTask, partOf, tasksOf } from './transaction-tasks.ts';

type Json = Readonly<Record<string, unknown>>;

export interface TransactionWorld extends TogetherWorld {
  readonly store: TogetherWorld['store'] & Pick<Store, 'referral'>;
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
  | { readonly kind: 'refused'; readonly status: 400 | 409 | 412 | 413 | 422 | 503; readonly issues: readonly Issue[] };

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
  const whole = [...bundleIssues(world, incoming.bundle, locate), ...actions.flatMap(({ issues }) => issues)];
  if (whole.some(isFault)) return { kind: 'refused', status: 400, issues: whole };
  const { resources, issues: lost } = resolveConditional(actions);
  const orders = ordersOf(actions, resources);
  const tasks = await tasksOf(world, sender, actions);
  const faults = [
    ...actions.flatMap(methodFaults),
    ...transactionFaults(actions),
    ...lost,
    ...emptiness(actions),
    ...[...orders, ...tasks].flatMap((one) => ('faults' in one ? one.faults : [])),
  ];
  if (faults.length > 0) return refused(422, faults, locate);
  const asking = tasks.flatMap((one) => ('faults' in one ? [] : [one]));
  const good = orders.flatMap((one) => ('faults' in one ? [] : [withTask(one, asking, actions)]));
  const bundle = { ...incoming.bundle, entry: withResources(incoming.bundle, resources) };
  const received = good.length === 0 ? undefined : await receiveTogether(world, { ...incoming, bundle, orders: good });
  if (received?.kind === 'refused') return received;
  const taken = new Map(good.flatMap(({ index }, at) => (received?.orders[at] ? [[index, received.orders[at]]] : [])));
  for (const { focus, index } of asking) {
    const task = actions.find((action) => action.index === index)?.resource;
    if ('referral' in focus && task !== undefined) await keepPlacerTask(world, sender, focus.referral.id, task);
  }
  const asked = new Map(asking.map((one) => [one.index, one] as const));
  return { kind: 'done', entries: actions.map((action) => entryDone(action, taken, asked)) };
}

function entryDone(
  action: BundleAction,
  taken: ReadonlyMap<number, TakenOrder>,
  asked: ReadonlyMap<number, AskingTask>,
): EntryDone {
  const order = taken.get(action.index);
  if (order !== undefined) return { kind: 'order', order };
  const task = asked.get(action.index);
  if (task === undefined) return { kind: partOf(action) === 'read' ? 'read' : 'context' };
  const sent = 'entry' in task.focus ? taken.get(task.focus.entry) : undefined;
  const referral = 'referral' in task.focus ? task.focus.referral : sent?.referral;
  if (referral === undefined) throw new Error(`The order of ${action.expression} was not taken.`);
  return { kind: 'task', referral, isNew: sent?.kind === 'created', issues: task.issues };
}

type Order = BundledOrder & { readonly index: number };

/** The order with the Task of the Bundle that asks for it. */
function withTask(order: Order, asking: readonly AskingTask[], actions: readonly BundleAction[]): Order {
  const task = asking.find(({ focus }) => 'entry' in focus && focus.entry === order.index);
  const placerTask = actions.find(({ index }) => index === task?.index)?.resource;
  return placerTask === undefined ? order : { ...order, placerTask };
}

function ordersOf(
  actions: readonly BundleAction[],
  resources: readonly (Json | undefined)[],
): readonly (Order | { readonly faults: readonly Issue[] })[] {
  return actions.flatMap((action, at): (Order | { readonly faults: readonly Issue[] })[] => {
    if (partOf(action) !== 'order') return [];
    const ifNoneExist = condition(action);
    if (ifNoneExist !== undefined && 'severity' in ifNoneExist) return [{ faults: [ifNoneExist] }];
    const order = { resource: resources[at], expression: `${action.expression}.resource`, index: action.index };
    return [{ ...order, ...(ifNoneExist && { ifNoneExist }) }];
  });
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
function emptiness(actions: readonly BundleAction[]): Issue[] {
  const parts = actions.map(partOf);
  if (!parts.includes('context') || parts.includes('order') || parts.includes('task')) return [];
  const message =
    'The Bundle creates resources but no ServiceRequest and no Task; here only referrals are kept, with what they refer to.';
  return [fault('bundle-without-order', 'business-rule', 'Bundle.entry', message)];
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

function refused(status: 422, issues: readonly Issue[], locate: Locate): ReceivedTransaction {
  return { kind: 'refused', status, issues: issues.map((issue) => ({ ...issue, ...locate(issue.expression) })) };
}

function fault(code: string, type: IssueType, expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
