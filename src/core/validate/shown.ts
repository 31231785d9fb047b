/**
 * Something of a sender's, as it may stand in a sentence: names of elements, types and codes look like this; a patient's
 * name or a note does not: in its place stands `(not shown)`.
 */
export function shownToken(text: string): string {
  return /^[A-Za-z0-9._:/#|+-]{1,64}$/.test(text) ? `'${text}'` : '(not shown)';
}

/** Whether a key may stand in an expression, and so in a log. */
export function isName(key: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(key);
}
