import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../io/config/settings.ts';
import { faultName } from '../io/log/log.ts';
import { startTactus } from './tactus.ts';

/** Folder of Tactus itself. */
export const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Start Tactus in the roles that the settings name and run until SIGTERM or SIGINT.
 *
 * @returns The exit code: 0 stopped when told, 1 it could not start, 2 a setting is wrong. What is wrong stands on
 *   standard error.
 */
export async function runTactus(env: NodeJS.ProcessEnv): Promise<number> {
  const read = readSettings(env, home);
  if (!read.ok) {
    process.stderr.write(`Tactus does not start:\n${read.faults.map((fault) => `  ${fault}\n`).join('')}`);
    return 2;
  }
  try {
    const tactus = await startTactus(read.settings, env);
    await toldToStop();
    await tactus.stop();
    return 0;
  } catch (error) {
    process.stderr.write(`Tactus does not start: ${error instanceof Error ? error.message : faultName(error)}\n`);
    return 1;
  }
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
