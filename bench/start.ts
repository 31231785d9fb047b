import { openStage, tell } from './stage.ts';

/** `npm run bench -- start`: from starting the process to /health/ready, database running, five times. */
export async function run(): Promise<number> {
  for (let round = 1; round <= 5; round++) {
    const stage = await openStage();
    tell(`start ${round}`, { ms: stage.startMilliseconds, 'peak MB': await stage.peakMemory() });
    await stage.close();
  }
  return 0;
}
