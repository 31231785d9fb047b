import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQueue } from '../../../src/io/queue/open.ts';
import { queueConformance } from './conformance.ts';
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts';

describe.skipIf(!hasRedis)('on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function flush(): Promise<void> {
    const client = new Redis(server.url);
    await client.flushall();
    client.disconnect();
  }

  queueConformance({
    async backend() {
      await flush();
      return { kind: 'redis', url: server.url };
    },
  });

  it('what was added is there after Redis was killed', async () => {
    await flush();
    const queue = await openQueue({ backend: { kind: 'redis', url: server.url } });
    const packs = Array.from({ length: 200 }, (_, index) => ({ ids: [`d${index}`], priority: 10 }));
    await queue.add('delivery', packs);
    await server.killAndRestart();
    const seen = new Set<string>();
    const all = Promise.withResolvers<void>();
    const take = async ({ ids }: { readonly ids: readonly string[] }) => {
      for (const id of ids) seen.add(id);
      if (seen.size === packs.length) all.resolve();
    };
    await queue.work('delivery', take, 4);
    await all.promise;
    await queue.close(1000);
  });

  it('a worker goes on after everything was flushed', async () => {
    await flush();
    const queue = await openQueue({ backend: { kind: 'redis', url: server.url } });
    const [started, flushed, again] = [0, 1, 2].map(() => Promise.withResolvers<void>());
    await queue.work(
      'delivery',
      async ({ ids }) => {
        if (ids[0] === 'after') return again?.resolve();
        started?.resolve();
        await flushed?.promise;
      },
      1,
    );
    await queue.add('delivery', [{ ids: ['before'], priority: 10 }]);
    await started?.promise;
    await flush();
    flushed?.resolve();
    await queue.add('delivery', [{ ids: ['after'], priority: 10 }]);
    await again?.promise;
    await queue.close(1000);
  });
});

describe.skipIf(!hasRedis)('a Redis that may lose what it was given', () => {
  it.each<{ settings: Record<string, string>; says: string }>([
    { settings: { appendonly: 'no' }, says: 'appendonly is no and should be yes' },
    {
      settings: { 'maxmemory-policy': 'allkeys-lru' },
      says: 'maxmemory-policy is allkeys-lru and should be noeviction',
    },
  ])('is refused: $says', async ({ settings, says }) => {
    const server = await startRedis(settings);
    const backend = { kind: 'redis', url: server.url } as const;
    await expect(openQueue({ backend })).rejects.toThrow(says);
    const lines: string[] = [];
    const queue = await openQueue({ backend: { ...backend, allowUnsafe: true }, log: (line) => lines.push(line) });
    expect(lines.join()).toContain(says);
    await queue.close(0);
    await server.stop();
  });
});

it('a Redis that does not answer is told at the start', async () => {
  const backend = { kind: 'redis', url: 'redis://127.0.0.1:1' } as const;
  await expect(openQueue({ backend })).rejects.toThrow('Redis does not answer');
});
