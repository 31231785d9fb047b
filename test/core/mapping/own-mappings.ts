import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineMappings, loadMappings } from '../../../src/core/mapping/load.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { mappingsFolder, readMappingSources } from '../../../src/io/mappings/read-mappings.ts';

/** The project's own mappings, and the inputs of their golden cases: what fuzzing and comparing start from. */
export interface OwnMappings {
  readonly loaded: EngineMappings;
  readonly inputs: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
}

export function ownMappings(): OwnMappings {
  const loaded = loadMappings(readMappingSources(), loadDefinitions());
  const inputs = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  for (const name of loaded.mappings.keys()) {
    const folder = join(mappingsFolder, 'cases', name);
    if (!existsSync(folder)) continue;
    const files = readdirSync(folder)
      .map((one) => join(folder, one, 'input.json'))
      .filter((file) => existsSync(file));
    inputs.set(
      name,
      files.map((file) => JSON.parse(readFileSync(file, 'utf8'))),
    );
  }
  return { loaded, inputs };
}
