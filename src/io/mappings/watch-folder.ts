import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Editors write a file in several steps: changes within this count as one. */
const pauseMilliseconds = 20;

export interface FolderWatch {
  close(): void;
}

/**
 * Tell of saved, new and removed `.map` and `.json` files of a folder and all below it. Each folder is watched by
 * itself, since a file that an editor replaces (writes beside and renames) is then seen too.
 *
 * @param skip Folders that are left out, by their path from `root` on.
 * @param saved Told the files of one moment, by their paths from `root` on, in order.
 * @throws Error when the folder does not exist.
 */
export function watchFolder(
  root: string,
  skip: (folder: string) => boolean,
  saved: (files: readonly string[]) => void,
): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  const found = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (file: string): void => {
    found.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const files = [...found].sort();
      found.clear();
      saved(files);
    }, pauseMilliseconds);
  };
  const close = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const open = (folder: string): void => {
    if (watchers.has(folder) || skip(folder)) return;
    const watcher = watch(join(root, folder), (event, name) => {
      if (name === null) return;
      const path = join(folder, name);
      if (/\.(map|json)$/.test(name)) note(path);
      // A folder that came, or came again under the same name, with all that is in it already.
      else if (event === 'rename') {
        close(path);
        if (isFolder(join(root, path))) for (const file of openAll(path)) note(file);
      }
    });
    watcher.on('error', () => close(folder));
    watchers.set(folder, watcher);
  };
  const openAll = (folder: string): string[] => {
    open(folder);
    if (!watchers.has(folder)) return [];
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return openAll(path);
      return /\.(map|json)$/.test(entry.name) ? [path] : [];
    });
  };
  openAll('');
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
