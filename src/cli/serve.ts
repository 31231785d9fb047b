import { settingNames } from '../io/config/settings.ts';
import { runTactus } from '../start/run.ts';

/** `npx tactus serve` is `npm start`, with help. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    const width = Math.max(...settingNames.map(([name]) => name.length));
    const lines = settingNames.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`);
    process.stdout.write(
      `npx tactus serve\n\nStarts Tactus. Settings are environment variables:\n${lines.join('\n')}\n`,
    );
    return 0;
  }
  return runTactus(process.env);
}
