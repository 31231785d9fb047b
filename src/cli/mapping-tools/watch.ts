import { watch } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isFault } from '../../core/fhir/issue.ts';
import { readCases } from '../../io/mappings/read-cases.ts';
import { loadTools, type MappingTools, tellIssues } from './load-tools.ts';
import { type CaseResult, runCase } from './run-cases.ts';

/** Editors write a file in several steps: changes within this count as one. */
const pauseMilliseconds = 30;

/**
 * Run again, after each saved file, what it changes. Never resolves: it is stopped from outside.
 *
 * @param tell Told the results after each run.
 */
export async function watchMappings(
  tools: MappingTools,
  filter: string,
  tell: (results: readonly CaseResult[]) => void,
): Promise<never> {
  let known = tools;
  let timer: NodeJS.Timeout | undefined;
  const saved = new Set<string>();
  const again = (): void => {
    const begun = performance.now();
    try {
      const fresh = loadTools(tools.folder, tools.definitions);
      process.stdout.write(tellIssues(fresh.issues.filter(isFault)));
      tell(rerun(known, fresh, [...saved], filter));
      known = fresh;
    } catch (error) {
      process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    saved.clear();
    process.stdout.write(`${Math.round(performance.now() - begun)} ms\n`);
  };
  watch(tools.folder, { recursive: true }, (_, file) => {
    if (file !== null) saved.add(file);
    clearTimeout(timer);
    timer = setTimeout(again, pauseMilliseconds);
  });
  process.stdout.write('Watching; stop with Ctrl+C.\n');
  return new Promise(() => {});
}

/**
 * Run the cases that a change can touch: those whose own file was saved, and all of a mapping whose version is another
 * one than before. The version covers the map, all that it imports and its concept maps; measures touch everything.
 *
 * @param saved Files relative to the mappings' folder.
 */
export function rerun(
  before: MappingTools,
  after: MappingTools,
  saved: readonly string[],
  filter: string,
): CaseResult[] {
  const all = saved.some((file) => file.startsWith('measures'));
  return readCases(join(after.folder, 'cases'))
    .filter(({ mapping, name }) => {
      if (!`${mapping}/${name}`.includes(filter)) return false;
      const own = join('cases', mapping, name);
      return (
        all ||
        saved.some((file) => file.startsWith(own)) ||
        before.mappings.get(mapping)?.version !== after.mappings.get(mapping)?.version
      );
    })
    .map((golden) => runCase(golden, after.mappings.get(golden.mapping), after.measures));
}
