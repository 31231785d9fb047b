import { join } from 'node:path';
import type { Store } from '../flows/store.ts';
import { readSettings } from '../io/config/settings.ts';
import { runningConnection } from '../io/postgres/running.ts';
import { startPostgres } from '../io/postgres/start.ts';
import { openStore } from '../io/store/open.ts';
import { type Catalog, loadCatalog } from '../start/catalog.ts';
import { home } from '../start/run.ts';
import { readByPartner } from '../start/tactus.ts';

/** What commands that look into a Tactus need: its data and its store. */
export interface CommandWorld {
  readonly catalog: Catalog;
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * Open the store that the settings name: `DATABASE_URL`, or the embedded database, which is joined when a Tactus runs on it
 * and started for the command when none does.
 *
 * @throws when a setting is wrong or the data has faults.
 */
export async function openWorld(env: Readonly<Record<string, string | undefined>>): Promise<CommandWorld> {
  const read = readSettings(env, home);
  if (!read.ok) throw new Error(read.faults.join(' '));
  const { settings } = read;
  const baseUrls = readByPartner(env, 'TACTUS_HOSPITAL_URL_');
  const catalog = loadCatalog({ mappings: settings.mappingsFolder, profiles: settings.profilesFolder, baseUrls });
  const dataDir = join(settings.dataFolder, 'postgres');
  const running = settings.databaseUrl ?? (await runningConnection(dataDir));
  if (running !== undefined) {
    const store = await openStore({ connectionString: running });
    return { catalog, store, close: () => store.close() };
  }
  const postgres = await startPostgres({ dataDir });
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
