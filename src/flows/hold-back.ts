import { deliveryIssue } from '../core/delivery/answer.ts';
import type { Admission } from './gate.ts';
import { type SettleWorld, settleFailure } from './settle.ts';
import type { LeasedDelivery } from './store.ts';

/** What is held back because others are slow comes again after this, spread over as long again. */
const busySeconds = 5;

/**
 * Give deliveries back that may not go to their hospital now. Where it hangs, that counts as an attempt that failed, so that
 * the next ones come ever more seldom and a person looks in the end; where it is only slow, nothing was attempted.
 */
export async function holdBack(
  world: SettleWorld,
  group: readonly LeasedDelivery[],
  why: Exclude<Admission['kind'], 'go'>,
): Promise<void> {
  for (const leased of group) {
    if (why === 'hanging') await settleFailure(world, leased, null, { kind: 'again', issues: [hanging()] });
    else await comeAgainSoon(world, leased);
  }
}

async function comeAgainSoon(world: SettleWorld, leased: LeasedDelivery): Promise<void> {
  const now = world.now();
  const { id, priority, issues } = leased.delivery;
  const dueAt = new Date(Date.parse(now) + busySeconds * 1000 * (1 + world.dice())).toISOString();
  await world.store.settle(leased, { kind: 'again', dueAt, issues, isUntried: true }, now, {
    history: [],
    outbox: [{ queue: 'delivery', subject: id, dueAt, priority }],
  });
}

function hanging() {
  const message = 'The hospital did not answer several calls in time, and another delivery is asking it just now.';
  return deliveryIssue('hospital-hanging', 'transient', message);
}
