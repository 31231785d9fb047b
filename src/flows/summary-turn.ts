import type { DeliveryTurn } from './records.ts';
import type { Store } from './store.ts';

/** The outcome that is on its way beside a summary is there within seconds, or takes so long that nobody should wait. */
const turnSeconds = 2;
const mostTurns = 3;

/**
 * When a summary should be tried instead of now: outcomes of its plan are still on their way by another worker, and the
 * report names their Observations. It waits for them three times two seconds and then goes without.
 *
 * @returns An instant; undefined: now.
 */
export async function turnOfSummary(
  world: { readonly store: Pick<Store, 'deliveriesOfPlan'>; readonly now: () => string },
  delivery: DeliveryTurn,
): Promise<string | undefined> {
  if (delivery.kind !== 'summary' || delivery.attempts > mostTurns) return undefined;
  const others = await world.store.deliveriesOfPlan(delivery.planId);
  if (!others.some(({ kind, state }) => kind === 'outcome' && state === 'pending')) return undefined;
  return new Date(Date.parse(world.now()) + turnSeconds * 1000).toISOString();
}
