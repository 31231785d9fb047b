import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource, StructureDefinition } from '@medplum/fhirtypes';
import { generatedFolder } from '../../src/io/definitions/definitions.ts';
import type { PatchStep } from './json-patch.ts';

/** One example that breaks one rule: where the issue stands, its code, and what else breaks with it. */
export interface BrokenExample {
  readonly base: string;
  readonly patch: readonly PatchStep[];
  readonly breaks: { readonly at: string; readonly code: string };
  readonly also?: readonly string[];
}

const brokenFolder = new URL('../../profiles/examples/broken/', import.meta.url).pathname;

/** Our conformance resources as they were built. */
export const conformance = resourcesIn('tactus');

/** All examples by id. */
export const examples = new Map(resourcesIn('examples').map((resource) => [resource.id ?? '', resource]));

/** Our profiles and extensions; logical models are not among them. */
export const profiles = conformance.filter(
  (resource): resource is StructureDefinition =>
    resource.resourceType === 'StructureDefinition' && resource.kind !== 'logical',
);

/** Broken examples of a profile by rule; none when it has no file. */
export function brokenExamples(profile: string): Readonly<Record<string, BrokenExample>> {
  const files = readdirSync(brokenFolder);
  return files.includes(`${profile}.json`)
    ? JSON.parse(readFileSync(join(brokenFolder, `${profile}.json`), 'utf8'))
    : {};
}

function resourcesIn(folder: string): Resource[] {
  const names = readdirSync(join(generatedFolder, folder)).sort();
  return names.map((name) => JSON.parse(readFileSync(join(generatedFolder, folder, name), 'utf8')) as Resource);
}
