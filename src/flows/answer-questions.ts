import type { Task } from '@medplum/fhirtypes';
import type { AnswerEntry, Applied } from '../core/answer/apply-answers.ts';
import { placerUpdate } from '../core/answer/placer-update.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { checkTreatmentPlan } from '../core/plan/check.ts';
import { next } from '../core/plan/states.ts';
import type { TreatmentPlan } from '../core/plan/treatment-plan.ts';
import { type CancelWorld, requestCancellation } from './cancel.ts';
import { type Changed, changePlan, type PlanChange, refused, type Step } from './change-plan.ts';
import { reconsider } from './reconsider.ts';
import type { HistoryEntry, PlanRecord, Referral } from './records.ts';

/** What taking answers needs of the world. */
export interface AnswerWorld extends CancelWorld {
  /** The Task as it stands here. */
  readonly taskOf: (record: PlanRecord, referral: Referral) => Task;
  /** Contradictions in a Task that comes in (core/answer/inbound-task.ts). */
  readonly checkTask: (task: Readonly<Record<string, unknown>>) => readonly Issue[];
  readonly applyAnswers: (
    plan: TreatmentPlan,
    entries: readonly AnswerEntry[],
    told: { readonly by: string; readonly at: string; readonly element: 'input' | 'output' },
  ) => Applied;
}

/** The Task of a referral as its placer wants it to be. */
export interface TaskUpdate {
  /** Partner id. */
  readonly partner: string;
  /** Of the Task, which is the referral's. */
  readonly referralId: string;
  /** A Task of R4; that it is one was checked. */
  readonly task: Readonly<Record<string, unknown>>;
  /** Versions of If-Match. */
  readonly expected: readonly number[] | 'any';
}

/**
 * Take what a placer changes in the Task of its referral: answers to our questions complete a plan that waits for them,
 * which is then decided anew; `cancelled` cancels it before work began.
 *
 * @returns Refused with 409 (no plan yet), 412 (stale) or 422: contradictions and moves that are not the placer's, naming
 *   both facts; answers that cannot be read; nothing is asked.
 */
export async function updateTask(world: AnswerWorld, update: TaskUpdate): Promise<Changed<PlanRecord>> {
  const referral = await world.store.referral(update.referralId);
  if (referral === undefined || referral.partner !== update.partner) return { kind: 'unknown' };
  const record = await world.store.planOfReferral(referral.id);
  if (record === undefined) {
    const message = 'The referral is being looked at; its Task can be changed in a moment.';
    return refused(409, fault('plan-pending', 'conflict', 'Task', message));
  }
  const contradictions = world.checkTask(update.task);
  if (contradictions.length > 0) return refused(422, ...contradictions);
  let cancels = false;
  const changed = await changePlan(world, record.plan.planId, (current) => {
    const step = answerStep(world, current, referral, update);
    cancels = step === 'cancel';
    return step === 'cancel' ? { kind: 'done' } : step;
  });
  if (!cancels) return changed;
  const { partner, referralId } = update;
  const told = await requestCancellation(world, { partner, referralId, reason: reasonOf(update.task) });
  if (told.kind !== 'told') return told;
  return { kind: 'done', value: told.record, isNew: told.isNew, issues: [] };
}

function answerStep(world: AnswerWorld, record: PlanRecord, referral: Referral, update: TaskUpdate): Step | 'cancel' {
  const { expected, task, partner } = update;
  if (expected !== 'any' && !expected.includes(record.version)) {
    const message = `Task/${referral.id} has version ${record.version}, not ${expected.join(' or ')}; read it again.`;
    return refused(412, fault('version-stale', 'conflict', '', message));
  }
  const { plan } = record;
  const current = world.taskOf(record, referral);
  const wanted = placerUpdate(current, task, { status: plan.status, begun: plan.progress.delivered > 0 });
  if (wanted.kind === 'refused') return refused(422, ...wanted.issues);
  if (wanted.kind === 'cancel') return 'cancel';
  if (plan.status !== 'held' || record.questions.length === 0) {
    const message = `Task/${referral.id} is ${current.status} and asks nothing, so there is nothing to answer; change the order instead.`;
    return refused(422, fault('nothing-asked', 'business-rule', 'Task.input', message));
  }
  const at = world.now();
  const { entries, element } = answersIn(task);
  const applied = world.applyAnswers(plan, entries, { by: nameOf(task) ?? partner, at, element });
  if (!applied.ok) return refused(422, ...applied.issues);
  const change = applied.isDeclined ? declined(applied.plan) : reconsider(world.drafting, referral, applied.plan);
  const faults = checkTreatmentPlan(change.plan);
  if (faults.length > 0) return refused(422, ...faults);
  const detail = { answered: applied.answered, from: plan.status, to: change.plan.status };
  const entry: HistoryEntry = { at, about: 'plan', id: plan.planId, event: 'answered', by: partner, detail };
  return { kind: 'change', change: { ...change, history: [entry] }, issues: [] };
}

/** The prescriber says that massage is not safe. */
function declined(plan: TreatmentPlan): Pick<PlanChange, 'plan' | 'reasons' | 'questions'> {
  const status = next(plan.status, 'reject') ?? plan.status;
  return { plan: { ...plan, status }, reasons: ['contraindication-reported'], questions: [] };
}

/** Answers stand in `input`, where the question stood, or as `output` (docs/answers.md); output is looked at second. */
function answersIn(task: TaskUpdate['task']) {
  const list = (name: string) => (Array.isArray(task[name]) ? (task[name] as AnswerEntry[]) : []);
  const isAnswered = list('input').some(({ valueString }) => valueString === undefined);
  if (isAnswered || list('output').length === 0) return { entries: list('input'), element: 'input' as const };
  return { entries: list('output'), element: 'output' as const };
}

/** Who answers for it, where the Task names somebody. */
function nameOf(task: TaskUpdate['task']): string | undefined {
  const { display, reference } = (task.requester ?? {}) as { readonly display?: unknown; readonly reference?: unknown };
  const name = display ?? reference;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function reasonOf(task: TaskUpdate['task']): string | null {
  const { text } = (task.statusReason ?? {}) as { readonly text?: unknown };
  return typeof text === 'string' && text !== '' ? text : null;
}

function fault(code: string, type: Issue['type'], expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
