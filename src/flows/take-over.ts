import type { Store } from './store.ts';

/** What taking over needs of the world. */
export interface TakeOverWorld {
  readonly takeOver: Store['takeOver'];
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly stopped: () => boolean;
  /** How many deliveries of dead processes were queued again. */
  readonly took: (count: number) => void;
  readonly failed: (error: unknown) => void;
  /** Resolves after so long, or earlier when stopped. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface TakeOverOptions {
  readonly everyMilliseconds: number;
  /** A process whose connection broke has so long to say that it lives. */
  readonly graceSeconds: number;
}

export const takeOverDefaults: TakeOverOptions = { everyMilliseconds: 5_000, graceSeconds: 4 };

/** Look again and again for processes that died, so that what they held waits for seconds and not for the end of a lease. */
export async function runTakeOver(world: TakeOverWorld, options: TakeOverOptions = takeOverDefaults): Promise<void> {
  while (!world.stopped()) {
    try {
      world.took(await world.takeOver(world.now(), options.graceSeconds));
    } catch (error) {
      world.failed(error);
    }
    await world.wait(options.everyMilliseconds);
  }
}
