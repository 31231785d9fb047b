import type { Queue } from './queue.ts';
import type { OutboxEntry, QueueName } from './records.ts';
import type { Store } from './store.ts';

/** What the relay needs of the world. */
export interface RelayWorld {
  readonly takeOutbox: Store['takeOutbox'];
  readonly outboxSignal: Store['outboxSignal'];
  readonly queue: Pick<Queue, 'add'>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** True ends the relay after the round under way. */
  readonly stopped: () => boolean;
  /** A round that failed: nothing is lost, its rows stay. */
  readonly failed: (error: unknown) => void;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface RelayOptions {
  /** Rows a round at most. */
  readonly limit: number;
  /** Without a signal, look again after this time: for rows that become due, and signals that got lost. */
  readonly pollMilliseconds: number;
  /** Rounds follow each other no faster than this, so that rows gather into packs when there are many. */
  readonly gatherMilliseconds: number;
  /** The feed of plans may be this much behind: one plan a job is dear, and many at once are cheaper. */
  readonly feedMilliseconds: number;
  /** After a round that failed. */
  readonly retryMilliseconds: number;
  /** Ids a pack at most; the queue allows 50. */
  readonly packSize: number;
  /** A pack is not split below this: a worker does so many at once anyway, and each pack costs the queue the same. */
  readonly splitAbove: number;
  /** What is more is spread over so many packs at least, so that several workers share it. */
  readonly spread: number;
}

export const relayDefaults: RelayOptions = {
  limit: 400,
  pollMilliseconds: 250,
  gatherMilliseconds: 50,
  feedMilliseconds: 250,
  retryMilliseconds: 500,
  packSize: 50,
  splitAbove: 8,
  spread: 2,
};

/**
 * Forward due outbox rows to the queue until stopped. Rows are deleted only after the queue has them, so a crash in
 * between forwards them twice and never not at all.
 */
export async function runRelay(world: RelayWorld, options: RelayOptions = relayDefaults): Promise<void> {
  const work = rounds(world, options, ['intake', 'delivery'], async (startedAt) => {
    await world.outboxSignal(options.pollMilliseconds);
    const since = Date.parse(world.now()) - startedAt;
    if (since >= 0 && since < options.gatherMilliseconds) await world.wait(options.gatherMilliseconds - since);
  });
  const feed = rounds(world, options, ['plans'], () => world.wait(options.feedMilliseconds));
  await Promise.all([work, feed]);
}

/** @param between Waits for the next round; gets when the last one began, in milliseconds since 1970. */
async function rounds(
  world: RelayWorld,
  options: RelayOptions,
  queues: readonly QueueName[],
  between: (startedAt: number) => Promise<void>,
): Promise<void> {
  while (!world.stopped()) {
    const now = world.now();
    try {
      const count = await world.takeOutbox(now, options.limit, (rows) => forward(world.queue, rows, options), queues);
      // A full round means that more is waiting.
      if (count < options.limit && !world.stopped()) await between(Date.parse(now));
    } catch (error) {
      world.failed(error);
      await world.wait(options.retryMilliseconds);
    }
  }
}

async function forward(queue: Pick<Queue, 'add'>, rows: readonly OutboxEntry[], options: RelayOptions): Promise<void> {
  const byQueue = Map.groupBy(rows, (row) => row.queue);
  const adds = [...byQueue].map(([name, entries]) => queue.add(name, packsOf(name, entries, options)));
  await Promise.all(adds);
}

/**
 * Few rows make one pack, which a worker does side by side; many rows make packs of up to `packSize`. Each pack costs the
 * queue the same, and the store is asked once a pack. What is urgent never waits in a pack with what is not. The feed
 * `plans` has one plan a job.
 */
export function packsOf(
  queue: QueueName,
  rows: readonly OutboxEntry[],
  { packSize, splitAbove, spread }: Pick<RelayOptions, 'packSize' | 'splitAbove' | 'spread'>,
): { readonly ids: readonly string[]; readonly priority: number }[] {
  const packs: { ids: string[]; priority: number }[] = [];
  for (const [priority, entries] of [...Map.groupBy(rows, (row) => row.priority)].sort(([a], [b]) => a - b)) {
    const ids = [...new Set(entries.map((row) => row.subject))];
    const size = queue === 'plans' ? 1 : Math.min(packSize, Math.max(splitAbove, Math.ceil(ids.length / spread)));
    for (let from = 0; from < ids.length; from += size) packs.push({ ids: ids.slice(from, from + size), priority });
  }
  return packs;
}
