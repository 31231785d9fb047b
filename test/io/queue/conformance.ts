import { afterEach, describe, expect, it } from 'vitest';
import type { Pack, Queue } from '../../../src/flows/queue.ts';
import type { QueueOptions } from '../../../src/io/queue/open.ts';
import { openQueue } from '../../../src/io/queue/open.ts';

/** A place for queues; each call of `backend` gives one that is empty. */
export interface QueuePlace {
  backend(): Promise<QueueOptions['backend']>;
}

/** What the flows rely on, whichever backend there is. Called once a backend. */
export function queueConformance(place: QueuePlace): void {
  const open: Queue[] = [];
  let backend: QueueOptions['backend'];

  /** As another process would: its own connections on the same backend. */
  async function another(options: Partial<QueueOptions> = {}): Promise<Queue> {
    const queue = await openQueue({ backend, backoffMs: 20, ...options });
    open.push(queue);
    return queue;
  }

  async function fresh(options: Partial<QueueOptions> = {}): Promise<Queue> {
    backend = await place.backend();
    return another(options);
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((queue) => queue.close(0)));
  });

  describe('the queue', () => {
    it('hands every pack to a handler, ids and all, however they were added', async () => {
      const queue = await fresh();
      const ids = Array.from({ length: 70 }, (_, index) => `r${index}`);
      const seen = gather(ids.length + 50);
      await queue.work('intake', seen.handler, 8);
      await queue.add(
        'intake',
        ids.slice(0, 3).map((id) => ({ ids: [id], priority: 10 })),
      );
      await queue.add(
        'intake',
        ids.slice(3).map((id) => ({ ids: [id], priority: 10 })),
      );
      await queue.add('intake', [{ ids: Array.from({ length: 50 }, (_, index) => `in-one-${index}`), priority: 10 }]);
      await seen.all;
      expect(new Set(seen.ids)).toEqual(
        new Set([...ids, ...Array.from({ length: 50 }, (_, index) => `in-one-${index}`)]),
      );
    });

    it('adds nothing for no packs', async () => {
      const queue = await fresh();
      await queue.add('delivery', []);
      expect((await queue.counts()).delivery).toMatchObject({ wait: 0, prioritized: 0 });
    });

    it('takes the same id again, while it waits and after it was done', async () => {
      const queue = await fresh();
      const seen = gather(2);
      await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
      await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
      await queue.work('delivery', seen.handler, 1);
      await seen.all;
      const again = gather(1, seen);
      await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
      await again.all;
      expect(seen.ids).toEqual(['d1', 'd1', 'd1']);
    });

    it('brings a pack again whose handler failed, until it succeeds', async () => {
      const queue = await fresh();
      let tries = 0;
      const done = Promise.withResolvers<void>();
      await queue.work(
        'delivery',
        async () => {
          tries += 1;
          if (tries < 4) throw new Error('Maria Example, born 1980');
          done.resolve();
        },
        1,
      );
      await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
      await done.promise;
      expect(tries).toBe(4);
    });

    it('takes the urgent first', async () => {
      const queue = await fresh();
      for (const [id, priority] of [
        ['c', 10],
        ['b', 5],
        ['d', 10],
        ['a', 0],
      ] as const) {
        await queue.add('delivery', [{ ids: [id], priority }]);
      }
      const seen = gather(4);
      await queue.work('delivery', seen.handler, 1);
      await seen.all;
      expect(seen.ids).toEqual(['a', 'b', 'c', 'd']);
    });

    it('keeps queues apart', async () => {
      const queue = await fresh();
      const [intake, delivery] = [gather(1), gather(1)];
      await queue.work('intake', intake.handler, 1);
      await queue.work('delivery', delivery.handler, 1);
      await queue.add('intake', [{ ids: ['r'], priority: 10 }]);
      await queue.add('delivery', [{ ids: ['d'], priority: 10 }]);
      await Promise.all([intake.all, delivery.all]);
      expect([intake.ids, delivery.ids]).toEqual([['r'], ['d']]);
    });

    it('counts what waits and forgets what is done', async () => {
      const queue = await fresh();
      await queue.add('intake', [
        { ids: ['a'], priority: 0 },
        { ids: ['b', 'c'], priority: 10 },
      ]);
      await queue.add('plans', [{ ids: ['p1', 'p2'], priority: 10 }]);
      expect(await queue.counts()).toMatchObject({
        intake: { wait: 1, prioritized: 1, active: 0, failed: 0 },
        delivery: { wait: 0, prioritized: 0 },
        plans: { wait: 2 },
      });
      const seen = gather(3);
      await queue.work('intake', seen.handler, 1);
      await seen.all;
      await until(async () => sum((await queue.counts()).intake ?? {}) === 0);
    });

    it('answers while its backend does', async () => {
      const queue = await fresh();
      await queue.ping();
    });
  });

  describe('a process that ends', () => {
    it('lets the packs under way finish', async () => {
      const queue = await fresh();
      const [started, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let finished = false;
      await queue.work(
        'delivery',
        async () => {
          started.resolve();
          await finish.promise;
          finished = true;
        },
        1,
      );
      await queue.add('delivery', [{ ids: ['d1'], priority: 10 }]);
      await started.promise;
      const closing = queue.close(10_000);
      finish.resolve();
      await closing;
      expect(finished).toBe(true);
      expect(sum((await (await another()).counts()).delivery ?? {})).toBe(0);
    });

    it('hands back what does not finish in time, to be taken at once by another', async () => {
      const queue = await fresh();
      const started = Promise.withResolvers<void>();
      await queue.work(
        'delivery',
        async () => {
          started.resolve();
          await new Promise(() => {});
        },
        1,
      );
      await queue.add('delivery', [
        { ids: ['d1'], priority: 10 },
        { ids: ['d2'], priority: 10 },
      ]);
      await started.promise;
      await queue.close(10);
      const other = await another();
      expect((await other.counts()).delivery?.active).toBe(0);
      const seen = gather(2);
      await other.work('delivery', seen.handler, 1);
      await seen.all;
      expect(seen.ids.sort()).toEqual(['d1', 'd2']);
    });

    it('leaves what was added to the next one', async () => {
      const queue = await fresh();
      await queue.add('intake', [{ ids: ['r1'], priority: 10 }]);
      await queue.close(0);
      const seen = gather(1);
      await (await another()).work('intake', seen.handler, 1);
      await seen.all;
    });
  });

  describe('the feed of plans', () => {
    it('loses its oldest plans when nobody reads it', async () => {
      const queue = await fresh({ plansKept: 5, cleanEveryMs: 20 });
      for (let index = 0; index < 12; index += 1) await queue.add('plans', [{ ids: [`p${index}`], priority: 10 }]);
      await until(async () => (await queue.counts()).plans?.wait === 5);
    });
  });
}

interface Gathered {
  readonly ids: string[];
  readonly handler: (pack: Pack) => Promise<void>;
  /** Resolves when so many ids have come. */
  readonly all: Promise<void>;
}

function gather(count: number, onto?: Gathered): Gathered {
  const done = Promise.withResolvers<void>();
  const ids = onto?.ids ?? [];
  const wanted = ids.length + count;
  watchers.get(ids)?.push({ wanted, resolve: done.resolve }) ?? watchers.set(ids, [{ wanted, resolve: done.resolve }]);
  const handler = async (pack: Pack) => {
    ids.push(...pack.ids);
    for (const watcher of watchers.get(ids) ?? []) if (ids.length >= watcher.wanted) watcher.resolve();
  };
  return { ids, handler, all: done.promise };
}

const watchers = new WeakMap<string[], { wanted: number; resolve: () => void }[]>();

/** Ask again until it is so; the test's own time limit is the end of it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
