import type { Bundle, Task } from '@medplum/fhirtypes';
import { planNumberSystem } from '../core/answer/codes.ts';
import type { Delivery, OutboxEntry, PlanRecord } from './records.ts';
import type { Store, Writes } from './store.ts';

/** What of a partner's file decides how it is answered. */
export interface AnsweredPartner {
  readonly id: string;
  readonly answers: 'push-task' | 'update-task' | 'keep' | 'message';
}

/** The row that carries a plan's answers; there is one a plan, so that a newer answer takes the place of an older one. */
export function answerId(planId: string): string {
  return `${planId}-answer`;
}

/**
 * The store, with the promise that no plan changes without its hospital coming to know: every commit that writes a plan
 * also makes its answer pending, in the same transaction. Flows cannot forget it.
 */
export function answering(store: Store, partner: (id: string) => AnsweredPartner | undefined): Store {
  return {
    ...store,
    commit: (writes) => store.commit(withAnswer(writes, partner)),
  };
}

/** The writes and, where a plan is among them, its answer. It needs no work of its own where an outcome takes it along. */
export function withAnswer(writes: Writes, partner: (id: string) => AnsweredPartner | undefined): Writes {
  const record = writes.plan?.record;
  if (record === undefined || !isTold(partner(record.partner))) return writes;
  const others = writes.deliveries ?? [];
  const goesAlong = others.some(({ kind, planId }) => kind !== 'answer' && planId === record.plan.planId);
  return {
    ...writes,
    deliveries: [...others, pendingAnswer(record)],
    outbox: goesAlong ? writes.outbox : [...writes.outbox, answerWork(record)],
  };
}

/** Whether the partner is told; otherwise it reads the Task here. */
export function isTold(partner: AnsweredPartner | undefined): boolean {
  return partner !== undefined && partner.answers !== 'keep';
}

/** The answer of a plan, to be sent now, telling at least this version of it. */
export function pendingAnswer(record: PlanRecord): Delivery {
  const { planId } = record.plan;
  return {
    id: answerId(planId),
    kind: 'answer',
    partner: record.partner,
    planId,
    sessionId: null,
    state: 'pending',
    attempts: 0,
    dueAt: record.updatedAt,
    priority: 10,
    wantedVersion: record.version,
    body: null,
    proof: [],
    issues: [],
    createdAt: record.updatedAt,
    sentAt: null,
  };
}

export function answerWork(record: PlanRecord): OutboxEntry {
  return { queue: 'delivery', subject: answerId(record.plan.planId), dueAt: record.updatedAt, priority: 10 };
}

/**
 * A Bundle that writes the Task at the hospital: found by our plan number there, so that it is made once and changed
 * ever after (conditional update, https://hl7.org/fhir/R4/http.html#cond-update).
 */
export function taskEntry(task: Task, planId: string): NonNullable<Bundle['entry']>[number] {
  const { id, meta, ...told } = task;
  // Id and version are ours; the hospital gives its own.
  const profile = meta?.profile;
  return {
    resource: { ...told, ...(profile === undefined ? {} : { meta: { profile } }) },
    request: { method: 'PUT', url: `Task?identifier=${planNumberSystem}|${planId}` },
  };
}
