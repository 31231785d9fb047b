import type { Task } from '@medplum/fhirtypes';

/** A request to cancel and its answer, as a Task tells them. */
export interface CancellationTold {
  readonly cancellation: {
    readonly taskId: string;
    readonly state: 'requested' | 'accepted' | 'rejected' | 'withdrawn';
    /** Instants. */
    readonly requestedAt: string;
    readonly decided?: { readonly at: string; readonly reason: string };
  };
  readonly referral: {
    /** Ours. */
    readonly id: string;
    readonly placer: { readonly system: string; readonly value: string };
  };
}

const statuses = { requested: 'received', accepted: 'accepted', rejected: 'rejected', withdrawn: 'cancelled' } as const;

/**
 * The Task of a request to cancel as it stands here (COW: CancellationRequestTask): its status is the answer, its focus the
 * Task of the referral.
 */
export function cancellationTask({ cancellation, referral }: CancellationTold): Task {
  const { taskId, state, requestedAt, decided } = cancellation;
  const changed = decided?.at ?? requestedAt;
  return {
    resourceType: 'Task',
    id: taskId,
    meta: { versionId: decided === undefined ? '1' : '2', lastUpdated: changed },
    status: statuses[state],
    ...(decided === undefined ? {} : { statusReason: { text: decided.reason } }),
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'abort' }] },
    focus: { reference: `Task/${referral.id}`, type: 'Task', identifier: referral.placer },
    authoredOn: requestedAt,
    lastModified: changed,
  };
}
