import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../../core/fhir/json.ts';
import type { DataFile } from '../../core/plan/screening/data-file.ts';
import type { RuleFiles } from '../../core/plan/screening/load.ts';

/** The mappings that ship with Tactus: rules/, partners/ and anchors/ are read from it. */
export const mappingsFolder = fileURLToPath(new URL('../../../mappings', import.meta.url));

/**
 * Read the screening rules and their tables; `loadRules` checks them.
 *
 * @throws Error that names the file when one is not sound JSON, or when the folder does not exist.
 */
export function readRules(folder: string = join(mappingsFolder, 'rules')): RuleFiles {
  return { rules: readDataFiles(folder), tables: readDataFiles(join(folder, 'tables')) };
}

/** All `*.json` of a folder (not of folders in it), by name. Names are told from the folder's own name on. */
export function readDataFiles(folder: string): DataFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readDataFile(join(folder, name), `mappings/${basename(folder)}/${name}`));
}

/** By the gate for strangers' texts: of two equal keys the last would win, and what was meant to hold might only flag. */
function readDataFile(path: string, file: string): DataFile {
  const parsed = parseJson(readFileSync(path, 'utf8'));
  if (parsed.ok) return { file, content: parsed.value };
  throw new Error(`${file} cannot be used: ${parsed.issues.map(({ message }) => message).join(' ')}`);
}
