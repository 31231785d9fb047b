import type { Static, TSchema } from '@sinclair/typebox';
import type { Issue } from '../../fhir/issue.ts';
import { checker } from '../check.ts';

/** One data file of ours (a rule, a partner, an anchor): its name and its parsed JSON. */
export interface DataFile {
  /** Path from the repository's root, for example `mappings/rules/fever.json`. */
  readonly file: string;
  readonly content: unknown;
}

export type CheckedFile<Schema extends TSchema> =
  | { readonly ok: true; readonly value: Static<Schema> }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Check a data file against its schema.
 *
 * @returns The content as the schema's type, or all its faults; `expression` is the file's name and the place in it,
 *   for example `mappings/rules/fever.json.codes.icd10[0]`.
 */
export function checkDataFile<Schema extends TSchema>(
  schema: Schema,
  { file, content }: DataFile,
): CheckedFile<Schema> {
  const issues = checker(file, schema)(content);
  return issues.length === 0 ? { ok: true, value: content as Static<Schema> } : { ok: false, issues };
}

/** A fault (or a warning) of a data file that its schema cannot say. `place` is for example `.codes.icd10[0]`. */
export function dataFileIssue(
  file: string,
  place: string,
  message: string,
  severity: Issue['severity'] = 'error',
): Issue {
  return {
    severity,
    code: 'data-file',
    type: 'invalid',
    expression: `${file}${place}`,
    message: `${file}${place} ${message}`,
  };
}
