import type { Issue } from '../fhir/issue.ts';
import { object, objects, text } from '../plan/screening/json.ts';
import type { Anchors } from './anchor.ts';
import { type BusinessStatus, businessStatusSystem, isStatusReason, statusReasonSystem } from './codes.ts';

/** In which statuses our own business statuses can stand; one that is not named can stand in all. */
const ownStatuses: Readonly<Partial<Record<BusinessStatus, readonly string[]>>> = {
  'awaiting-information': ['received', 'accepted', 'in-progress', 'on-hold'],
  'awaiting-scheduling': ['accepted', 'in-progress', 'on-hold'],
  'visit-scheduled': ['accepted', 'in-progress', 'on-hold'],
  'visit-no-show': ['accepted', 'in-progress', 'on-hold'],
  'visit-cancelled': ['accepted', 'in-progress', 'on-hold'],
  'session-completed': ['in-progress', 'on-hold', 'completed'],
  // BSeR has no `failed`: a course that ended early is told there as declined.
  'course-partial': ['failed', 'cancelled', 'completed', 'rejected'],
  'outcome-final': ['completed'],
  'cancellation-requested': ['received', 'accepted', 'in-progress', 'on-hold'],
  'referred-onward': ['rejected', 'failed'],
};

/**
 * Look for contradictions in a Task that a partner sends: a status and a business status that cannot both be true. Only
 * code systems whose meaning is published are judged; codes of others are left alone.
 *
 * @returns `task-contradiction`, naming both facts, for each; and `unknown-code` for codes of our own systems that do
 *   not exist.
 * @see docs/answers.md
 */
export function checkInboundTask(task: Readonly<Record<string, unknown>>, anchors: Anchors): Issue[] {
  const status = text(task.status);
  const issues: Issue[] = [];
  objects(object(task.businessStatus)?.coding).forEach((coding, index) => {
    const code = text(coding?.code);
    if (code === undefined) return;
    const expression = `Task.businessStatus.coding[${index}]`;
    const meaning = meaningOf(text(coding?.system), code, anchors);
    if (meaning === 'unknown') issues.push(unknownCode(expression, code, 'business status'));
    if (meaning === undefined || meaning === 'unknown' || status === undefined) return;
    if (!meaning.statuses.includes(status)) issues.push(contradiction(expression, status, code, meaning));
  });
  objects(object(task.statusReason)?.coding).forEach((coding, index) => {
    const code = text(coding?.code);
    if (coding?.system !== statusReasonSystem || code === undefined || isStatusReason(code)) return;
    issues.push(unknownCode(`Task.statusReason.coding[${index}]`, code, 'status reason'));
  });
  return issues;
}

interface Meaning {
  readonly title: string;
  readonly statuses: readonly string[];
}

/** `unknown`: the system is one that we know, and it has no such code. */
function meaningOf(system: string | undefined, code: string, anchors: Anchors): Meaning | 'unknown' | undefined {
  if (system === businessStatusSystem) {
    const statuses = Object.hasOwn(ownStatuses, code) ? ownStatuses[code as BusinessStatus] : undefined;
    return statuses === undefined ? 'unknown' : { title: code, statuses };
  }
  for (const anchor of anchors.values()) {
    if (anchor.numberSystem !== undefined && anchor.numberSystem === system) {
      const numbers = new Map(Object.entries(anchor.numbers ?? {}));
      return numbers.get(code) ?? 'unknown';
    }
  }
  return undefined;
}

function contradiction(expression: string, status: string, code: string, { title, statuses }: Meaning): Issue {
  const can = statuses.join(' or ');
  return {
    severity: 'error',
    code: 'task-contradiction',
    type: 'business-rule',
    expression,
    message: `Task.status is "${status}" and Task.businessStatus is "${code}" (${title}); both cannot be true. With this business status the status is ${can}. Correct one of them and send the Task again.`,
  };
}

function unknownCode(expression: string, code: string, kind: string): Issue {
  return {
    severity: 'error',
    code: 'unknown-code',
    type: 'code-invalid',
    expression,
    message: `${expression} has "${code}", which is no ${kind} of its code system.`,
  };
}
