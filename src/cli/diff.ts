import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isFault } from '../core/fhir/issue.ts';
import { loadMappings } from '../core/mapping/load.ts';
import type { Mapping } from '../core/mapping/mapping.ts';
import { createValidator } from '../core/validate/create.ts';
import { loadDefinitions } from '../io/definitions/definitions.ts';
import { readJson } from '../io/mappings/read-cases.ts';
import { mappingsFolder, readMappingSources } from '../io/mappings/read-mappings.ts';
import { type Change, type GroupedChange, groupChanges, tellChanges } from './mapping-tools/changes.ts';
import { differences } from './mapping-tools/differences.ts';
import { findMapping, readMeasures, tellIssues } from './mapping-tools/load-tools.ts';
import { type Ran, runsOf } from './mapping-tools/run-mapping.ts';

export const help = `npx tactus diff OLD NEW FOLDER   what a changed mapping changes in the outputs

OLD, NEW  a folder like mappings/ or one .map file (the rest comes from mappings/)
FOLDER    inputs: *.json, and input.json in folders below, as "npx tactus map" takes them

--mapping NAME  which map (default: the file's name, else referral-to-plan)
--json          one JSON object: { inputs, changed, changes: [{ kind, path, count, example }], invalid: [...] }

Changes are grouped by kind (added, removed, changed, refused, accepted) and path, with one example each. Outputs that
the old mapping made valid and the new one does not are listed.
Exit: 0 nothing changes, 1 something does, 2 could not be asked.`;

/** @returns 0 nothing changes, 1 something does, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean' }, json: { type: 'boolean' }, mapping: { type: 'string' } },
  });
  const [old, fresh, folder] = positionals;
  if (values.help === true || old === undefined || fresh === undefined || folder === undefined) {
    process.stdout.write(`${help}\n`);
    return values.help === true ? 0 : 2;
  }
  const wanted = values.mapping ?? (fresh.endsWith('.map') ? basename(fresh, '.map') : 'referral-to-plan');
  const compared = compare(loadSide(old, wanted), loadSide(fresh, wanted), inputsIn(folder));
  process.stdout.write(values.json === true ? `${JSON.stringify(compared)}\n` : tellChanges(compared));
  return compared.changed > 0 ? 1 : 0;
}

interface Compared {
  readonly inputs: number;
  readonly changed: number;
  readonly changes: readonly GroupedChange[];
  /** Inputs whose output was valid and is not any more, with the first fault. */
  readonly invalid: readonly { readonly input: string; readonly fault: string }[];
}

function compare(old: Mapping, fresh: Mapping, inputs: readonly string[]): Compared {
  const measures = readMeasures(mappingsFolder);
  const validator = createValidator(loadDefinitions());
  const faultOf = (ran: Ran): string | undefined =>
    ran.ok && isResource(ran.output) ? validator.validate(ran.output).find(isFault)?.message : undefined;
  const changes: Change[] = [];
  const invalid: { input: string; fault: string }[] = [];
  const changed = new Set<string>();
  for (const input of inputs) {
    const content = readJson(input);
    const before = runsOf(old, content, measures).map(({ run: map }) => map());
    const after = runsOf(fresh, content, measures).map(({ run: map }) => map());
    after.forEach((ran, at) => {
      const earlier = before[at] ?? { ok: false, issues: [] };
      const found = changesBetween(input, earlier, ran);
      if (found.length > 0) changed.add(input);
      changes.push(...found);
      const fault = faultOf(ran);
      if (fault !== undefined && faultOf(earlier) === undefined) invalid.push({ input, fault });
    });
  }
  return { inputs: inputs.length, changed: changed.size, changes: groupChanges(changes), invalid };
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

function loadSide(path: string, name: string): Mapping {
  const file = resolve(path);
  const single = statSync(file).isFile();
  const folder = single ? mappingsFolder : file;
  const own = `mappings/${basename(file)}`;
  const around = readMappingSources(single && dirname(file) !== folder ? folder : single ? dirname(file) : folder);
  const sources = single
    ? [...around.filter((source) => source.file !== own), { file: own, text: readFileSync(file, 'utf8') }]
    : around;
  const { mappings, issues } = loadMappings(renamed(sources, own, name), loadDefinitions());
  const faults = issues.filter(isFault);
  if (faults.length > 0) throw new Error(`${path} cannot be used.\n${tellIssues(faults)}`);
  return findMapping({ folder, definitions: loadDefinitions(), mappings, measures: new Map(), issues }, name);
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
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json') && entry.name !== 'expected.json')
    .filter((entry) => entry.name === 'input.json' || resolve(entry.parentPath) === resolve(folder))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
