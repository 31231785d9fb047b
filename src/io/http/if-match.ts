import { refusal } from './answer.ts';
import type { Call } from './door.ts';

/**
 * The versions that a change may replace, by If-Match: strong or weak tags, a list of them, or `*` for any.
 *
 * @throws Refusal 400 where it is missing or is no ETag of ours: a change that rests on nothing could undo another's.
 * @see https://hl7.org/fhir/R4/http.html#concurrency
 */
export function versionsToReplace(call: Call): readonly number[] | 'any' {
  const header = call.headers['if-match'];
  const wanted = 'the ETag that was read, for example W/"3"';
  if (header === undefined || header.trim() === '') {
    throw refusal(400, 'if-match', 'required', `If-Match is missing; a change needs it with ${wanted}.`);
  }
  if (header.trim() === '*') return 'any';
  const tags = header.split(',').map((tag) => /^(?:W\/)?"(\d{1,9})"$/.exec(tag.trim())?.[1]);
  const versions = tags.filter((tag) => tag !== undefined).map(Number);
  if (versions.length === tags.length) return versions;
  throw refusal(400, 'if-match', 'value', `If-Match must be ${wanted}.`);
}
