/** Reading FHIR JSON that nobody has vouched for: what has another shape reads as absent, never as an error. */

export type Json = Readonly<Record<string, unknown>>;

const nothing: readonly never[] = [];

/** An object, or undefined. */
export function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The objects of a list with their places in it. Null entries (of primitives with extensions) keep their place. */
export function objects(value: unknown): readonly (Json | undefined)[] {
  return Array.isArray(value) ? value.map(object) : nothing;
}

/** A text that is not empty, or undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
