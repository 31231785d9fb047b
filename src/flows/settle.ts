import type { Bundle } from '@medplum/fhirtypes';
import { nextAttempt } from '../core/delivery/retry.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { type AnsweredPartner, answerWork, isTold, pendingAnswer } from './answer.ts';
import type { DeliveredResource, DeliveryTurn, HistoryEntry, PlanRecord, ToldOutcome } from './records.ts';
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
  readonly ended: (delivery: DeliveryTurn, how: Settlement['kind'], issues: readonly Issue[]) => void;
}

/** Somebody changed the plan between reading and settling: read again, but not for ever. */
const settleAttempts = 5;

/** What a hospital took in one call: an outcome or summary, and the Task that tells of it where that went along. */
export interface TakenByHospital {
  readonly body: Bundle;
  readonly proof: readonly DeliveredResource[];
  readonly answer?: {
    readonly leased: LeasedDelivery;
    readonly task: unknown;
    readonly proof: readonly DeliveredResource[];
  };
}

/**
 * The hospital has it: write the proof, and let the plan's version rise because its Task now tells more.
 *
 * @returns False when the lease was lost: then nothing was written.
 */
export async function settleSent(
  world: SettleWorld,
  leased: LeasedDelivery,
  material: { readonly record: PlanRecord; readonly partner: AnsweredPartner; readonly mappingVersion: string },
  taken: TakenByHospital,
): Promise<boolean> {
  let { record } = material;
  for (let attempt = 1; ; attempt++) {
    const now = world.now();
    const outcomes = [...(record.outcomes ?? []), toldOutcome(leased.delivery, taken.proof)];
    const raised = { ...record, outcomes, version: record.version + 1, updatedAt: now };
    // What changed since the Task was made is not in it: then the version that it was made of is what was told.
    const told = record.version === material.record.version ? raised.version : material.record.version;
    const settled = await settleOnce(world, leased, sentAs(taken, told), now, {
      plan: { record: raised, expect: record.version },
      ...followingAnswer(material.partner, raised, taken.answer !== undefined),
      history: historyOfSent(leased, taken, now, material.mappingVersion),
    });
    if (settled === 'lost') return false;
    if (settled === 'done') {
      world.ended(leased.delivery, 'sent', []);
      if (taken.answer !== undefined) world.ended(taken.answer.leased.delivery, 'sent', []);
      return true;
    }
    const again = await world.store.plan(leased.delivery.planId);
    if (again === undefined || attempt >= settleAttempts)
      throw new Error(`Plan of delivery ${leased.delivery.id} keeps changing.`);
    record = again;
  }
}

function sentAs({ body, proof, answer }: TakenByHospital, told: number): Settlement {
  const sent = { kind: 'sent', body, proof, sentVersion: 0 } as const;
  if (answer === undefined) return sent;
  return { ...sent, answer: { leased: answer.leased, body: answer.task, proof: answer.proof, sentVersion: told } };
}

/** An answer that did not go along is made pending, with the version that now is to be told. */
function followingAnswer(
  partner: AnsweredPartner,
  raised: PlanRecord,
  wentAlong: boolean,
): Pick<Writes, 'deliveries' | 'outbox'> {
  if (wentAlong || !isTold(partner)) return { outbox: [] };
  return { deliveries: [pendingAnswer(raised)], outbox: [answerWork(raised)] };
}

function historyOfSent(
  { delivery }: LeasedDelivery,
  { proof, answer }: TakenByHospital,
  now: string,
  mappingVersion: string,
): HistoryEntry[] {
  const own = happened(delivery, now, 'delivered', { resources: proof.length, mappingVersion });
  if (answer === undefined) return [own];
  const told = answer.leased.delivery;
  return [own, happened(told, now, 'sent', { attempts: told.attempts, codes: [] })];
}

/** What a Task tells of a delivery that the hospital has. */
export function toldOutcome(delivery: DeliveryTurn, resources: ToldOutcome['resources']): ToldOutcome {
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

function happened(delivery: DeliveryTurn, at: string, event: string, detail: Record<string, unknown>): HistoryEntry {
  return { at, about: 'delivery', id: delivery.id, event, by: 'tactus', detail: { kind: delivery.kind, ...detail } };
}
