import { existsSync, readFileSync } from 'node:fs';

/** A file with one JSON object a line, each beginning `{"url":"…"`: looked up by url, parsed only when asked for. */
export interface Lines {
  readonly find: (url: string) => unknown;
}

const opening = '{"url":"';

/** Open such a file; it is read at the first question. A file that is not there holds nothing. */
export function openLines(file: string): Lines {
  let lines: Map<string, string> | undefined;
  return {
    find(url) {
      lines ??= readLines(file);
      const line = lines.get(url);
      return line === undefined ? undefined : JSON.parse(line);
    },
  };
}

function readLines(file: string): Map<string, string> {
  const lines = new Map<string, string>();
  if (!existsSync(file)) return lines;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.startsWith(opening)) continue;
    lines.set(line.slice(opening.length, line.indexOf('"', opening.length)), line);
  }
  return lines;
}
