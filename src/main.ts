import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from './io/config/settings.ts';
import { faultName } from './io/log/log.ts';
import { startTactus } from './start/tactus.ts';

/** Starts Tactus in the roles that the settings name, and stops it on SIGTERM or SIGINT. */
const home = dirname(dirname(fileURLToPath(import.meta.url)));
const read = readSettings(process.env, home);
if (!read.ok) {
  process.stderr.write(`Tactus does not start:\n${read.faults.map((fault) => `  ${fault}\n`).join('')}`);
  process.exit(2);
}
try {
  const tactus = await startTactus(read.settings, process.env);
  const stop = () => void tactus.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`Tactus does not start: ${error instanceof Error ? error.message : faultName(error)}\n`);
  process.exit(1);
}
