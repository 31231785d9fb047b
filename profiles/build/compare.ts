import type { Files } from './generate.ts';

/** How two sets of files differ, a line a file, in alphabetical order. */
export function differences(left: Files, right: Files): string[] {
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.flatMap((path) => {
    const [before, after] = [left.get(path), right.get(path)];
    if (before === after) return [];
    if (before === undefined) return [`${path} is new`];
    if (after === undefined) return [`${path} is gone`];
    return [`${path} differs at character ${firstDifference(before, after)}`];
  });
}

function firstDifference(before: string, after: string): number {
  let at = 0;
  while (before[at] === after[at]) at += 1;
  return at;
}
