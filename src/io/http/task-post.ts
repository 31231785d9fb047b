import type { Resource, Task } from '@medplum/fhirtypes';
import { cancellationTask } from '../../core/answer/cancellation-task.ts';
import type { Partner } from '../../core/answer/partner.ts';
import type { Issue } from '../../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../../core/fhir/json.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import type { IncomingTask, ReceivedTask } from '../../flows/receive-task.ts';
import type { PlanRecord, Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, Refusal } from './answer.ts';
import type { Call } from './door.ts';
import { versionHeaders } from './fhir-resource.ts';
import { partnerOf } from './service-request.ts';

/** What a Task that is posted needs. */
export interface TaskPostWorld {
  readonly partners: ReadonlyMap<string, Partner>;
  readonly store: Pick<Store, 'planOfReferral'>;
  /** `base` is our own address, as the caller sees it. */
  readonly receiveTask: (incoming: IncomingTask, base: string) => Promise<ReceivedTask>;
  readonly taskOf: (partner: Partner, referral: Referral, plan: PlanRecord | undefined) => Task;
  readonly onReceived: (partner: string, what: 'created' | 'same' | 'conflict' | 'refused') => void;
}

/**
 * POST Task: an order to carry out (`fulfill`) or to end (`abort`). Answered with our own Task: that of the referral, or of
 * the request to cancel.
 */
export async function postTask(world: TaskPostWorld, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const parsed = parseJson(call.body.text, strangerLimits);
  if (!parsed.ok) throw new Refusal(400, parsed.issues);
  const received = await world.receiveTask(
    {
      sender,
      bytes: call.body.bytes,
      task: parsed.value,
      correlationId: call.correlationId ?? null,
      locate: parsed.locate,
    },
    call.base,
  );
  if (received.kind === 'refused') {
    world.onReceived(sender.id, received.status === 409 ? 'conflict' : 'refused');
    throw new Refusal(received.status, received.issues);
  }
  if (received.kind === 'cancellation') {
    const { told, referral, issues } = received;
    return answer(call, cancellationTask({ cancellation: told.cancellation, referral }), told.isNew, issues);
  }
  const { kind, referral, issues } = received.order;
  world.onReceived(sender.id, kind === 'created' ? 'created' : 'same');
  const plan = kind === 'created' ? undefined : await world.store.planOfReferral(referral.id);
  return answer(call, world.taskOf(sender, referral, plan), kind === 'created', issues);
}

function answer(call: Call, task: Task, isNew: boolean, issues: readonly Issue[]): Answer {
  const resource = task as Resource;
  const headers = { ...versionHeaders(resource), Location: `${call.base}/Task/${task.id}` };
  const status = isNew ? 201 : 200;
  if (call.prefer.returns === 'minimal') return { status, headers };
  if (call.prefer.returns === 'OperationOutcome') return { status, headers, body: toOperationOutcome(issues) };
  return { status, headers, body: resource };
}
