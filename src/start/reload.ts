import type { Server } from 'node:http';
import type { Log } from '../io/log/log.ts';
import { watchFolder } from '../io/mappings/watch-folder.ts';
import { type Catalog, CatalogFault } from './catalog.ts';
import type { House } from './tactus.ts';

/**
 * The house as it is now. When data is saved during development, another house takes its place, with the same store,
 * queue and log. A piece of work takes the house once, when it begins, and keeps it to its end: so nothing is ever made
 * half by one version of a mapping and half by another.
 */
export interface Live {
  house: House;
}

/** What is made of a house, made once for each. */
export function ofHouse<T>(live: Live, make: (house: House) => T): () => T {
  let made: { readonly of: House; readonly value: T } | undefined;
  return () => {
    if (made?.of !== live.house) made = { of: live.house, value: make(live.house) };
    return made.value;
  };
}

export interface Reloading {
  readonly live: Live;
  /** The folder of mappings, rules, measures and partners. */
  readonly folder: string;
  /** Reads and checks it anew. @throws CatalogFault, or Error for a file that is no JSON. */
  readonly load: () => Catalog;
  readonly furnish: (catalog: Catalog) => House;
  readonly log: Log;
  /** Told when another house stands. */
  readonly changed: () => void;
}

/**
 * Take saved maps, concept maps, measures, rules, anchors and partner files into use at once. What cannot be loaded
 * leaves the data before in force, and the log says where the fault is. Golden cases are no data.
 *
 * @returns Ends the watching.
 */
export function reloadOnSave(reloading: Reloading): () => void {
  const watching = watchFolder(
    reloading.folder,
    (folder) => folder === 'cases',
    (files) => reload(reloading, files),
  );
  return () => watching.close();
}

/** Reload once; exported so that what a save does can be shown without a file system. */
export function reload({ live, load, furnish, log, changed }: Reloading, files: readonly string[]): void {
  const began = performance.now();
  try {
    const catalog = load();
    live.house = furnish(catalog);
    changed();
    log.info('saved data is used from now on', {
      name: files.join(', '),
      version: `${catalog.referralToPlan.version} ${catalog.sessionToOutcome.version} ${catalog.rules.version}`,
      duration: Math.round(performance.now() - began),
    });
  } catch (error) {
    for (const fault of faultsOf(error))
      log.error('saved data is not used, the data before stays in force; correct it and save it again', fault);
  }
}

/** Mappings are configuration and hold nothing of patients, so their faults may be told word by word. */
function faultsOf(error: unknown): readonly Record<'code' | 'name' | 'error', string>[] {
  if (error instanceof CatalogFault)
    return error.issues.map(({ code, expression, message }) => ({ code, name: expression, error: message }));
  const message = error instanceof Error ? error.message : String(error);
  return [{ code: 'catalog-unreadable', name: 'mappings', error: message }];
}

/** Let the requests that come from now on be answered by the doors of another server, on the same socket. */
export function answerWith(server: Server, next: Server): void {
  server.removeAllListeners('request');
  for (const listener of next.listeners('request')) server.on('request', listener as (...args: unknown[]) => void);
}
