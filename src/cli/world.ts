import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Store } from '../flows/store.ts';
import { readSettings } from '../io/config/settings.ts';
import { startPostgres } from '../io/postgres/start.ts';
import { openStore } from '../io/store/open.ts';
import { type Catalog, loadCatalog } from '../start/catalog.ts';

/** What commands that look into a Tactus need: its data and its store. */
export interface CommandWorld {
  readonly catalog: Catalog;
  readonly store: Store;
  close(): Promise<void>;
}

export const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Open the store that the settings name. @throws when a setting is wrong or the database is in use by a running Tactus. */
export async function openWorld(env: Readonly<Record<string, string | undefined>>): Promise<CommandWorld> {
  const read = readSettings(env, home);
  if (!read.ok) throw new Error(read.faults.join(' '));
  const { settings } = read;
  const catalog = loadCatalog({ mappings: settings.mappingsFolder, profiles: settings.profilesFolder });
  if (settings.databaseUrl !== undefined) {
    const store = await openStore({ connectionString: settings.databaseUrl });
    return { catalog, store, close: () => store.close() };
  }
  const postgres = await startPostgres({ dataDir: join(settings.dataFolder, 'postgres') });
  const store = await openStore({ connectionString: postgres.connectionString });
  return {
    catalog,
    store,
    close: async () => {
      await store.close();
      await postgres.stop();
    },
  };
}
