import type { Issue } from '../fhir/issue.ts';
import type { MappingEnvironment, MappingFailure } from '../mapping/mapping.ts';

/**
 * What a mapping sees besides its inputs. Ids are counted, not drawn: the same input gives the same output.
 *
 * @param now An instant.
 * @param seed What makes ids of one run differ from those of another, for example the plan's id.
 */
export function mappingEnvironment(now: string, seed: string): MappingEnvironment {
  let count = 0;
  return {
    now,
    newId: () => {
      count += 1;
      return stableUuid(`${seed}#${count}`);
    },
  };
}

/** The failures of a run as issues, each fault once however often the mapping met it. */
export function failureIssues(failures: readonly MappingFailure[]): Issue[] {
  const seen = new Set<string>();
  return failures.map(failureIssue).filter(({ code, expression, message }) => {
    const key = `${code} ${expression} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** A mapping's failure as an issue: the source element is the place, the rule that failed is named. */
function failureIssue(failure: MappingFailure): Issue {
  const { map, group, rule, line } = failure.place;
  return {
    severity: 'error',
    code: failure.code,
    type: failure.code === 'mapping-unmapped-code' ? 'code-invalid' : 'processing',
    expression: failure.sourcePath,
    message: failure.message,
    rule: `${map} ${group}.${rule}, line ${line}`,
  };
}

/**
 * A UUID made from a text, always the same for the same text (version 8: made by the application). It only has to be
 * unique within one Bundle, so four rounds of FNV-1a are enough; it is no protection of anything.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
 */
export function stableUuid(text: string): string {
  const hex = [0, 1, 2, 3].map((round) => fnv1a(`${round}:${text}`)).join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** http://www.isthe.com/chongo/tech/comp/fnv/, 32 bits, over UTF-16 units; eight hex digits. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
