import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One command of `tactus`: its line in the help, and the file that does it. Each file exports `run(args)`. */
interface Command {
  readonly says: string;
  readonly load: () => Promise<{ run(args: readonly string[]): Promise<number> }>;
}

const commands: Readonly<Record<string, Command>> = {
  serve: { says: 'start Tactus; what it does is set by environment variables', load: () => import('./serve.ts') },
  demo: { says: 'show the journey: referrals in, plans, sessions, outcomes', load: () => import('./demo.ts') },
  partner: { says: 'give a partner or a clinic its token, or take it away', load: () => import('./partner.ts') },
  validate: { says: 'check FHIR files against their profiles', load: () => import('./validate.ts') },
  map: { says: 'run a mapping on a file and say where each element came from', load: () => import('./map.ts') },
  test: { says: 'run the golden cases of the mappings', load: () => import('./test-mappings.ts') },
  diff: { says: 'say what a changed mapping changes in the outputs', load: () => import('./diff.ts') },
  explain: { says: 'say where each element of a delivered outcome came from', load: () => import('./explain.ts') },
  screen: { says: 'say what the screening finds in a referral, and why', load: () => import('./screen.ts') },
  hospital: { says: "start a simulated hospital's FHIR server", load: () => import('./hospital.ts') },
};

/** The help of the command itself. */
export function helpText(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { says }]) => `  ${name.padEnd(width)}  ${says}`);
  return ['npx tactus <command> [...]', '', ...lines, '', 'npx tactus <command> --help says more.', ''].join('\n');
}

/**
 * Run one command.
 *
 * @returns 0: done, the answer is yes. 1: the answer is no. 2: it could not be asked.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(helpText());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`"${name}" is no command of tactus.\n\n${helpText()}`);
    return 2;
  }
  try {
    return await (await command.load()).run(rest);
  } catch (error) {
    process.stderr.write(`tactus ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

const startedAs = process.argv[1] === undefined ? '' : realpathSync(process.argv[1]);
const here = fileURLToPath(import.meta.url);
if (startedAs === here || startedAs.endsWith('tactus.mjs')) {
  process.exitCode = await runCommand(process.argv.slice(2));
}
