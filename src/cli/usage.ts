/**
 * What is wrong with the words after a command's options.
 *
 * @param names Of the words that it takes, in order; those in brackets may be left out.
 * @returns A sentence, or undefined when all is well.
 */
export function misuse(words: readonly string[], names: readonly string[]): string | undefined {
  const missing = names.filter((name, at) => at >= words.length && !name.startsWith('['));
  if (missing.length > 0) return `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`;
  const more = words.slice(names.length);
  if (more.length === 0) return undefined;
  return `It takes ${names.join(' ') || 'no words'}, and nothing is known of "${more.join(' ')}".`;
}
