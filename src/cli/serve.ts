import { parseArgs } from 'node:util';
import { settingNames } from '../io/config/settings.ts';
import { runTactus } from '../start/run.ts';

const width = Math.max(...settingNames.map(([name]) => name.length));

export const help = `npx tactus serve [--watch]

Starts Tactus.

  --watch  for development: use saved mappings, rules, measures and partners at once (TACTUS_RELOAD=1)

Settings are environment variables:
${settingNames.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join('\n')}`;

/** `npx tactus serve` is `npm start`, with help. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean' }, watch: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  return runTactus(values.watch === true ? { ...process.env, TACTUS_RELOAD: '1' } : process.env);
}
