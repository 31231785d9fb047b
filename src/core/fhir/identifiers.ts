/** A business identifier that can be looked up: both parts are there. */
export interface FullIdentifier {
  readonly system: string;
  readonly value: string;
}

/** https://terminology.hl7.org/CodeSystem-v2-0203.html: PLAC placer, FILL filler. */
export const identifierTypeSystem = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/**
 * Find the hospital's own number of an order among its identifiers.
 *
 * Of those with system and value that are neither ours (FILL) nor old, the first is taken: one of type PLAC, else one
 * of use official, else any. Two that are equally good stay in the sender's order, so a repeat finds the same one.
 *
 * @param systems Systems that the partner's numbers have; empty: every one.
 */
export function placerNumber(resource: unknown, systems: readonly string[] = []): FullIdentifier | undefined {
  const candidates = listOf(resource, 'identifier').filter(
    (one) => isFull(one) && !hasType(one, 'FILL') && one.use !== 'old' && one.use !== 'secondary',
  );
  const known = systems.length === 0 ? candidates : candidates.filter((one) => systems.includes(String(one.system)));
  const best = known.find((one) => hasType(one, 'PLAC')) ?? known.find((one) => one.use === 'official') ?? known[0];
  return best === undefined ? undefined : { system: String(best.system), value: String(best.value) };
}

/**
 * Read a token of a FHIR search: `system|value`. Compared byte by byte: no folding of case or Unicode, since two
 * hospitals' numbers may differ in just that.
 *
 * @returns undefined without system or value. `\|`, `\,`, `\$` and `\\` stand for the character itself.
 * @see https://hl7.org/fhir/R4/search.html#escaping
 */
export function parseToken(token: string): FullIdentifier | undefined {
  const parts = split(token, '|');
  const [system = '', value = ''] = parts;
  return parts.length === 2 && system !== '' && value !== '' ? { system, value } : undefined;
}

/** The alternatives of a search value, `a,b`; escapes are kept for `parseToken`. */
export function alternatives(value: string): string[] {
  return value.split(/(?<!\\),/).filter((one) => one !== '');
}

function split(token: string, separator: string): string[] {
  const parts = [''];
  for (let at = 0; at < token.length; at++) {
    const character = token.charAt(at);
    if (character === separator) parts.push('');
    else {
      if (character === '\\' && '|,$\\'.includes(token.charAt(at + 1)) && at + 1 < token.length) at++;
      parts[parts.length - 1] += token.charAt(at);
    }
  }
  return parts;
}

type Json = Readonly<Record<string, unknown>>;

function isFull(identifier: Json): boolean {
  const { system, value } = identifier;
  return typeof system === 'string' && system !== '' && typeof value === 'string' && value !== '';
}

function hasType(identifier: Json, code: string): boolean {
  return listOf(identifier.type, 'coding').some((one) => one.system === identifierTypeSystem && one.code === code);
}

function listOf(value: unknown, name: string): Json[] {
  const list = isObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
