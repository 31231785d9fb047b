/** What to do about a name that does not exist here, where names that do are known. Only known names are told. */
export function adviceFor(key: string, known: Iterable<string>): string {
  const names = [...known];
  const lower = key.toLowerCase();
  const near =
    names.find((name) => name.toLowerCase() === lower) ?? names.find((name) => isNear(lower, name.toLowerCase()));
  if (near !== undefined) return `'${near}' may be meant`;
  const choices = names.filter((name) => name.startsWith(key) && /^[A-Z]/.test(name.slice(key.length)));
  if (key.length > 2 && choices.length > 1) return `it names its type, as in ${choices.slice(0, 6).join(', ')}`;
  return 'correct its spelling or remove it';
}

/** Whether two words of at least four letters differ by one letter: another, one more, one less, or two in other order. */
function isNear(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 4 || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return left.length + right.length <= 2 || (left.length === 2 && left === `${right[1] ?? ''}${right[0] ?? ''}`);
}
