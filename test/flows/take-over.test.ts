import { expect, it } from 'vitest';
import { runTakeOver } from '../../src/flows/take-over.ts';

it('a worker takes over again and again, tells how much, and outlives a database that is away', async () => {
  const told: string[] = [];
  const answers = [() => 3, () => Promise.reject(new Error('away')), () => 0];
  await runTakeOver(
    {
      async takeOver(now, graceSeconds) {
        told.push(`look ${now} ${graceSeconds}`);
        return (await answers.shift()?.()) ?? 0;
      },
      now: () => '2026-12-01T08:00:00.000Z',
      stopped: () => answers.length === 0,
      took: (count) => told.push(`took ${count}`),
      failed: (error) => told.push(`failed ${error}`),
      wait: async (milliseconds) => void told.push(`wait ${milliseconds}`),
    },
    { everyMilliseconds: 7, graceSeconds: 4 },
  );
  const look = 'look 2026-12-01T08:00:00.000Z 4';
  expect(told).toEqual([look, 'took 3', 'wait 7', look, 'failed Error: away', 'wait 7', look, 'took 0', 'wait 7']);
});
