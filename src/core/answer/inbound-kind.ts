import type { Issue } from '../fhir/issue.ts';
import { type Json, object, objects, text } from '../plan/screening/json.ts';
import { isFinal } from '../plan/states.ts';
import type { PlanStatus } from '../plan/treatment-plan.ts';
import type { Anchors } from './anchor.ts';
import { questionSystem } from './codes.ts';
import { checkInboundTask } from './inbound-task.ts';

/** What a Task that a partner sends is about; `focus` is its reference as sent. */
export type InboundTask =
  /** Asks us to carry out an order. */
  | { readonly kind: 'order'; readonly focus: Json; readonly issues: readonly Issue[] }
  /** Asks us to stop: a CancellationRequestTask, whose focus is the Task that we fulfil. */
  | { readonly kind: 'cancellation'; readonly focus: Json; readonly issues: readonly Issue[] }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] };

const taskCodeSystem = 'http://hl7.org/fhir/CodeSystem/task-code';

/**
 * Read what a Task wants. Tasks without a code of HL7's task codes (BSeR sends none) want their order carried out.
 *
 * @returns `order` or `cancellation` with remarks (inputs that are not read), or `refused` with every reason:
 *   `task-contradiction`, `task-code-unsupported`, `task-focus-unsupported`, `task-not-ours-to-cancel`.
 * @see https://hl7.org/fhir/R4/task.html, COW's CancellationRequestTask, docs/answers.md
 */
export function readInboundTask(task: Json, anchors: Anchors): InboundTask {
  const code = objects(object(task.code)?.coding).find(({ system } = {}) => system === taskCodeSystem)?.code;
  const focus = object(task.focus);
  const issues = [...checkInboundTask(task, anchors), ...focusFaults(text(code) ?? 'fulfill', focus)];
  if (issues.length > 0 || focus === undefined) return { kind: 'refused', issues };
  return { kind: code === 'abort' ? 'cancellation' : 'order', focus, issues: unreadInputs(task) };
}

function focusFaults(code: string, focus: Json | undefined): Issue[] {
  if (code !== 'fulfill' && code !== 'abort') {
    const message = `Task.code is "${code}"; "fulfill" and "abort" are understood.`;
    return [fault('task-code-unsupported', 'not-supported', 'Task.code', message)];
  }
  const wanted = code === 'abort' ? 'Task' : 'ServiceRequest';
  const type = typeOf(focus);
  if (type === undefined) {
    const message = `Task.focus names no ${wanted}; it must refer to one by its address, or say its type.`;
    return [fault('task-focus-unsupported', 'required', 'Task.focus', message)];
  }
  if (code === 'abort' && type === 'ServiceRequest') {
    const message =
      'Task.focus is a ServiceRequest and Task.code is "abort": that asks the placer to withdraw its order, and we carry orders out. To stop one, send a Task with code "abort" whose focus is our Task, or the order with status revoked.';
    return [fault('task-not-ours-to-cancel', 'business-rule', 'Task.focus', message)];
  }
  if (type === wanted) return [];
  const message = `Task.focus is a ${type}; with this code it must be a ${wanted}.`;
  return [fault('task-focus-unsupported', 'not-supported', 'Task.focus', message)];
}

/**
 * What a request to cancel is answered (COW, AU: no cancellation by status once work began, but a request that is
 * accepted or rejected): a plan that has not ended is cancelled, one that has ended stays what it is.
 */
export function answerCancellation(status: PlanStatus): 'accepted' | 'rejected' {
  return isFinal(status) ? 'rejected' : 'accepted';
}

/** The type as told, or as the reference shows: `ServiceRequest/5`, `#order` does not. */
function typeOf(focus: Json | undefined): string | undefined {
  const [, fromReference] =
    /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(text(focus?.reference) ?? '') ?? [];
  const told = text(focus?.type);
  // A contained order has no type in its reference; the Task's own contained resources are looked at by the caller.
  return fromReference ?? told ?? (text(focus?.reference)?.startsWith('#') ? 'ServiceRequest' : undefined);
}

/** Clinical content in Task.input (Gravity's content-rich referrals) is not read, and the sender is told so. */
function unreadInputs(task: Json): Issue[] {
  return objects(task.input).flatMap((input, index): Issue[] => {
    const isAnswer = objects(object(input?.type)?.coding).some(({ system } = {}) => system === questionSystem);
    if (isAnswer) return [];
    const message = `Task.input[${index}] is not read here; send clinical content with the order, in supportingInfo.`;
    return [
      {
        severity: 'information',
        code: 'task-input-unread',
        type: 'informational',
        expression: `Task.input[${index}]`,
        message,
      },
    ];
  });
}

function fault(code: string, type: Issue['type'], expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
