import type { InboundTask } from '../core/answer/inbound-kind.ts';
import { type Issue, isFault } from '../core/fhir/issue.ts';
import type { Locate } from '../core/validate/validator.ts';
import { releaseHints } from './bundle-issues.ts';
import type { CancelRequest, CancelResult } from './cancel.ts';
import { keepPlacerTask } from './placer-task.ts';
import { type Around, readAround } from './read-around.ts';
import { type FocusWorld, orderInFocus, referralOfTask } from './read-focus.ts';
import type { ReferralSender } from './read-referral.ts';
import { type ReceivedTogether, receiveTogether, type TakenOrder, type TogetherWorld } from './receive-bundle.ts';
import type { Referral } from './records.ts';

type Json = Readonly<Record<string, unknown>>;

/** What taking in a Task needs of the world. */
export interface TaskWayWorld extends TogetherWorld, Omit<FocusWorld, 'store'> {
  readonly store: TogetherWorld['store'] & FocusWorld['store'];
  /** What the Task is about, and the contradictions in it: core/answer/inbound-kind.ts. */
  readonly readTask: (task: Json) => InboundTask;
  readonly cancel: (request: CancelRequest) => Promise<CancelResult>;
}

export interface IncomingTask {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  readonly task: unknown;
  readonly correlationId: string | null;
  readonly locate: Locate;
}

/** order: taken in or here already. cancellation: asked for; see CancelResult. refused: nothing was taken in. */
export type ReceivedTask =
  | { readonly kind: 'order'; readonly order: TakenOrder }
  | {
      readonly kind: 'cancellation';
      readonly referral: Referral;
      readonly told: Extract<CancelResult, { kind: 'told' }>;
      readonly issues: readonly Issue[];
    }
  | { readonly kind: 'refused'; readonly status: number; readonly issues: readonly Issue[] };

/** Statuses of Task after which nothing is left to begin. https://hl7.org/fhir/R4/valueset-task-status.html */
const ended: ReadonlySet<unknown> = new Set(['rejected', 'cancelled', 'completed', 'failed', 'entered-in-error']);

/**
 * Take in a Task that asks for something: `fulfill` with an order in focus, `abort` for the end of one, or one that its
 * placer has set cancelled. The order is contained, here already, or read at the partner's own server.
 */
export async function receiveTask(world: TaskWayWorld, incoming: IncomingTask): Promise<ReceivedTask> {
  const { sender, task, locate } = incoming;
  const refuse = (status: number, issues: readonly Issue[]): ReceivedTask => ({
    kind: 'refused',
    status,
    issues: issues.map((issue) => ({ ...issue, ...locate(issue.expression) })),
  });
  if (!isTask(task)) return refuse(400, [wrongType()]);
  const faults = world.validator.accepts(task) ? [] : world.validator.validate(task, { locate });
  if (faults.some(isFault)) {
    const contained = Array.isArray(task.contained) ? task.contained : [];
    const hints = releaseHints(contained, (at) => `Task.contained[${at}]`, locate);
    return { kind: 'refused', status: 400, issues: [...faults, ...hints] };
  }
  const wish = world.readTask(task);
  if (wish.kind === 'refused') return refuse(422, [...wish.issues, ...statusFaults(task)]);
  if (wish.kind === 'cancellation') return cancelTask(world, incoming, task, wish);
  const unfit = statusFaults(task);
  if (unfit.length > 0 && task.status !== 'cancelled') return refuse(422, unfit);
  const focus = await orderInFocus(world, sender, task, incoming.correlationId);
  if (focus.kind === 'refused') return refuse(422, focus.issues);
  if (task.status === 'cancelled') {
    // COW: before work began the placer ends its request by the Task's status.
    return focus.kind === 'here' ? cancelReferral(world, incoming, task, focus.referral, []) : refuse(422, unfit);
  }
  if (focus.kind === 'here') {
    await keepPlacerTask(world, sender, focus.referral.id, task);
    return { kind: 'order', order: { kind: 'existing', referral: focus.referral, issues: wish.issues } };
  }
  const { correlationId } = incoming;
  // What came by reference alone has no patient and no records with it: those are where the order was.
  const around = focus.isRead ? await readAround(world, sender, { ...focus, correlationId }) : nothingAround;
  const received = await receiveTogether(world, {
    ...incoming,
    bundle: asBundle(task, focus, around),
    isRead: focus.isRead,
    orders: [{ resource: focus.resource, expression: focus.expression, placerTask: task }],
  });
  return received.kind === 'refused' ? received : withRemarks(received, [...around.issues, ...wish.issues]);
}

function withRemarks(received: Extract<ReceivedTogether, { kind: 'taken' }>, remarks: readonly Issue[]): ReceivedTask {
  const [order] = received.orders;
  if (order === undefined) throw new Error('One order was sent and none was told of.');
  return { kind: 'order', order: { ...order, issues: [...order.issues, ...remarks] } };
}

async function cancelTask(
  world: TaskWayWorld,
  incoming: IncomingTask,
  task: Json,
  wish: Extract<InboundTask, { kind: 'cancellation' }>,
): Promise<ReceivedTask> {
  const unfit = statusFaults(task);
  if (unfit.length > 0) return { kind: 'refused', status: 422, issues: unfit };
  const focus = await referralOfTask(world, incoming.sender, wish.focus, incoming.correlationId);
  if (focus.kind === 'here') return cancelReferral(world, incoming, task, focus.referral, wish.issues);
  const issues = focus.kind === 'refused' ? focus.issues : [];
  return { kind: 'refused', status: 422, issues };
}

async function cancelReferral(
  world: TaskWayWorld,
  { sender }: IncomingTask,
  task: Json,
  referral: Referral,
  issues: readonly Issue[],
): Promise<ReceivedTask> {
  const told = await world.cancel({ partner: sender.id, referralId: referral.id, reason: wordsOf(task) });
  if (told.kind === 'refused') return { kind: 'refused', status: told.status, issues: told.issues };
  if (told.kind === 'unknown') throw new Error(`Referral ${referral.id} was read and then was not there.`);
  return { kind: 'cancellation', referral, told, issues };
}

/** Why it is to end, in the prescriber's words. */
function wordsOf(task: Json): string | null {
  for (const name of ['reasonCode', 'statusReason']) {
    const { text } = (task[name] ?? {}) as { readonly text?: unknown };
    if (typeof text === 'string') return text;
  }
  return null;
}

/** A Task that tells of work that ended, or that is not meant yet, starts nothing here. */
export function statusFaults(task: Json): Issue[] {
  const { status } = task;
  const expression = 'Task.status';
  if (status === 'draft') {
    const message = 'Task.status is "draft", so nothing is asked for yet; send it as "requested".';
    return [{ severity: 'error', code: 'task-status', type: 'business-rule', expression, message }];
  }
  if (!ended.has(status)) return [];
  const message = `Task.status is "${status}": it tells of work that has ended, so there is nothing to begin, and nothing was taken in. What became of a referral of yours is told by GET Task?identifier=system|value.`;
  return [{ severity: 'error', code: 'task-ended', type: 'business-rule', expression, message }];
}

const nothingAround: Around = { entries: [], issues: [] };

/** The Task and what was read beside its order, so that what they refer to is found; a contained order brings its own. */
function asBundle(
  task: Json,
  focus: { readonly resource: Json; readonly fullUrl: string },
  { entries }: Pick<Around, 'entries'>,
): unknown {
  const { contained: _, ...told } = task;
  const order = focus.fullUrl.startsWith('#') ? [] : [{ fullUrl: focus.fullUrl, resource: focus.resource }];
  return { resourceType: 'Bundle', type: 'collection', entry: [...order, { resource: told }, ...entries] };
}

function wrongType(): Issue {
  const message = 'The body is no Task of FHIR R4; this address takes a Task.';
  return { severity: 'fatal', code: 'wrong-resource-type', type: 'structure', expression: '', message };
}

function isTask(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && (value as Json).resourceType === 'Task';
}
