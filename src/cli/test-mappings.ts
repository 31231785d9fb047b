import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isFault } from '../core/fhir/issue.ts';
import { readCases, readExceptions, writeExpected } from '../io/mappings/read-cases.ts';
import { readMappingSources } from '../io/mappings/read-mappings.ts';
import { coverageOfCases, isCovered, type MappingCoverage, tellCoverage } from './mapping-tools/coverage.ts';
import { loadTools, type MappingTools, tellIssues } from './mapping-tools/load-tools.ts';
import { type MutationResult, mutate, tellMutation } from './mapping-tools/mutate.ts';
import { type CaseResult, junitXml, runCase, tellFailure } from './mapping-tools/run-cases.ts';
import { watchMappings } from './mapping-tools/watch.ts';

export const help = `npx tactus test [NAME]   run the golden cases of the mappings: mappings/cases/<mapping>/<case>/

A case is input.json and expected.json; a case without expected.json fails. Outputs are compared by meaning: instants by
the moment, lists that are sets in any order. Differences are told by path.

NAME           only cases whose <mapping>/<case> contains it; with --mutate only changes whose file:line contains it
--update       write expected.json of the cases that differ; review the change like source
--coverage     also count what the cases reach: rules, concept map rows, must-support elements, source elements
--require      with --coverage: fail unless every rule and 95 % of the must-support elements are reached
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
  const tools = loadTools(values.folder);
  const faults = tools.issues.filter(isFault);
  if (faults.length > 0) {
    process.stderr.write(tellIssues(faults));
    return 1;
  }
  // With --mutate the name chooses what is changed, and every case may notice it.
  const filter = values.mutate === true ? '' : (positionals[0] ?? '');
  const results = runAll(tools, filter);
  if (values.update === true) update(results);
  const after = values.update === true ? runAll(tools, filter) : results;
  if (values.junit !== undefined) writeFileSync(values.junit, junitXml(after));
  const coverage = values.coverage === true ? coverageOfAll(tools) : undefined;
  const mutation = values.mutate === true ? mutateAll(tools, positionals[0] ?? '') : undefined;
  tell(after, values.json === true, { coverage, mutation });
  if (values.watch === true) await watchMappings(tools, filter, (results) => tell(results, false, {}));
  const isShort = values.require === true && coverage?.every(isCovered) !== true;
  const isBlind = mutation !== undefined && mutation.unnoticed.length > 0;
  return after.every(({ passed }) => passed) && !isShort && !isBlind ? 0 : 1;
}

function runAll(tools: MappingTools, filter: string): CaseResult[] {
  const cases = readCases(join(tools.folder, 'cases')).filter(({ mapping, name }) =>
    `${mapping}/${name}`.includes(filter),
  );
  if (cases.length === 0)
    throw new Error(`There are no cases in ${tools.folder}/cases${filter && ` that contain "${filter}"`}.`);
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

function update(results: readonly CaseResult[]): void {
  for (const { golden, passed, actual } of results) if (!passed && actual !== undefined) writeExpected(golden, actual);
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
  for (const result of failed) process.stdout.write(`${tellFailure(result)}\n`);
  process.stdout.write(`${results.length - failed.length} of ${results.length} cases pass.\n`);
  if (coverage !== undefined) process.stdout.write(`\n${tellCoverage(coverage)}`);
  if (mutation !== undefined) process.stdout.write(`\n${tellMutation(mutation)}`);
}
