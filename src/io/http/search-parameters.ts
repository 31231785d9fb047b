import { alternatives, type FullIdentifier, parseToken } from '../../core/fhir/identifiers.ts';
import { type Refusal, refusal } from './answer.ts';

/** Parameters that shape the answer, not the search; they are known everywhere. */
const shaping: ReadonlySet<string> = new Set(['_format', '_pretty', '_count', '_after']);

/** More alternatives than this in one parameter would be a listing, not a search. */
const alternativesLimit = 20;

export const pageSize = { usual: 50, most: 200 } as const;

/** The search as it was understood: unknown parameters are left out of its self link. https://hl7.org/fhir/R4/search.html */
export interface Search {
  /** Values of a parameter: all must hold; each has alternatives. */
  readonly values: (name: string) => readonly (readonly string[])[];
  readonly count: number;
  readonly after: string | undefined;
  readonly self: string;
  readonly next: (after: string) => string;
}

/**
 * Read a search.
 *
 * @param known Names of its parameters, with modifiers (`patient:identifier`).
 * @param strict Unknown parameters are refused (Prefer: handling=strict); otherwise they are ignored, and the self link
 *   tells so.
 */
export function readSearch(query: URLSearchParams, known: readonly string[], address: string, strict: boolean): Search {
  const unknown = [...new Set(query.keys())].filter((name) => !known.includes(name) && !shaping.has(name));
  const told = unknown.filter((name) => /^[A-Za-z_][A-Za-z_.:-]{0,40}$/.test(name)).join(', ');
  if (unknown.length > 0 && strict) {
    throw searchFault(
      `The search has parameters that are not known here${told && ` (${told})`}; known are ${known.join(', ')}.`,
    );
  }
  // An unknown modifier changes the meaning of a known parameter and must not be ignored (search.html#modifiers).
  const modified = unknown.find((name) => known.includes(name.split(/[:.]/)[0] ?? ''));
  if (modified !== undefined) {
    throw searchFault(`The search uses a modifier or chain that is not known here; known are ${known.join(', ')}.`);
  }
  const count = Number(query.get('_count') ?? pageSize.usual);
  if (!Number.isInteger(count) || count < 1) throw searchFault('_count must be a whole number from 1 on.');
  const used = new URLSearchParams([...query].filter(([name]) => known.includes(name) || name === '_count'));
  const link = (more: URLSearchParams) => (more.size === 0 ? address : `${address}?${more}`);
  return {
    values: (name) => query.getAll(name).map((value) => readAlternatives(name, value)),
    count: Math.min(count, pageSize.most),
    after: query.get('_after') ?? undefined,
    self: link(used),
    next: (after) => link(new URLSearchParams([...used, ['_after', after]])),
  };
}

/** Identifiers as `system|value`; a value without its system could be anybody's. */
export function fullTokens(name: string, values: readonly string[]): FullIdentifier[] {
  return values.map((value) => {
    const token = parseToken(value);
    if (token === undefined) throw searchFault(`${name} must be written as system|value, with both parts.`);
    return token;
  });
}

export function searchFault(message: string): Refusal {
  return refusal(400, 'search-parameter', 'not-supported', message);
}

function readAlternatives(name: string, value: string): string[] {
  const found = alternatives(value);
  if (found.length === 0) throw searchFault(`${name} has no value.`);
  if (found.length > alternativesLimit) throw searchFault(`${name} has more than ${alternativesLimit} alternatives.`);
  return found;
}
