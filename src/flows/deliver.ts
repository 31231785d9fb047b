import { type DeliverWorld, deliverPlan } from './deliver-plan.ts';
import { holdBack } from './hold-back.ts';
import { inLanes } from './lanes.ts';
import type { LeasedDelivery } from './store.ts';

export type { DeliverWorld } from './deliver-plan.ts';

/** Longer than the longest call (30 s) and the writing around it, so that a lease never ends under a living worker. */
const leaseSeconds = 90;

/**
 * Leased at once, of a pack. What a killed worker holds waits until it is taken over: so a worker takes only what it works on
 * now, not the whole pack.
 */
const leasedAtOnce = 8;

/**
 * Deliver a pack: each delivery that is due and that nobody else works on. Deliveries of one plan go one after another,
 * those of different plans at once. Safe to repeat: what is sent is not leased again.
 */
export async function deliver(world: DeliverWorld, ids: readonly string[]): Promise<void> {
  const slices: (readonly string[])[] = [];
  for (let from = 0; from < ids.length; from += leasedAtOnce) slices.push(ids.slice(from, from + leasedAtOnce));
  await inLanes(slices, 1, (slice) => deliverSlice(world, slice));
}

async function deliverSlice(world: DeliverWorld, ids: readonly string[]): Promise<void> {
  const leased = await world.store.lease(ids, world.now(), leaseSeconds);
  const byPlan = Map.groupBy(leased, ({ delivery }) => delivery.planId);
  await inLanes(byPlan.values(), leasedAtOnce, (group) => deliverInTurn(world, group));
}

async function deliverInTurn(world: DeliverWorld, group: readonly LeasedDelivery[]): Promise<void> {
  const [first] = group;
  const isUrgent = group.some(({ delivery }) => delivery.priority === 0);
  const admission = first && world.gate?.admit(first.delivery.partner, isUrgent);
  if (admission === undefined) return deliverPlan(world, group);
  if (admission.kind !== 'go') return holdBack(world, group, admission.kind);
  return admission.run(() => deliverPlan(world, group));
}
