import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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
  /** Why the case cannot be run: a file of it is missing or no JSON. */
  readonly fault?: string;
  /** Undefined when `expected.json` is missing: such a case fails, it is never passed over. */
  readonly expected: unknown;
}

/**
 * Read golden cases: `cases/<mapping>/<case>/input.json` and `expected.json`.
 *
 * @param folder The folder `cases`.
 * A case with a file that is not JSON, or without `input.json`, has a fault instead.
 */
export function readCases(folder: string): GoldenCase[] {
  return foldersIn(folder).flatMap((mapping) =>
    foldersIn(join(folder, mapping)).map((name) => readCase(folder, mapping, name)),
  );
}

/** Read one golden case, as `readCases` does. */
export function readCase(folder: string, mapping: string, name: string): GoldenCase {
  const own = join(folder, mapping, name);
  const expectedFile = join(own, 'expected.json');
  const golden = { mapping, name, folder: own };
  try {
    const expected = existsSync(expectedFile) ? readJson(expectedFile) : undefined;
    return { ...golden, input: readJson(join(own, 'input.json')), expected };
  } catch (error) {
    return { ...golden, input: undefined, expected: undefined, fault: String(error).replace(/^Error: /, '') };
  }
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

/**
 * Write what a case must give from now on; the change is reviewed like source.
 *
 * @returns The file that was written.
 */
export function writeExpected(golden: GoldenCase, value: unknown): string {
  const file = join(golden.folder, 'expected.json');
  writeFileSync(file, compactJson(value));
  return file;
}

/** @throws Error that names the file when it does not exist or is not JSON. */
export function readJson(file: string): unknown {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there === undefined) throw new Error(`There is no file ${file}.`);
  if (there.isDirectory()) throw new Error(`${file} is a folder; a file is needed.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(`${file} cannot be read as JSON: ${reason}`);
  }
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
