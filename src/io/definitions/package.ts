import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes';
import type { CodeSet, Definitions } from '../../core/validate/validator.ts';
import { nameOf, withoutVersion } from './definitions.ts';
import { codesOfSystem, type Expansion, expandValueSet, type Terminology, toCodeSet } from './expansion.ts';
import { readTar } from './tar.ts';

/** A package that unpacks to more is refused: hl7.fhir.r4.core, the largest in use, has about 70 MB. */
const unpackedLimitBytes = 512 * 1024 * 1024;

/**
 * All resources of a FHIR package, an unpacked one (a folder, its `package` folder, or any folder of JSON files) or a
 * `.tgz`. Entries of Bundles count as resources; files that are no FHIR resource (package.json, .index.json) do not.
 *
 * @throws Error when the path does not exist, or a file in it is not JSON (named).
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export function loadPackage(path: string): Resource[] {
  const texts = statSync(path).isDirectory() ? filesOfFolder(path) : filesOfArchive(path);
  return texts.flatMap(({ name, text }) => resourcesIn(name, text));
}

/**
 * Definitions from resources, for example those of a package. What they build upon is asked of `base`.
 *
 * @returns Answers only what the resources hold: combine it with `base` (`combineDefinitions(own, base)`).
 */
export function definitionsOf(resources: readonly Resource[], base: Definitions): Definitions {
  const byUrl = new Map<string, Resource>();
  for (const resource of resources) {
    if ('url' in resource && typeof resource.url === 'string')
      byUrl.set(`${resource.resourceType} ${resource.url}`, resource);
  }
  const valueSet = (url: string): ValueSet | undefined => byUrl.get(`ValueSet ${url}`) as ValueSet | undefined;
  const system = (url: string): CodeSystem | undefined => byUrl.get(`CodeSystem ${url}`) as CodeSystem | undefined;
  const expanded = (url: string): Expansion | undefined => expansionOf(url, base.codes(url));
  const terminology: Terminology = { valueSet, codeSystem: system, expanded };
  const codeSets = new Map<string, CodeSet | undefined>();
  const systems = new Map<string, ReadonlySet<string> | undefined>();

  function codeSystem(url: string): ReadonlySet<string> | undefined {
    const name = withoutVersion(url);
    if (!systems.has(name)) {
      const codes = codesOfSystem(system(name));
      systems.set(name, codes && new Set(codes));
    }
    return systems.get(name);
  }
  function codes(url: string): CodeSet | undefined {
    const name = withoutVersion(url);
    if (!codeSets.has(name)) {
      const found = valueSet(name);
      const lookUp = (of: string): Iterable<string> | undefined => codeSystem(of) ?? base.codeSystem(of);
      codeSets.set(name, found && toCodeSet(expandValueSet(found, terminology), lookUp));
    }
    return codeSets.get(name);
  }
  return { structure: (url) => byUrl.get(`StructureDefinition ${nameOf(url)}`), codes, codeSystem };
}

function expansionOf(url: string, known: CodeSet | undefined): Expansion | undefined {
  if (!known) return undefined;
  const entries = [...known.codes].filter((entry) => !entry.startsWith('|'));
  const listed = Map.groupBy(entries, (entry) => entry.slice(0, entry.indexOf('|')));
  const systems: Record<string, string[]> = {};
  for (const [system, codes] of listed) systems[system] = codes.map((code) => code.slice(system.length + 1));
  return { url, systems, open: [...known.openSystems], ...(known.incomplete ? { incomplete: true as const } : {}) };
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

function filesOfFolder(folder: string): NamedText[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const inner = entries.find((entry) => entry.isDirectory() && entry.name === 'package');
  if (inner) return filesOfFolder(join(folder, inner.name));
  const names = entries.filter((entry) => entry.isFile() && isResourceFile(entry.name)).map((entry) => entry.name);
  return names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

function filesOfArchive(file: string): NamedText[] {
  const archive = gunzipSync(readFileSync(file), { maxOutputLength: unpackedLimitBytes });
  const inPackage = readTar(archive).filter((entry) => /^(\.\/)?package\/[^/]+$/.test(entry.name));
  return inPackage
    .map((entry) => ({ name: entry.name.slice(entry.name.lastIndexOf('/') + 1), bytes: entry.bytes }))
    .filter((entry) => isResourceFile(entry.name))
    .map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('utf8') }));
}

function isResourceFile(name: string): boolean {
  return name.endsWith('.json') && name !== 'package.json' && !name.startsWith('.');
}

function resourcesIn(name: string, text: string): Resource[] {
  const parsed = parse(name, text) as Resource | undefined;
  if (parsed?.resourceType === 'Bundle') return (parsed.entry ?? []).flatMap(({ resource }) => resource ?? []);
  return parsed?.resourceType ? [parsed] : [];
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (fault) {
    throw new Error(`${name} of the package is not JSON: ${(fault as Error).message}`);
  }
}
