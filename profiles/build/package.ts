import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Resource } from '@medplum/fhirtypes';
import { writeTar } from '../../src/io/definitions/tar.ts';
import { fileName } from './generate.ts';
import { indexEntry } from './r4.ts';

const examples = 'package/example';

/**
 * Write the resources as a FHIR NPM package: whole, with snapshots, differentials and all descriptive text.
 *
 * @returns How many resources it holds.
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export function writePackage(file: string, resources: readonly Resource[]): number {
  const own = resources.filter((resource) => 'url' in resource);
  const shown = resources.filter((resource) => !('url' in resource));
  const files = [
    { name: 'package/package.json', text: print(manifest(own)) },
    { name: 'package/.index.json', text: print(indexOf(own)) },
    ...own.map((resource) => ({ name: `package/${fileName(resource)}`, text: print(resource) })),
    { name: `${examples}/.index.json`, text: print(indexOf(shown)) },
    ...shown.map((resource) => ({ name: `${examples}/${fileName(resource)}`, text: print(resource) })),
  ];
  // The time in a gzip header would make each build differ; zlib writes none.
  writeFileSync(file, gzipSync(writeTar(files), { level: 9 }));
  return resources.length;
}

function manifest(own: readonly Resource[]): unknown {
  const statement = own.find((resource) => resource.resourceType === 'CapabilityStatement');
  return {
    name: 'example.tactus.fhir',
    version: statement?.version ?? '0.1.0',
    type: 'IG',
    description: 'Medical massage: prescriptions, sessions and outcomes (Tactus)',
    license: 'Apache-2.0',
    author: 'Tactus',
    canonical: statement?.url?.replace(/\/CapabilityStatement\/.*$/, ''),
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    directories: { lib: 'package', example: 'example' },
  };
}

function indexOf(resources: readonly Resource[]): unknown {
  return { 'index-version': 1, files: resources.map((resource) => indexEntry(fileName(resource), resource)) };
}

function print(content: unknown): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
