import { readFileSync } from 'node:fs';

/**
 * The text of a file that a person named.
 *
 * @throws Error with a sentence that names the file when there is none, or it cannot be read.
 */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(reasonOf(file, (error as { readonly code?: string }).code, error));
  }
}

function reasonOf(file: string, code: string | undefined, error: unknown): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no file ${file}.`;
  if (code === 'EISDIR') return `${file} is a folder; a file is needed.`;
  if (code === 'EACCES') return `${file} may not be read by this user.`;
  return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
