import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isFault } from '../core/fhir/issue.ts';
import { suggestion } from '../core/mapping/problems.ts';
import { readCases, readExceptions, writeExpected } from '../io/mappings/read-cases.ts';
import { readMappingSources } from '../io/mappings/read-mappings.ts';
import { coverageOfCases, isCovered, type MappingCoverage, tellCoverage } from './mapping-tools/coverage.ts';
import { type MappingTools, tellIssues, toolsLoader } from './mapping-tools/load-tools.ts';
import { type MutationResult, mutate, tellMutation } from './mapping-tools/mutate.ts';
import { type CaseResult, junitXml, runCase, tellFailure } from './mapping-tools/run-cases.ts';
import { type Saved, watchMappings } from './mapping-tools/watch.ts';
import { misuse } from './usage.ts';

export const help = `npx tactus test [NAME]   run the golden cases of the mappings: mappings/cases/<mapping>/<case>/

A case is input.json and expected.json; a case without expected.json fails. Outputs are compared by meaning: instants by
the moment, lists that are sets in any order. Differences are told by path.

NAME           only cases whose <mapping>/<case> contains it; with --mutate only changes whose file:line contains it
--update       write expected.json of the cases that differ; review the change like source
--coverage     also count what the cases reach: rules, concept map rows, must-support elements, source elements
--require      the same, and fail unless every rule and 95 % of the must-support elements are reached
--mutate       remove or alter each rule once and list the mutants that no case notices
--watch        stay; after each saved file run again the cases of the mappings that it changes
--junit FILE   also write the results as JUnit XML
--json         one JSON object: { cases, passed, failed, failures, coverage?, mutants? }
--folder DIR   the mappings (default: those of Tactus)

Exit: 0 all pass, 1 not all, 2 could not be asked.`;

const options = {
  help: { type: 'boolean' },
  update: { type: 'boolean' },
  coverage: { type: 'boolean' },
  require: { type: 'boolean' },
  mutate: { type: 'boolean' },
  watch: { type: 'boolean' },
  junit: { type: 'string' },
  json: { type: 'boolean' },
  folder: { type: 'string' },
} as const;

/** @returns 0 all pass, 1 not all, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const wrong = misuse(positionals, ['[NAME]']);
  if (wrong !== undefined) {
    process.stderr.write(`tactus test: ${wrong}\n\n${help}\n`);
    return 2;
  }
  const load = toolsLoader(values.folder);
  const tools = load();
  const faults = tools.issues.filter(isFault);
  process.stderr.write(tellIssues(tools.issues, tools.sources));
  const code = faults.length > 0 ? 1 : runOnce(tools, positionals[0] ?? '', values);
  if (values.watch === true) {
    const filter = values.mutate === true ? '' : (positionals[0] ?? '');
    watchMappings(load, filter, (saved) => void process.stdout.write(tellSaved(saved)));
    process.stdout.write('Watching; stop with Ctrl+C.\n');
    await new Promise(() => {});
  }
  return code;
}

interface Values {
  readonly update?: boolean | undefined;
  readonly coverage?: boolean | undefined;
  readonly require?: boolean | undefined;
  readonly mutate?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly junit?: string | undefined;
}

/** @returns 0 all pass, 1 not all. */
function runOnce(tools: MappingTools, name: string, values: Values): number {
  // With --mutate the name chooses what is changed, and every case may notice it.
  const filter = values.mutate === true ? '' : name;
  const results = runAll(tools, filter);
  const written = values.update === true ? update(results) : [];
  const after = written.length > 0 ? runAll(tools, filter) : results;
  if (values.junit !== undefined) writeJunit(values.junit, after);
  const wantsCoverage = values.coverage === true || values.require === true;
  const coverage = wantsCoverage ? coverageOfAll(tools) : undefined;
  const mutation = values.mutate === true ? mutateAll(tools, name) : undefined;
  if (values.json !== true) for (const file of written) process.stdout.write(`wrote ${file}\n`);
  tell(after, values.json === true, { coverage, mutation });
  const isShort = values.require === true && coverage?.every(isCovered) !== true;
  const isBlind = mutation !== undefined && mutation.unnoticed.length > 0;
  return after.every(({ passed }) => passed) && !isShort && !isBlind ? 0 : 1;
}

function writeJunit(file: string, results: readonly CaseResult[]): void {
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) throw new Error(`The folder ${folder} of the JUnit file does not exist; make it first.`);
  writeFileSync(file, junitXml(results));
}

function runAll(tools: MappingTools, filter: string): CaseResult[] {
  const all = readCases(join(tools.folder, 'cases'));
  const cases = all.filter(({ mapping, name }) => `${mapping}/${name}`.includes(filter));
  if (cases.length === 0) {
    const names = all.flatMap(({ mapping, name }) => [name, `${mapping}/${name}`]);
    const which = filter === '' ? '' : ` that contain "${filter}"`;
    throw new Error(`There are no cases in ${tools.folder}/cases${which}.${suggestion(filter, names)}`);
  }
  return cases.map((golden) => runCase(golden, tools.mappings.get(golden.mapping), tools.measures));
}

/** Of each mapping that has cases, whatever filter the run had: coverage of some cases says nothing. */
function coverageOfAll({ folder, mappings, measures, definitions }: MappingTools): MappingCoverage[] {
  const path = join(folder, 'cases');
  const cases = readCases(path);
  return [...new Set(cases.map(({ mapping }) => mapping))].flatMap((name) => {
    const mapping = mappings.get(name);
    const own = cases.filter((golden) => golden.mapping === name);
    return mapping === undefined
      ? []
      : [coverageOfCases(mapping, own, readExceptions(path, name), measures, definitions)];
  });
}

function mutateAll(tools: MappingTools, only: string): MutationResult {
  const progress = (done: number, all: number): void => void process.stderr.write(`${done} of ${all} mutants\n`);
  return mutate(tools, readMappingSources(tools.folder), readCases(join(tools.folder, 'cases')), only, progress);
}

/** @returns The files that were written. */
function update(results: readonly CaseResult[]): string[] {
  return results.flatMap(({ golden, passed, actual }) =>
    passed || actual === undefined ? [] : [writeExpected(golden, actual)],
  );
}

/** What came of a save: what is wrong first, then the cases that it changed. */
export function tellSaved({ files, results, faults, milliseconds }: Saved): string {
  const shown = files.length > 3 ? `${files.slice(0, 3).join(', ')} and ${files.length - 3} more` : files.join(', ');
  const ran = results.length === 0 ? 'No case is changed by it.\n' : tellResults(results);
  const clock = new Date().toTimeString().slice(0, 8);
  return `\n${clock} ${shown} saved\n${faults}${faults === '' || results.length > 0 ? ran : ''}${Math.round(milliseconds)} ms\n`;
}

function tellResults(results: readonly CaseResult[]): string {
  const failed = results.filter(({ passed }) => !passed);
  const lines = failed.map((result) => `${tellFailure(result)}\n`);
  return `${lines.join('')}${results.length - failed.length} of ${results.length} cases pass.\n`;
}

interface More {
  readonly coverage?: readonly MappingCoverage[] | undefined;
  readonly mutation?: MutationResult | undefined;
}

function tell(results: readonly CaseResult[], json: boolean, { coverage, mutation }: More): void {
  const failed = results.filter(({ passed }) => !passed);
  if (json) {
    const failures = failed.map(({ golden, fault, differences }) => ({
      case: `${golden.mapping}/${golden.name}`,
      ...(fault === undefined ? {} : { fault }),
      differences,
    }));
    const passed = results.length - failed.length;
    process.stdout.write(
      `${JSON.stringify({ cases: results.length, passed, failed: failed.length, failures, coverage, mutants: mutation })}\n`,
    );
    return;
  }
  process.stdout.write(tellResults(results));
  if (coverage !== undefined) process.stdout.write(`\n${tellCoverage(coverage)}`);
  if (mutation !== undefined) process.stdout.write(`\n${tellMutation(mutation)}`);
}
