import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isFault } from '../../../src/core/fhir/issue.ts';
import type { EngineMapping } from '../../../src/core/mapping/engine.ts';
import { loadMappings } from '../../../src/core/mapping/load.ts';
import type { MappingResult, MappingSource } from '../../../src/core/mapping/mapping.ts';
import { parseMap } from '../../../src/core/mapping/parse.ts';
import { newProblems, pictureOf } from '../../../src/core/mapping/problems.ts';
import { r4Models } from '../../core/mapping/models.ts';
import { cdaModels, toXml } from './cda.ts';
import { canonicalXml, parseXml } from './xml.ts';

interface Case {
  readonly name: string;
  readonly source: string;
  readonly map: string;
  readonly output: string;
}

/**
 * Run the cases of HL7's `fml-tests` manifest (FHIR/fhir-test-cases, r5/structure-mapping): each map on its source,
 * compiled and interpreted, and the output compared with the expected JSON or XML. Every map of the folder is parsed too.
 *
 * @param args The folder.
 * @returns 0 when all cases pass and all files parse, 1 otherwise, 2 when there is no manifest.
 */
export async function run(args: readonly string[]): Promise<number> {
  const [folder = ''] = args;
  const manifest = join(folder, 'manifest.xml');
  if (!existsSync(manifest)) {
    process.stderr.write(`There is no ${manifest}: name a folder with HL7's mapping cases.\n`);
    return 2;
  }
  const cases = parseXml(readFileSync(manifest, 'utf8')).children.map(
    ({ attributes }) => ({ name: '', source: '', map: '', output: '', ...attributes }) as Case,
  );
  const sources = readMaps(folder);
  let passed = 0;
  for (const one of cases) {
    const fault = faultOf(folder, one, sources);
    if (fault === undefined) passed++;
    process.stdout.write(
      `${fault === undefined ? 'pass' : 'FAIL'} ${one.name.split('/').at(-1)}${fault === undefined ? '' : `: ${fault}`}\n`,
    );
  }
  const parsed = sources.filter(parses).length;
  process.stdout.write(`${JSON.stringify({ cases: cases.length, passed, parsed, files: sources.length })}\n`);
  return passed === cases.length && parsed === sources.length ? 0 : 1;
}

/** Every mapping of the folder: text, and StructureMap or ConceptMap resources. */
function readMaps(folder: string): readonly MappingSource[] {
  return readdirSync(folder)
    .filter((file) => /\.(map|fml|json)$/.test(file))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
    .filter(
      ({ file, text }) => !file.endsWith('.json') || /"resourceType"\s*:\s*"(StructureMap|ConceptMap)"/.test(text),
    );
}

function parses(source: MappingSource): boolean {
  const problems = newProblems(source.file);
  if (source.file.endsWith('.json')) return JSON.parse(source.text.replace(/^\uFEFF/, '')) !== null;
  parseMap(source, problems);
  for (const issue of problems.issues) process.stdout.write(`${pictureOf(issue, [source])}\n`);
  return !problems.hasErrors();
}

/** The map of a case, and what it imports; other maps of the folder may share its url. */
function neededBy(map: MappingSource, sources: readonly MappingSource[]): readonly MappingSource[] {
  const imported = (source: MappingSource): readonly string[] =>
    [...source.text.matchAll(/^\s*imports\s+["']([^"']+)["']/gm)].map(([, url = '']) => url);
  const needed = [map];
  for (const source of needed) {
    for (const url of imported(source)) {
      const pattern = new RegExp(`(["'])${url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^"\']*')}\\1`);
      for (const other of sources) {
        const own = /^\s*(?:map|\/\/\/\s*url\s*=)\s*["'][^"']+["']/m.exec(other.text)?.[0] ?? '';
        if (!needed.includes(other) && pattern.test(own)) needed.push(other);
      }
    }
  }
  return [...needed, ...sources.filter((source) => /"resourceType"\s*:\s*"ConceptMap"/.test(source.text))];
}

/** Why a case fails; undefined when it passes. */
function faultOf(folder: string, one: Case, sources: readonly MappingSource[]): string | undefined {
  const map = sources.find((source) => source.file === one.map);
  if (map === undefined) return `there is no map ${one.map}`;
  const needed = neededBy(map, sources);
  const { mappings, issues } = loadMappings(needed, r4Models(cdaModels));
  const mapping = [...mappings.values()][0];
  if (mapping === undefined)
    return issues
      .filter(isFault)
      .map((issue) => pictureOf(issue, needed))
      .join('\n');
  if (!one.source.endsWith('.json')) return `the source ${one.source} is no JSON, which this runner does not read`;
  const input: unknown = JSON.parse(readFileSync(join(folder, one.source), 'utf8').replace(/^\uFEFF/, ''));
  const inputs = { [mapping.inputs[0]?.name ?? '']: input };
  const expected = readFileSync(join(folder, one.output), 'utf8');
  const [compiled, interpreted] = [newEnvironment(), newEnvironment()].map((environment, way) =>
    way === 0 ? mapping.run(inputs, environment) : mapping.interpret(inputs, environment),
  );
  if (!isDeepStrictEqual(compiled, interpreted)) return 'the compiled and the interpreted form disagree';
  return compiled === undefined ? 'nothing ran' : difference(mapping, compiled, expected);
}

function newEnvironment(): { readonly now: string; readonly newId: () => string } {
  let count = 0;
  return { now: '2026-01-01T00:00:00Z', newId: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}` };
}

function difference(mapping: EngineMapping, result: MappingResult, expected: string): string | undefined {
  if (!result.ok)
    return result.failures.map(({ message, place }) => `${place.group}/${place.rule}: ${message}`).join('; ');
  const [target] = mapping.outputs;
  const output = result.outputs[target?.name ?? ''];
  if (
    !expected
      .trimStart()
      .replace(/^\uFEFF/, '')
      .startsWith('<')
  )
    return isDeepStrictEqual(output, JSON.parse(expected.replace(/^\uFEFF/, '')))
      ? undefined
      : `got ${JSON.stringify(output)}`;
  const got = canonicalXml(toXml(target?.type.split('/').at(-1) || 'ClinicalDocument', output));
  return isDeepStrictEqual(got, canonicalXml(parseXml(expected))) ? undefined : `got ${JSON.stringify(got)}`;
}
