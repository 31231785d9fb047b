import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from '../flows/deliver.ts';
import { runExpiry } from '../flows/expire.ts';
import { makePlans } from '../flows/plan.ts';
import { runForget } from '../flows/refused.ts';
import { runRelay } from '../flows/relay.ts';
import { runSweep } from '../flows/sweep.ts';
import { runTakeOver } from '../flows/take-over.ts';
import { faultName } from '../io/log/log.ts';
import { expireWorld } from './change-world.ts';
import { now } from './outside.ts';
import { type Live, ofHouse } from './reload.ts';
import { deliverWorld, planWorld } from './worker-worlds.ts';

/** Packs that one worker process works on at once: many of deliveries, so that a hospital that hangs does not stop others. */
const concurrency = { intake: 2, delivery: 8 } as const;

/**
 * Start what is done wherever work is done: what comes round again and again, and the workers that take packs.
 *
 * @param closers Gets what ends the rounds; the workers end with the queue.
 */
export async function startWork(live: Live, closers: (() => Promise<void>)[]): Promise<void> {
  closers.push(startRounds(live));
  const { queue } = live.house;
  const plans = ofHouse(live, planWorld);
  const deliveries = ofHouse(live, deliverWorld);
  await queue.work('intake', ({ ids }) => makePlans(plans(), ids), concurrency.intake);
  await queue.work('delivery', ({ ids }) => deliver(deliveries(), ids), concurrency.delivery);
}

/** The relay, the sweeper and what else comes round. @returns Ends them. */
function startRounds(live: Live): () => Promise<void> {
  const { store, queue, log } = live.house;
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;
  const failed = (what: string) => (error: unknown) => log.error(`${what} failed`, { error: faultName(error) });
  const wait = (milliseconds: number) => sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => {});
  const relay = runRelay({
    takeOutbox: store.takeOutbox,
    outboxSignal: store.outboxSignal,
    queue,
    now,
    stopped,
    failed: failed('relay'),
    wait,
  });
  const sweeping = runSweep({
    sweep: store.sweep,
    now,
    stopped,
    swept: (count) => count > 0 && log.warn('work without a next step was queued again', { count }),
    failed: failed('sweep'),
    wait,
  });
  const taking = runTakeOver({
    takeOver: store.takeOver,
    now,
    stopped,
    took: (count) => count > 0 && log.warn('work of a process that died was queued again', { count }),
    failed: failed('taking over'),
    wait,
  });
  const expiring = runExpiry(liveExpireWorld(live), {
    stopped,
    done: ({ remind, 'give-up': rejected, expire }) => {
      const count = remind + rejected + expire;
      if (count > 0) log.info('plans that waited were reminded of, rejected or expired', { count });
    },
    failed: failed('expiry'),
    wait,
  });
  const forgetting = runForget({
    forgetRefused: store.forgetRefused,
    now,
    stopped,
    failed: failed('forgetting'),
    wait,
  });
  return async () => {
    stopping.abort();
    await Promise.all([relay, sweeping, taking, expiring, forgetting]);
  };
}

/** What time does goes on for as long as Tactus runs, by the partners of the house as it is in each round. */
function liveExpireWorld(live: Live): ReturnType<typeof expireWorld> {
  const world = ofHouse(live, expireWorld);
  return {
    now,
    get store() {
      return world().store;
    },
    get partners() {
      return world().partners;
    },
  };
}
