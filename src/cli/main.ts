import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suggestion } from '../core/mapping/problems.ts';

/** One command of `tactus`: its line in the help, and the file that does it. Each file exports `run(args)`. */
interface Command {
  readonly says: string;
  readonly load: () => Promise<{ readonly help?: string; run(args: readonly string[]): Promise<number> }>;
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
  refused: { says: 'say what was refused at the doors, and why', load: () => import('./refused.ts') },
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
    const near = suggestion(name, Object.keys(commands));
    process.stderr.write(`"${name}" is no command of tactus.${near}\n\n${helpText()}`);
    return 2;
  }
  let help: string | undefined;
  try {
    const loaded = await command.load();
    help = loaded.help;
    return await loaded.run(rest);
  } catch (error) {
    process.stderr.write(`tactus ${name}: ${told(name, error, help ?? '')}\n`);
    return 2;
  }
}

/** What went wrong, for a person. What Node says of options is cut to its first sentence, and the near one is named. */
function told(name: string, error: unknown, help: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS')) return error.message;
  const [sentence = ''] = error.message.split(/(?<=[^.]\.) /);
  const known = [...new Set(help.match(/--[a-z-]+/g))];
  const option = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? (/'(--?[\w-]+)/.exec(sentence)?.[1] ?? '') : '';
  return `${sentence.replace(/\.?$/, '.')}${suggestion(option, known)} "npx tactus ${name} --help" tells all options.`;
}

const startedAs = process.argv[1] === undefined ? '' : realpathSync(process.argv[1]);
const here = fileURLToPath(import.meta.url);
if (startedAs === here || startedAs.endsWith('tactus.mjs')) {
  // Who reads only the first lines (`| head`) is no fault of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
  process.exitCode = await runCommand(process.argv.slice(2));
}
