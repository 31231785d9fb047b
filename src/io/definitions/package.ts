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
 * @throws Error when the path does not exist, or a file in it is not JSON (named).
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export function loadPackage(path: string): Resource[] {
  const texts = statSync(path).isDirectory() ? filesOfFolder(path) : filesOfArchive(path);
  return texts.flatMap(({ name, text }) => resourcesIn(name, text));
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
