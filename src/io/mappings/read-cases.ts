import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactJson } from './compact-json.ts';

/** One golden case: a folder with what goes in and what must come out. */
export interface GoldenCase {
  /** Name of the mapping: the folder above. */
  readonly mapping: string;
  /** Name of the case: its folder. It says what the case shows. */
  readonly name: string;
  readonly folder: string;
  readonly input: unknown;
  /** Undefined when `expected.json` is missing: such a case fails, it is never passed over. */
  readonly expected: unknown;
}

/**
 * Read golden cases: `cases/<mapping>/<case>/input.json` and `expected.json`.
 *
 * @param folder The folder `cases`.
 * @throws Error that names the file when one is not JSON or `input.json` is missing.
 */
export function readCases(folder: string): GoldenCase[] {
  return foldersIn(folder).flatMap((mapping) =>
    foldersIn(join(folder, mapping)).map((name) => {
      const own = join(folder, mapping, name);
      const expectedFile = join(own, 'expected.json');
      return {
        mapping,
        name,
        folder: own,
        input: readJson(join(own, 'input.json')),
        expected: existsSync(expectedFile) ? readJson(expectedFile) : undefined,
      };
    }),
  );
}

/** An element of the target that no case can reach, with all below it, and why. */
export interface CoverageException {
  /** As the coverage names it: `massage-procedure Procedure.report`. */
  readonly element: string;
  readonly why: string;
}

/** Read `cases/<mapping>/exceptions.json`; none without the file. */
export function readExceptions(folder: string, mapping: string): readonly CoverageException[] {
  const file = join(folder, mapping, 'exceptions.json');
  return existsSync(file) ? (readJson(file) as CoverageException[]) : [];
}

/** Write what a case must give from now on; the change is reviewed like source. */
export function writeExpected(golden: GoldenCase, value: unknown): void {
  writeFileSync(join(golden.folder, 'expected.json'), compactJson(value));
}

/** @throws Error that names the file when it does not exist or is not JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
