import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CodeSet, Definitions } from '../../core/validate/validator.ts';
import { type Expansion, toCodeSet } from './expansion.ts';
import { openLines } from './lines.ts';

/** What `npm run profiles` built: R4's own definitions, stripped, and ours. */
export const generatedFolder = fileURLToPath(new URL('../../../profiles/generated', import.meta.url));

const r4Base = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Definitions from the folder that the profile build wrote. Nothing is read before it is asked for, and each file once.
 * It knows no displays: codes are what counts, and a hospital may tell them in its own language.
 *
 * @param folder Holds `index.json` (canonical URL to file), the files it names, and `*.ndjson` with one resource a line.
 * @throws Error when the folder was not built.
 */
export function loadDefinitions(folder: string = generatedFolder): Definitions {
  const indexFile = join(folder, 'index.json');
  if (!existsSync(indexFile))
    throw new Error(`No profiles in ${folder}: it has no index.json. Run "npm run profiles".`);
  const index = JSON.parse(readFileSync(indexFile, 'utf8')) as Record<string, string>;
  const structures = new Map<string, unknown>();
  const codeSets = new Map<string, CodeSet | undefined>();
  const systems = new Map<string, ReadonlySet<string> | undefined>();
  const extensions = openLines(join(folder, 'r4/extensions.ndjson'));
  const expansions = openLines(join(folder, 'valuesets.ndjson'));
  const codeSystems = openLines(join(folder, 'codesystems.ndjson'));

  function structure(url: string): unknown {
    const name = nameOf(url);
    return remember(structures, name, () => {
      const file = index[name];
      return file ? JSON.parse(readFileSync(join(folder, file), 'utf8')) : extensions.find(name);
    });
  }
  function codeSystem(system: string): ReadonlySet<string> | undefined {
    return remember(systems, withoutVersion(system), (name) => {
      const listed = codeSystems.find(name) as { codes: string[] } | undefined;
      return listed && new Set(listed.codes);
    });
  }
  function codes(valueSet: string): CodeSet | undefined {
    return remember(codeSets, withoutVersion(valueSet), (name) => {
      const expansion = expansions.find(name) as Expansion | undefined;
      return expansion && toCodeSet(expansion, codeSystem);
    });
  }
  return { structure, codes, codeSystem };
}

/** Several sources as one; the first that knows an answer gives it. */
export function combineDefinitions(...sources: readonly Definitions[]): Definitions {
  return {
    structure: (url) => first(sources, (source) => source.structure(url)),
    codes: (valueSet) => first(sources, (source) => source.codes(valueSet)),
    codeSystem: (system) => first(sources, (source) => source.codeSystem(system)),
    displays: (system, code) => first(sources, (source) => source.displays?.(system, code)),
  };
}

/** The canonical URL without `|version`; a bare type name becomes the URL of R4's own definition. */
export function nameOf(url: string): string {
  const name = withoutVersion(url);
  return name.includes(':') ? name : r4Base + name;
}

/** A canonical URL without `|version`. */
export function withoutVersion(url: string): string {
  const bar = url.indexOf('|');
  return bar < 0 ? url : url.slice(0, bar);
}

function first<T>(sources: readonly Definitions[], ask: (source: Definitions) => T | undefined): T | undefined {
  for (const source of sources) {
    const answer = ask(source);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/**
 * What was found under a name before, or what `find` finds now. Names that nothing is found under are not kept: they come
 * out of what senders write, and would fill the memory.
 */
export function remember<T>(known: Map<string, T>, name: string, find: (name: string) => T): T {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = find(name);
  if (found !== undefined) known.set(name, found);
  return found;
}
