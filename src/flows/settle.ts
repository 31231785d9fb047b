import type { Bundle } from '@medplum/fhirtypes';
import { nextAttempt } from '../core/delivery/retry.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { type AnsweredPartner, answerWork, isTold, pendingAnswer } from './answer.ts';
import type { DeliveredResource, Delivery, HistoryEntry, PlanRecord, ToldOutcome } from './records.ts';
import type { Sent } from './send.ts';
import type { LeasedDelivery, Settlement, Store, Writes } from './store.ts';

export interface DeliveredPartner extends AnsweredPartner {
  readonly delivery: 'transaction' | 'conditional-create';
}

/** What ending an attempt needs of the world. */
export interface SettleWorld {
  readonly store: Pick<Store, 'settle' | 'plan'>;
  /** ISO 8601 in UTC with milliseconds. */
  readonly now: () => string;
  /** 0 to 1. */
  readonly dice: () => number;
  /** Told after an attempt was written down: for log and metrics. */
  readonly ended: (delivery: Delivery, how: Settlement['kind'], issues: readonly Issue[]) => void;
}

/** Somebody changed the plan between reading and settling: read again, but not for ever. */
const settleAttempts = 5;

/**
 * The hospital has it: write the proof, and let the plan's version rise because its Task now tells more.
 *
 * @returns The plan version that a Task sent in the same transaction has told; undefined when the lease was lost.
 */
export async function settleSent(
  world: SettleWorld,
  leased: LeasedDelivery,
  material: { readonly record: PlanRecord; readonly partner: AnsweredPartner; readonly mappingVersion: string },
  {
    body,
    proof,
    withTask,
  }: { readonly body: Bundle; readonly proof: readonly DeliveredResource[]; readonly withTask: boolean },
): Promise<number | undefined> {
  let { record } = material;
  for (let attempt = 1; ; attempt++) {
    const now = world.now();
    const outcomes = [...(record.outcomes ?? []), toldOutcome(leased.delivery, proof)];
    const raised = { ...record, outcomes, version: record.version + 1, updatedAt: now };
    const tells = isTold(material.partner);
    const then: Pick<Writes, 'plan' | 'deliveries' | 'history' | 'outbox'> = {
      plan: { record: raised, expect: record.version },
      deliveries: tells ? [pendingAnswer(raised)] : [],
      history: [
        happened(leased.delivery, now, 'delivered', {
          resources: proof.length,
          mappingVersion: material.mappingVersion,
        }),
      ],
      outbox: tells && !withTask ? [answerWork(raised)] : [],
    };
    const settled = await settleOnce(world, leased, { kind: 'sent', body, proof, sentVersion: 0 }, now, then);
    if (settled === 'lost') return undefined;
    if (settled === 'done') {
      world.ended(leased.delivery, 'sent', []);
      // What changed since the Task was made is not in it: that version is still to be told.
      return record.version === material.record.version ? raised.version : material.record.version;
    }
    const again = await world.store.plan(leased.delivery.planId);
    if (again === undefined || attempt >= settleAttempts)
      throw new Error(`Plan of delivery ${leased.delivery.id} keeps changing.`);
    record = again;
  }
}

/** What a Task tells of a delivery that the hospital has. */
export function toldOutcome(delivery: Delivery, resources: ToldOutcome['resources']): ToldOutcome {
  return {
    kind: delivery.kind === 'summary' ? 'summary' : 'outcome',
    sessionId: delivery.sessionId ?? '',
    resources: resources.map(({ type, id }) => ({ type, id })),
  };
}

async function settleOnce(
  world: SettleWorld,
  leased: LeasedDelivery,
  settlement: Settlement,
  now: string,
  then: Pick<Writes, 'plan' | 'deliveries' | 'history' | 'outbox'>,
): Promise<'done' | 'lost' | 'conflict'> {
  try {
    return (await world.store.settle(leased, settlement, now, then)) ? 'done' : 'lost';
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'STORE_CONFLICT') return 'conflict';
    throw error;
  }
}

export async function settleFailure(
  world: SettleWorld,
  leased: LeasedDelivery,
  body: unknown,
  failure: Exclude<Sent, { readonly kind: 'taken' }>,
): Promise<void> {
  if (failure.kind === 'refused') return void (await wait(world, leased, body, failure.issues));
  const { delivery } = leased;
  const { retryAfterSeconds } = failure;
  const options = {
    urgent: delivery.priority === 0,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  const at = nextAttempt(delivery.attempts, Date.parse(world.now()), options, world.dice());
  if (at === undefined) return void (await wait(world, leased, body, failure.issues));
  const dueAt = new Date(at).toISOString();
  await finish(world, leased, { kind: 'again', dueAt, issues: failure.issues });
}

/** A person must look; the issues say at what. */
export async function wait(
  world: SettleWorld,
  leased: LeasedDelivery,
  body: unknown,
  issues: readonly Issue[],
): Promise<false> {
  await finish(world, leased, { kind: 'waiting', body, issues });
  return false;
}

export async function finish(world: SettleWorld, leased: LeasedDelivery, settlement: Settlement): Promise<void> {
  const now = world.now();
  const { delivery } = leased;
  const issues = 'issues' in settlement ? settlement.issues : [];
  const detail = { attempts: delivery.attempts, codes: issues.map(({ code }) => code) };
  const settled = await world.store.settle(leased, settlement, now, {
    history: [happened(delivery, now, settlement.kind, detail)],
    outbox:
      settlement.kind === 'again'
        ? [{ queue: 'delivery', subject: delivery.id, dueAt: settlement.dueAt, priority: delivery.priority }]
        : [],
  });
  if (settled) world.ended(delivery, settlement.kind, issues);
}

function happened(delivery: Delivery, at: string, event: string, detail: Record<string, unknown>): HistoryEntry {
  return { at, about: 'delivery', id: delivery.id, event, by: 'tactus', detail: { kind: delivery.kind, ...detail } };
}
