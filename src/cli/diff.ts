import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isFault } from '../core/fhir/issue.ts';
import { loadMappings } from '../core/mapping/load.ts';
import type { Mapping } from '../core/mapping/mapping.ts';
import { createValidator } from '../core/validate/create.ts';
import type { Definitions } from '../core/validate/validator.ts';
import { loadDefinitions } from '../io/definitions/definitions.ts';
import { readJson } from '../io/mappings/read-cases.ts';
import { mappingsFolder, readMappingSources } from '../io/mappings/read-mappings.ts';
import { type Change, type GroupedChange, groupChanges, tellChanges } from './mapping-tools/changes.ts';
import { differences } from './mapping-tools/differences.ts';
import { findMapping, readMeasures, tellIssues } from './mapping-tools/load-tools.ts';
import { type Ran, runsOf } from './mapping-tools/run-mapping.ts';
import { misuse } from './usage.ts';

export const help = `npx tactus diff OLD NEW FOLDER   what a changed mapping changes in the outputs

OLD, NEW  a folder like mappings/ or one .map file (the rest comes from mappings/)
FOLDER    inputs: *.json, and input.json in folders below, as "npx tactus map" takes them

--mapping NAME  which map (default: the file's name, else referral-to-plan)
--json          one JSON object: { inputs, changed, changes: [{ kind, path, count, example }], invalid, unread }

Changes are grouped by kind (added, removed, changed, refused, accepted) and path, with one example each. Outputs that
the old mapping made valid and the new one does not are listed, and so are files that are no input of the mapping.
Exit: 0 nothing changes, 1 something does, 2 could not be asked, or not of every file.`;

/** @returns 0 nothing changes, 1 something does, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean' }, json: { type: 'boolean' }, mapping: { type: 'string' } },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const wrong = misuse(positionals, ['OLD', 'NEW', 'FOLDER']);
  if (wrong !== undefined) {
    process.stderr.write(`tactus diff: ${wrong}\n\n${help}\n`);
    return 2;
  }
  const [old = '', fresh = '', folder = ''] = positionals;
  const wanted = values.mapping ?? (fresh.endsWith('.map') ? basename(fresh, '.map') : 'referral-to-plan');
  const definitions = loadDefinitions();
  const before = loadSide(old, wanted, definitions);
  const compared = compare(before, loadSide(fresh, wanted, definitions), inputsIn(folder), definitions);
  process.stdout.write(values.json === true ? `${JSON.stringify(compared)}\n` : tellChanges(compared));
  if (compared.unread.length > 0) return 2;
  return compared.changed > 0 ? 1 : 0;
}

interface Compared {
  readonly inputs: number;
  readonly changed: number;
  readonly changes: readonly GroupedChange[];
  /** Inputs whose output was valid and is not any more, with the first fault. */
  readonly invalid: readonly { readonly input: string; readonly fault: string }[];
  /** Files that are no input of the mapping, and why; the others were compared all the same. */
  readonly unread: readonly { readonly input: string; readonly fault: string }[];
}

function compare(old: Mapping, fresh: Mapping, inputs: readonly string[], definitions: Definitions): Compared {
  const measures = readMeasures(mappingsFolder);
  const validator = createValidator(definitions);
  const faultOf = (ran: Ran): string | undefined =>
    ran.ok && isResource(ran.output) ? validator.validate(ran.output).find(isFault)?.message : undefined;
  const changes: Change[] = [];
  const invalid: { input: string; fault: string }[] = [];
  const unread: { input: string; fault: string }[] = [];
  const changed = new Set<string>();
  for (const input of inputs) {
    let before: Ran[] = [];
    let after: Ran[] = [];
    try {
      const content = readJson(input);
      before = runsOf(old, content, measures).map(({ run: map }) => map());
      after = runsOf(fresh, content, measures).map(({ run: map }) => map());
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      unread.push({ input, fault: fault.replace(`${input} `, '') });
      continue;
    }
    after.forEach((ran, at) => {
      const earlier = before[at] ?? { ok: false, issues: [] };
      const found = changesBetween(input, earlier, ran);
      if (found.length > 0) changed.add(input);
      changes.push(...found);
      const fault = faultOf(ran);
      if (fault !== undefined && faultOf(earlier) === undefined) invalid.push({ input, fault });
    });
  }
  const read = inputs.length - unread.length;
  return { inputs: read, changed: changed.size, changes: groupChanges(changes), invalid, unread };
}

function isResource(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'resourceType' in value;
}

function changesBetween(input: string, before: Ran, after: Ran): Change[] {
  if (before.ok && after.ok) {
    return differences(before.output, after.output)
      .filter(({ path }) => path !== 'mappingVersion')
      .map(({ path, expected, actual }) => {
        const kind = expected === undefined ? 'added' : actual === undefined ? 'removed' : 'changed';
        return { kind, path, before: expected, after: actual, input } as const;
      });
  }
  const told = (ran: Ran): unknown => (ran.ok ? 'a result' : ran.issues.map(({ message }) => message).join(' '));
  if (before.ok === after.ok && told(before) === told(after)) return [];
  const kind = before.ok ? 'refused' : after.ok ? 'accepted' : 'changed';
  return [{ kind, path: '', before: told(before), after: told(after), input }];
}

function loadSide(path: string, name: string, definitions: Definitions): Mapping {
  const file = resolve(path);
  const there = statSync(file, { throwIfNoEntry: false });
  if (there === undefined) throw new Error(`There is no file or folder ${path}.`);
  const single = there.isFile();
  const folder = single ? mappingsFolder : file;
  const own = `mappings/${basename(file)}`;
  const around = readMappingSources(single && dirname(file) !== folder ? folder : single ? dirname(file) : folder);
  const sources = single
    ? [...around.filter((source) => source.file !== own), { file: own, text: readFileSync(file, 'utf8') }]
    : around;
  const used = renamed(sources, own, name);
  const { mappings, issues } = loadMappings(used, definitions);
  const faults = issues.filter(isFault);
  if (faults.length > 0) throw new Error(`${path} cannot be used.\n\n${tellIssues(faults, used).trimEnd()}`);
  return findMapping({ mappings, issues, sources: used }, name);
}

/** A copy of a map under another file name would meet the original, which has the same url: the original steps aside. */
function renamed(sources: ReturnType<typeof readMappingSources>, own: string, name: string): typeof sources {
  const urlOf = (text: string): string | undefined => /^\s*\/\/\/\s*url\s*=\s*'([^']*)'/m.exec(text)?.[1];
  const mine = sources.find((source) => source.file === own);
  const url = mine === undefined ? undefined : urlOf(mine.text);
  if (url === undefined || own === `mappings/${name}.map`) return sources;
  return sources.filter((source) => source.file === own || !source.file.endsWith('.map') || urlOf(source.text) !== url);
}

function inputsIn(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new Error(`${folder} is no folder.`);
  const found = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json') && entry.name !== 'expected.json')
    .filter((entry) => entry.name === 'input.json' || resolve(entry.parentPath) === resolve(folder))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (found.length === 0) throw new Error(`${folder} has no inputs: *.json in it, or input.json in folders below.`);
  return found;
}
