import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toolsLoader } from '../src/cli/mapping-tools/load-tools.ts';
import { runCase } from '../src/cli/mapping-tools/run-cases.ts';
import { type Saved, watchMappings } from '../src/cli/mapping-tools/watch.ts';
import { tellSaved } from '../src/cli/test-mappings.ts';
import { readCases } from '../src/io/mappings/read-cases.ts';
import { mappingsFolder } from '../src/io/mappings/read-mappings.ts';

/** What is saved: a map itself, a part of it, a concept map, a measure (which touches every case), a case. */
const saves: readonly (readonly [what: string, file: string, change: (text: string, round: number) => string])[] = [
  ['a map', 'referral-to-plan.map', (text, round) => `${text}\n// ${round}\n`],
  ['a part of a map', 'referral-dosage.map', (text, round) => `${text}\n// ${round}\n`],
  ['a map with a changed rule', 'session-to-outcome.map', (text, round) => text.replace('{', `{ // ${round}\n`)],
  ['a concept map', 'concept-maps/technique.json', (text, round) => `${text}${' '.repeat(round)}\n`],
  ['a measure', 'measures/pain-nrs.json', (text, round) => `${text}${' '.repeat(round)}\n`],
  ['a case', 'cases/referral-to-plan/minimal/input.json', (text, round) => `${text}${' '.repeat(round)}\n`],
];
const goalMilliseconds = 200;

/**
 * How long it takes from a save under `npx tactus test --watch` to the printed result: on our own mappings and all their
 * golden cases, in this process, with the pause in which several writes of an editor count as one.
 *
 * @param args `--rounds N`: saves of each kind (8).
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string' } } });
  const rounds = Number(values.rounds ?? 8);
  const folder = mkdtempSync(join(tmpdir(), 'tactus-watch-'));
  cpSync(mappingsFolder, folder, { recursive: true });
  const load = toolsLoader(folder);
  // As the command does before it watches.
  const tools = load();
  for (const golden of readCases(join(folder, 'cases')))
    runCase(golden, tools.mappings.get(golden.mapping), tools.measures);
  let told: (saved: Saved) => void = () => {};
  const watching = watchMappings(load, '', (saved) => told(saved));
  await watching.rehearsed;
  const nextTold = (): Promise<Saved> => new Promise((resolve) => (told = resolve));
  try {
    const lines: string[] = [];
    for (const [what, file, change] of saves) {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      const times: { readonly wall: number; readonly cpu: number; readonly cases: number }[] = [];
      for (let round = 1; round <= rounds; round++) {
        const telling = nextTold();
        const began = performance.now();
        const used = process.cpuUsage();
        writeFileSync(`${path}.new`, change(text, round));
        renameSync(`${path}.new`, path);
        const saved = await telling;
        const printed = tellSaved(saved);
        const cpu = process.cpuUsage(used);
        if (saved.faults !== '' || saved.results.some(({ passed }) => !passed)) throw new Error(printed);
        times.push({
          wall: performance.now() - began,
          cpu: (cpu.user + cpu.system) / 1000,
          cases: saved.results.length,
        });
      }
      lines.push(`${what.padEnd(28)}${[...figures(times)].map((text) => text.padStart(12)).join('')}`);
    }
    const head = ['cases', 'first ms', 'median ms', 'worst ms', 'median CPU'].map((text) => text.padStart(12)).join('');
    process.stdout.write(
      `From save to result, ${rounds} saves each; goal: under ${goalMilliseconds} ms.\n${'saved'.padEnd(28)}${head}\n`,
    );
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  } finally {
    watching.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(
  times: readonly { readonly wall: number; readonly cpu: number; readonly cases: number }[],
): readonly string[] {
  const sorted = (of: (one: (typeof times)[number]) => number): number[] => times.map(of).sort((a, b) => a - b);
  const walls = sorted(({ wall }) => wall);
  const middle = Math.floor(times.length / 2);
  const shown = [times[0]?.wall, walls[middle], walls.at(-1), sorted(({ cpu }) => cpu)[middle]];
  return [String(times[0]?.cases ?? 0), ...shown.map((value) => (value ?? 0).toFixed(0))];
}
