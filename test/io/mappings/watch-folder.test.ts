import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FolderWatch, watchFolder } from '../../../src/io/mappings/watch-folder.ts';

let folder: string;
let watching: FolderWatch | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tactus-watch-'));
  for (const name of ['measures', 'cases/m/one']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'a.map'), 'a');
});

afterEach(() => {
  watching?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is told after something is done: waits until each of the files was told, however many moments that takes. */
async function toldAfter(act: () => void, files: readonly string[], skip = (_: string) => false): Promise<void> {
  const missing = new Set(files);
  await new Promise<void>((resolve) => {
    watching?.close();
    watching = watchFolder(folder, skip, (saved) => {
      for (const file of saved) missing.delete(file);
      if (missing.size === 0) resolve();
    });
    act();
  });
}

describe('a watched folder', () => {
  test('tells a file that is written, one that is replaced, one that is new and one that is gone', async () => {
    await toldAfter(() => writeFileSync(join(folder, 'a.map'), 'b'), ['a.map']);
    const replace = () => {
      writeFileSync(join(folder, 'a.map.tmp'), 'c');
      renameSync(join(folder, 'a.map.tmp'), join(folder, 'a.map'));
    };
    await toldAfter(replace, ['a.map']);
    await toldAfter(replace, ['a.map']);
    await toldAfter(() => writeFileSync(join(folder, 'measures/x.json'), '{}'), ['measures/x.json']);
    await toldAfter(() => rmSync(join(folder, 'a.map')), ['a.map']);
  });

  test('tells a file in a folder that is new, or that went and came again', async () => {
    const write = () => {
      mkdirSync(join(folder, 'cases/m/two'), { recursive: true });
      writeFileSync(join(folder, 'cases/m/two/input.json'), '{}');
    };
    await toldAfter(write, ['cases/m/two/input.json']);
    await toldAfter(() => {
      rmSync(join(folder, 'cases'), { recursive: true });
      write();
    }, ['cases/m/two/input.json']);
  });

  test('tells several writes of one moment at once, sorted, and nothing of other files or of skipped folders', async () => {
    const moments: (readonly string[])[] = [];
    const done = new Promise<void>((resolve) => {
      watching = watchFolder(
        folder,
        (path) => path === 'cases',
        (saved) => {
          moments.push(saved);
          resolve();
        },
      );
    });
    for (const file of ['cases/m/one/input.json', 'a.map~', 'b.map', 'a.map', 'a.map'])
      writeFileSync(join(folder, file), 'x');
    await done;
    expect(moments).toEqual([['a.map', 'b.map']]);
  });
});
