import type { InboundTask } from '../core/answer/inbound-kind.ts';
import type { Issue, IssueType } from '../core/fhir/issue.ts';
import type { BundleAction } from '../core/fhir/transaction.ts';
import type { ReferralSender } from './read-referral.ts';
import { statusFaults } from './receive-task.ts';
import type { Referral } from './records.ts';
import type { Store } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

export interface TransactionTaskWorld {
  readonly store: Pick<Store, 'referral'>;
  readonly readTask: (task: Json) => InboundTask;
}

/** A Task of a transaction with the order that it asks for: an entry of the Bundle, or a referral that is here. */
export interface AskingTask {
  readonly index: number;
  readonly focus: { readonly entry: number } | { readonly referral: Referral };
  readonly issues: readonly Issue[];
}

/** Read the Tasks of a transaction and find what each is about. Tasks that only group others are left out. */
export async function tasksOf(
  world: TransactionTaskWorld,
  sender: ReferralSender,
  actions: readonly BundleAction[],
): Promise<readonly (AskingTask | { readonly faults: readonly Issue[] })[]> {
  const found: (AskingTask | { readonly faults: readonly Issue[] })[] = [];
  for (const action of actions.filter((one) => partOf(one) === 'task')) {
    const read = readTask(world, action, actions);
    if (!read.ok) found.push({ faults: read.issues });
    if (!read.ok || read.focus === undefined) continue;
    const focus = await findFocus(world, sender, actions, action, read.focus);
    found.push('severity' in focus ? { faults: [focus] } : { index: action.index, focus, issues: read.issues });
  }
  return found;
}

/** What an entry is for. */
export function partOf({ method, type }: BundleAction): 'order' | 'task' | 'context' | 'read' {
  if (method === 'GET' || method === 'HEAD') return 'read';
  if (method === 'POST' && type === 'ServiceRequest') return 'order';
  return method === 'POST' && type === 'Task' ? 'task' : 'context';
}

type ReadTask =
  | { readonly ok: true; readonly focus: Json | undefined; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** A Task without a focus that groups others (AU eRequesting) is context; the others say what is asked for. */
function readTask(
  world: TransactionTaskWorld,
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
  world: TransactionTaskWorld,
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

function inEntry(issue: Issue, expression: string): Issue {
  return { ...issue, expression: issue.expression.replace(/^Task/, `${expression}.resource`) };
}

function fault(code: string, type: IssueType, expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
