import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { list, own } from '../../../src/core/validate/json.ts';
import { generatedFolder } from '../../../src/io/definitions/definitions.ts';

/** Canonical URLs of our own resource profiles that a resource can be held to. */
export function resourceProfiles(): readonly string[] {
  return readAll('tactus')
    .filter(
      (one) =>
        own(one, 'resourceType') === 'StructureDefinition' &&
        own(one, 'kind') === 'resource' &&
        own(one, 'abstract') !== true,
    )
    .map((one) => String(own(one, 'url')));
}

let known: readonly Example[] | undefined;

export interface Example {
  readonly name: string;
  readonly profile: string;
  readonly resource: Record<string, unknown>;
}

/** The examples of our profiles, each with the profile that it is an example of. */
export function examples(): readonly Example[] {
  known ??= readAll('examples').map((resource) => ({
    name: String(own(resource, 'id')),
    profile: String(list(own(own(resource, 'meta'), 'profile'))[0]),
    resource: resource as Record<string, unknown>,
  }));
  return known;
}

function readAll(folder: string): readonly unknown[] {
  const path = join(generatedFolder, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(path, name), 'utf8')) as unknown);
}
