import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../src/flows/records.ts';
import { packsOf, type RelayWorld, relayDefaults, runRelay } from '../../src/flows/relay.ts';
import { runSweep } from '../../src/flows/sweep.ts';

const dueAt = '2026-11-26T09:00:00.000Z';

function rows(count: number, changes: Partial<OutboxEntry> = {}): OutboxEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    queue: 'intake',
    subject: `s${index}`,
    dueAt,
    priority: 10,
    ...changes,
  }));
}

const sizes = (packs: readonly { readonly ids: readonly string[] }[]) => packs.map((pack) => pack.ids.length);

describe('packs', () => {
  it.each([
    { count: 1, packs: [1] },
    { count: 8, packs: [8] },
    { count: 9, packs: [8, 1] },
    { count: 17, packs: [9, 8] },
    { count: 100, packs: [50, 50] },
    { count: 101, packs: [50, 50, 1] },
  ])('of $count rows are $packs', ({ count, packs }) => {
    expect(sizes(packsOf('intake', rows(count), relayDefaults))).toEqual(packs);
  });

  it('hold a subject once', () => {
    expect(packsOf('delivery', [...rows(2), ...rows(2)], relayDefaults)).toEqual([{ ids: ['s0', 's1'], priority: 10 }]);
  });

  it('never make the urgent wait with the others', () => {
    const urgent = rows(1, { subject: 'u', priority: 0 });
    expect(packsOf('delivery', [...rows(3), ...urgent], relayDefaults)).toEqual([
      { ids: ['u'], priority: 0 },
      { ids: ['s0', 's1', 's2'], priority: 10 },
    ]);
  });

  it('of the feed of plans hold one plan each', () => {
    expect(sizes(packsOf('plans', rows(30), relayDefaults))).toEqual(Array(30).fill(1));
  });
});

/** A world whose outbox holds `work` and `feed`, one list a round; it stops when both are done. */
function world(work: OutboxEntry[][], feed: OutboxEntry[][] = [], changes: Partial<RelayWorld> = {}) {
  const told: string[] = [];
  let clock = Date.parse(dueAt);
  const relayWorld: RelayWorld = {
    now: () => new Date(clock).toISOString(),
    stopped: () => work.length === 0 && feed.length === 0,
    async takeOutbox(_now, limit, forward, queues) {
      const rounds = queues?.includes('plans') ? feed : work;
      const [round = []] = rounds;
      await forward(round.slice(0, limit));
      if (rounds.length > 0) told.push(`took ${round.length} for ${queues?.join(' and ')}`);
      rounds.shift();
      return round.length;
    },
    async outboxSignal(milliseconds) {
      told.push(`signal ${milliseconds}`);
      clock += 5;
    },
    queue: {
      async add(queue, packs) {
        told.push(`${queue} ${packs.map((pack) => pack.ids.join('+')).join(' ')}`);
      },
    },
    failed: (error) => told.push(`failed ${error}`),
    async wait(milliseconds) {
      told.push(`wait ${milliseconds}`);
    },
    ...changes,
  };
  return { relayWorld, told };
}

const withoutFeed = (told: string[]) => told.filter((line) => line !== 'wait 250');

describe('the relay', () => {
  it('forwards each row to its queue before it says that it took it, then waits for the signal', async () => {
    const { relayWorld, told } = world([[...rows(1), ...rows(1, { queue: 'delivery', subject: 'd' })], []]);
    await runRelay(relayWorld);
    expect(withoutFeed(told)).toEqual([
      'intake s0',
      'delivery d',
      'took 2 for intake and delivery',
      'signal 250',
      'wait 45',
      'took 0 for intake and delivery',
    ]);
  });

  it('lets rows gather only for what is left of the time between rounds', async () => {
    const { relayWorld, told } = world([rows(1), []]);
    await runRelay(relayWorld, { ...relayDefaults, gatherMilliseconds: 5 });
    expect(told).not.toContain('wait 0');
    expect(withoutFeed(told).filter((line) => line.startsWith('wait'))).toEqual([]);
  });

  it('does not wait while there is more than one round holds', async () => {
    const { relayWorld, told } = world([rows(2), rows(1), []]);
    await runRelay(relayWorld, { ...relayDefaults, limit: 2, pollMilliseconds: 9 });
    const rest = withoutFeed(told).filter((line) => !line.startsWith('intake'));
    const took = [2, 1, 0].map((count) => `took ${count} for intake and delivery`);
    expect(rest).toEqual([took[0], took[1], 'signal 9', 'wait 45', took[2]]);
  });

  it('feeds plans less often, one a job, and does not let other work wait for them', async () => {
    const { relayWorld, told } = world([], [rows(3, { queue: 'plans' }), []]);
    await runRelay(relayWorld);
    const feed = told.filter((line) => line.includes('plans') || line === 'wait 250');
    expect(feed).toEqual(['plans s0 s1 s2', 'took 3 for plans', 'wait 250', 'took 0 for plans']);
  });

  it('tells of a queue that is away, waits, and takes the same rows again', async () => {
    let tries = 0;
    const { relayWorld, told } = world([rows(1)], [], {
      queue: {
        async add() {
          tries += 1;
          if (tries === 1) throw new Error('away');
        },
      },
    });
    await runRelay(relayWorld);
    expect(withoutFeed(told)).toEqual(['failed Error: away', 'wait 500', 'took 1 for intake and delivery']);
  });

  it('takes nothing when it was stopped before', async () => {
    const { relayWorld, told } = world([]);
    await runRelay(relayWorld);
    expect(told).toEqual([]);
  });
});

describe('the sweeper', () => {
  it('sweeps, tells how many, waits, and outlives a database that is away', async () => {
    const told: string[] = [];
    const answers = [() => 3, () => Promise.reject(new Error('away')), () => 0];
    await runSweep(
      {
        async sweep(now, overdueSeconds) {
          told.push(`sweep ${now} ${overdueSeconds}`);
          return (await answers.shift()?.()) ?? 0;
        },
        now: () => dueAt,
        stopped: () => answers.length === 0,
        swept: (count) => told.push(`swept ${count}`),
        failed: (error) => told.push(`failed ${error}`),
        wait: async (milliseconds) => void told.push(`wait ${milliseconds}`),
      },
      { everyMilliseconds: 7, overdueSeconds: 60 },
    );
    const sweep = `sweep ${dueAt} 60`;
    expect(told).toEqual([
      sweep,
      'swept 3',
      'wait 7',
      sweep,
      'failed Error: away',
      'wait 7',
      sweep,
      'swept 0',
      'wait 7',
    ]);
  });
});
