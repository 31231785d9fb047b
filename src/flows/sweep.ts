import type { Store } from './store.ts';

/** What the sweeper needs of the world. */
export interface SweepWorld {
  readonly sweep: Store['sweep'];
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly stopped: () => boolean;
  /** How many rows a sweep wrote; more than none means that something was lost or is slow. */
  readonly swept: (count: number) => void;
  readonly failed: (error: unknown) => void;
  /** Resolves after so long, or earlier when stopped. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface SweepOptions {
  readonly everyMilliseconds: number;
  /** Longer than a pack may take: lease, lock and stall check together. */
  readonly overdueSeconds: number;
}

export const sweepDefaults: SweepOptions = { everyMilliseconds: 15_000, overdueSeconds: 60 };

/**
 * Look again and again for what has no next step (the queue lost it, or a process died at the wrong moment) and give it
 * one. With this the queue may lose everything and still nothing is lost.
 */
export async function runSweep(world: SweepWorld, options: SweepOptions = sweepDefaults): Promise<void> {
  while (!world.stopped()) {
    try {
      world.swept(await world.sweep(world.now(), options.overdueSeconds));
    } catch (error) {
      world.failed(error);
    }
    await world.wait(options.everyMilliseconds);
  }
}
