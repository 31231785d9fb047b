/** Wider than this a value is broken into lines, as in source. */
const lineWidth = 120;

/**
 * JSON for people who review it: what fits into a line stands on one, the rest is indented by one space.
 *
 * @returns Text with a line break at its end.
 */
export function compactJson(value: unknown): string {
  return `${print(value, 0)}\n`;
}

function print(value: unknown, indent: number): string {
  const flat = JSON.stringify(value);
  if (indent + flat.length <= lineWidth || typeof value !== 'object' || value === null) return flat;
  const inner = ' '.repeat(indent + 1);
  const end = `\n${' '.repeat(indent)}`;
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + print(item, indent + 1)).join(',\n')}${end}]`;
  const members = Object.entries(value).map(
    ([key, child]) => `${inner}${JSON.stringify(key)}: ${print(child, indent + 1)}`,
  );
  return `{\n${members.join(',\n')}${end}}`;
}
