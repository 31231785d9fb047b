/** A JSON object whose shape is not checked yet. */
export type Json = { readonly [key: string]: unknown };

/** @returns `value` as an object, undefined when it is none (null and lists are none). */
export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function isJsonArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
