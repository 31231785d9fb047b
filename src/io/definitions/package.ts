import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Resource } from '@medplum/fhirtypes';
import { readTar } from './tar.ts';

export { definitionsOf } from './from-resources.ts';

/** A package that unpacks to more is refused: hl7.fhir.r4.core, the largest in use, has about 70 MB. */
const unpackedLimitBytes = 512 * 1024 * 1024;

/**
 * All resources of a FHIR package, an unpacked one (a folder, its `package` folder, or any folder of JSON files) or a
 * `.tgz`. Entries of Bundles count as resources; files that are no FHIR resource (package.json, .index.json) do not.
 *
 * @throws Error when the path does not exist, is no such archive, holds no FHIR resource, or a file in it is not JSON
 *   (named).
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export function loadPackage(path: string): Resource[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${path} does not exist: name a FHIR package, a folder or a .tgz.`);
  const texts = found.isDirectory() ? filesOfFolder(path) : filesOfArchive(path);
  const resources = texts.flatMap(({ name, text }) => resourcesIn(name, text));
  if (resources.length === 0)
    throw new Error(`${path} holds no FHIR resource: a package has its *.json files in the folder "package".`);
  return resources;
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
  const inPackage = readTar(unpacked(file)).filter((entry) => /^(\.\/)?package\/[^/]+$/.test(entry.name));
  return inPackage
    .map((entry) => ({ name: entry.name.slice(entry.name.lastIndexOf('/') + 1), bytes: entry.bytes }))
    .filter((entry) => isResourceFile(entry.name))
    .map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('utf8') }));
}

function unpacked(file: string): Uint8Array {
  try {
    return gunzipSync(readFileSync(file), { maxOutputLength: unpackedLimitBytes });
  } catch (fault) {
    throw new Error(
      `${file} is not a whole .tgz archive (${(fault as Error).message}): a FHIR package is a gzipped tar; download or build it again.`,
    );
  }
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
