import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { isFault } from '../../core/fhir/issue.ts';
import { loadMappings } from '../../core/mapping/load.ts';
import { type GoldenCase, readCase, readCases } from '../../io/mappings/read-cases.ts';
import { type FolderWatch, watchFolder } from '../../io/mappings/watch-folder.ts';
import { type MappingTools, tellIssues } from './load-tools.ts';
import { type CaseResult, runCase } from './run-cases.ts';

/** So often is rehearsed what a save does; more makes it no quicker. */
const rehearsals = 4;

/** What came of one save. */
export interface Saved {
  readonly files: readonly string[];
  /** Cases that the save changes, and how they ended. */
  readonly results: readonly CaseResult[];
  /** What is wrong, as text: empty when all could be loaded. */
  readonly faults: string;
  readonly milliseconds: number;
}

/**
 * Run again, after each saved file, the cases that it changes.
 *
 * @param load Gives the tools as the files are now; see `toolsLoader`.
 * @param filter Only cases whose `<mapping>/<case>` contains it.
 * @param tell Told once a save.
 */
export function watchMappings(
  load: () => MappingTools,
  filter: string,
  tell: (saved: Saved) => void,
): FolderWatch & { readonly rehearsed: Promise<void> } {
  let known = load();
  const { folder } = known;
  const casesFolder = join(folder, 'cases');
  let cases: readonly GoldenCase[] = readCases(casesFolder);
  const stopping = new AbortController();
  const rehearsed = rehearse(known, cases, stopping.signal);
  const watching = watchFolder(
    folder,
    () => false,
    (files) => {
      const begun = performance.now();
      let results: readonly CaseResult[] = [];
      let faults = '';
      try {
        cases = casesAfter(cases, casesFolder, files);
        const fresh = load();
        faults = tellIssues(fresh.issues.filter(isFault), fresh.sources);
        results = rerun(cases, known, fresh, files, filter);
        known = withLastUsable(known, fresh);
      } catch (error) {
        faults = `${error instanceof Error ? error.message : String(error)}\n`;
      }
      tell({ files, results, faults, milliseconds: performance.now() - begun });
    },
  );
  return {
    rehearsed,
    close: () => {
      stopping.abort();
      watching.close();
    },
  };
}

/** V8 makes quick what has run a few times: after some rehearsals the first save is told as quickly as the later ones. */
async function rehearse(
  { sources, definitions, measures }: MappingTools,
  cases: readonly GoldenCase[],
  stopped: AbortSignal,
): Promise<void> {
  for (let round = 0; round < rehearsals; round++) {
    // A save goes before.
    await setImmediate();
    if (stopped.aborted) return;
    const { mappings } = loadMappings(sources, definitions);
    for (const golden of cases) runCase(golden, mappings.get(golden.mapping), measures);
  }
}

/** A map that cannot be loaded now is compared, once it can again, with what it was when it last could. */
function withLastUsable(before: MappingTools, after: MappingTools): MappingTools {
  return { ...after, mappings: new Map([...before.mappings, ...after.mappings]) };
}

/** The cases with those read anew whose files were saved; all, when folders came or went. */
function casesAfter(cases: readonly GoldenCase[], folder: string, files: readonly string[]): readonly GoldenCase[] {
  const own = files.filter((file) => file.startsWith(`cases${sep}`));
  if (own.length === 0) return cases;
  const names = new Set(own.map((file) => file.split(sep).slice(1, 3).join('/')));
  const isKnown = (name: string): boolean =>
    cases.some((golden) => nameOf(golden) === name && existsSync(golden.folder));
  if (![...names].every(isKnown)) return readCases(folder);
  return cases.map((golden) => (names.has(nameOf(golden)) ? readCase(folder, golden.mapping, golden.name) : golden));
}

function nameOf({ mapping, name }: GoldenCase): string {
  return `${mapping}/${name}`;
}

/**
 * Run the cases that a change can touch: those whose own file was saved, and all of a mapping whose version is another
 * one than before. The version covers the map, all that it imports and its concept maps; measures touch everything.
 * Cases of a map that cannot be loaded wait until it can.
 *
 * @param files Files relative to the mappings' folder.
 */
export function rerun(
  cases: readonly GoldenCase[],
  before: MappingTools,
  after: MappingTools,
  files: readonly string[],
  filter: string,
): CaseResult[] {
  const all = files.some((file) => file.startsWith(`measures${sep}`));
  const isBroken = after.issues.some(isFault);
  return cases
    .filter((golden) => {
      if (!nameOf(golden).includes(filter)) return false;
      const mapping = after.mappings.get(golden.mapping);
      if (mapping === undefined && isBroken) return false;
      const own = join('cases', golden.mapping, golden.name) + sep;
      return (
        all ||
        files.some((file) => file.startsWith(own)) ||
        before.mappings.get(golden.mapping)?.version !== mapping?.version
      );
    })
    .map((golden) => runCase(golden, after.mappings.get(golden.mapping), after.measures));
}
