import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MappingSource } from '../../core/mapping/mapping.ts';

/** The mappings that ship with Tactus. */
export const mappingsFolder = fileURLToPath(new URL('../../../mappings', import.meta.url));

/**
 * Read the mappings of a folder: its `*.map` (mapping language), and the ConceptMaps and StructureMaps in
 * `concept-maps/*.json`. `loadMappings` checks them.
 *
 * @returns By file name, named from the folder on: `mappings/referral-to-plan.map`.
 * @throws Error when the folder does not exist.
 */
export function readMappingSources(folder: string = mappingsFolder): MappingSource[] {
  return [
    ...readFolder(folder, '.map', 'mappings'),
    ...readFolder(join(folder, 'concept-maps'), '.json', 'mappings/concept-maps'),
  ];
}

function readFolder(folder: string, ending: string, shownAs: string): MappingSource[] {
  if (!existsSync(folder) && shownAs !== 'mappings') return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => ({ file: `${shownAs}/${name}`, text: readFileSync(join(folder, name), 'utf8') }));
}
