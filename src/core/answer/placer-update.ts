import type { Task } from '@medplum/fhirtypes';
import { canonicalContent } from '../fhir/canonical-content.ts';
import type { Issue } from '../fhir/issue.ts';
import { isFinal } from '../plan/states.ts';
import type { PlanStatus } from '../plan/treatment-plan.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the placer wants by changing the Task that we own. */
export type PlacerUpdate =
  | { readonly kind: 'answer' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] };

/** What a Task is about does not change (https://hl7.org/fhir/R4/task.html; NL and AU say so of each). */
const fixed = ['code', 'intent', 'focus', 'for', 'basedOn', 'requester', 'owner'] as const;

/**
 * Compare a Task that the placer sends with the one that stands here. Only we move it; the placer may answer its
 * questions and may set it cancelled before work began (COW). What the placer leaves out is as it was.
 *
 * @param begun Whether a session took place.
 * @returns Refused with `task-move` naming both facts, and `task-fixed` for each element that cannot change.
 */
export function placerUpdate(
  current: Task,
  sent: Json,
  { status, begun }: { readonly status: PlanStatus; readonly begun: boolean },
): PlacerUpdate {
  const issues = fixed
    .filter((name) => sent[name] !== undefined && !isSame(sent[name], current[name]))
    .map((name) =>
      fault('task-fixed', `Task.${name}`, `Task.${name} differs from the Task that is here; it cannot be changed.`),
    );
  const isMoved = sent.status !== undefined && sent.status !== current.status;
  const cancels = sent.status === 'cancelled';
  if (isMoved && (!cancels || begun || isFinal(status))) issues.push(moveFault(current, sent, begun));
  if (issues.length > 0) return { kind: 'refused', issues };
  return { kind: isMoved ? 'cancel' : 'answer' };
}

function moveFault(current: Task, sent: Json, begun: boolean): Issue {
  const wanted = typeof sent.status === 'string' && /^[a-z-]{1,20}$/.test(sent.status) ? sent.status : 'something else';
  const facts = `Task.status is "${current.status}" here, and "${wanted}" is sent`;
  const rest =
    wanted === 'cancelled' && begun
      ? 'work began, so ask for it by a Task of code abort whose focus is this one'
      : 'the placer may answer questions, and may cancel before work began; every other move is ours';
  return fault('task-move', 'Task.status', `${facts}: ${rest}.`);
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalContent({ value: one }) === canonicalContent({ value: other });
}

function fault(code: string, expression: string, message: string): Issue {
  return { severity: 'error', code, type: 'business-rule', expression, message };
}
