import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMeasures } from '../../../src/cli/mapping-tools/load-tools.ts';
import { runsOf } from '../../../src/cli/mapping-tools/run-mapping.ts';
import { type EngineMappings, loadMappings } from '../../../src/core/mapping/load.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { mappingsFolder, readMappingSources } from '../../../src/io/mappings/read-mappings.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** The project's own mappings, and the inputs of their golden cases: what fuzzing, comparing and measuring start from. */
export interface OwnMappings {
  readonly loaded: EngineMappings;
  /** By mapping, then by case: what the map itself is given. */
  readonly cases: ReadonlyMap<string, ReadonlyMap<string, Inputs>>;
}

export function ownMappings(): OwnMappings {
  const loaded = loadMappings(readMappingSources(), loadDefinitions());
  const measures = readMeasures(mappingsFolder);
  const cases = new Map<string, ReadonlyMap<string, Inputs>>();
  for (const [name, mapping] of loaded.mappings) {
    const folder = join(mappingsFolder, 'cases', name);
    if (!existsSync(folder)) continue;
    const inputs = new Map<string, Inputs>();
    for (const one of readdirSync(folder)) {
      const file = join(folder, one, 'input.json');
      if (!existsSync(file)) continue;
      for (const run of runsOf(mapping, JSON.parse(readFileSync(file, 'utf8')), measures)) inputs.set(one, run.inputs);
    }
    cases.set(name, inputs);
  }
  return { loaded, cases };
}
