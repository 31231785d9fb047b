import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { answering } from '../flows/answer.ts';
import type { Queue } from '../flows/queue.ts';
import type { Store } from '../flows/store.ts';
import type { Settings } from '../io/config/settings.ts';
import { openEhrClient } from '../io/ehr/client.ts';
import { createServer } from '../io/http/server.ts';
import { faultName, type Log, openLog } from '../io/log/log.ts';
import { type Metrics, openMetrics } from '../io/metrics/metrics.ts';
import { startPostgres } from '../io/postgres/start.ts';
import { openQueue } from '../io/queue/open.ts';
import { openStore } from '../io/store/open.ts';
import { type Bindings, bind } from './bindings.ts';
import { type Catalog, catalogLoader } from './catalog.ts';
import { now } from './outside.ts';
import { answerWith, type Live, reloadOnSave } from './reload.ts';
import { serverWorld } from './server-world.ts';
import { startWork } from './work.ts';

/** Everything that runs in one process, put together. */
export interface House {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly store: Store;
  readonly queue: Queue;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly bindings: Bindings;
  readonly call: ReturnType<typeof openEhrClient>['call'];
  /** Bearer tokens that we show to hospitals, by partner id. */
  readonly hospitalTokens: ReadonlyMap<string, string>;
}

export interface RunningTactus {
  /** Where it listens; undefined for workers. */
  readonly url: string | undefined;
  readonly store: Store;
  readonly catalog: Catalog;
  /** Finishes what is in flight, hands back the rest, and closes everything. Calling it again does nothing more. */
  stop(): Promise<void>;
}

/** What is in flight may take so long to finish when we are told to stop. */
const stopMilliseconds = 10_000;

/**
 * Start Tactus: read the data, open the store and the queue, then the roles that the settings name.
 *
 * @throws CatalogFault, StoreUnavailable and the like, each with a sentence; what was opened is closed again.
 */
export async function startTactus(settings: Settings, env: NodeJS.ProcessEnv): Promise<RunningTactus> {
  const log = openLog(settings.logLevel);
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      await close().catch((error) => log.error('closing failed', { error: faultName(error) }));
  };
  try {
    const { house, load, furnish } = await openHouse(settings, env, log, closers);
    const live: Live = { house };
    if (settings.role !== 'api') await startWork(live, closers);
    const server = settings.role === 'worker' ? undefined : await listen(house, closers);
    if (settings.reload) {
      const changed = () => server && answerWith(server, createServer(serverWorld(live.house)));
      const stop = reloadOnSave({ live, folder: settings.mappingsFolder, load, furnish, log, changed });
      closers.push(async () => stop());
    }
    const url = server && addressOf(server, settings);
    log.info('ready', { role: settings.role, ...(url === undefined ? {} : { address: url }) });
    return { url, store: house.store, catalog: house.catalog, stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openHouse(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  log: Log,
  closers: (() => Promise<void>)[],
): Promise<{ readonly house: House; readonly load: () => Catalog; readonly furnish: (catalog: Catalog) => House }> {
  // The database starts while the data is read: both take some tenths of a second.
  const opening = connectionString(settings, log, closers);
  opening.catch(() => {});
  const load = catalogLoader({
    mappings: settings.mappingsFolder,
    profiles: settings.profilesFolder,
    baseUrls: readByPartner(env, 'TACTUS_HOSPITAL_URL_'),
  });
  const catalog = load();
  for (const { code, expression } of catalog.warnings) log.debug('data warning', { code, name: expression });
  if (catalog.warnings.length > 0)
    log.warn('the data has warnings; LOG_LEVEL=debug lists them', { count: catalog.warnings.length });
  const database = await opening;
  const raw = await openStore({ connectionString: database });
  closers.push(() => raw.close());
  const queue = await openQueue({
    backend:
      settings.redisUrl === undefined
        ? { kind: 'postgres', connectionString: database }
        : { kind: 'redis', url: settings.redisUrl, allowUnsafe: settings.redisUnsafe },
    log: (line) => log.warn('queue', { error: line }),
  });
  closers.push(() => queue.close(stopMilliseconds));
  const metrics = openMetrics();
  metrics.watchQueue(() => queue.counts());
  const { call } = openEhrClient();
  // Secrets stand in the environment, never in partner files.
  const hospitalTokens = readByPartner(env, 'TACTUS_HOSPITAL_TOKEN_');
  const furnish = (data: Catalog): House => ({
    ...{ settings, queue, log, metrics, call, hospitalTokens },
    catalog: data,
    store: answering(raw, (id) => data.partners.get(id)),
    bindings: bind({ catalog: data, publicUrl: settings.publicUrl, now }),
  });
  return { house: furnish(catalog), load, furnish };
}

async function connectionString(settings: Settings, log: Log, closers: (() => Promise<void>)[]): Promise<string> {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl;
  const postgres = await startPostgres({
    dataDir: join(settings.dataFolder, 'postgres'),
    log: () => log.debug('postgres'),
  });
  closers.push(() => postgres.stop());
  return postgres.connectionString;
}

/** Settings that exist once a partner: its id in upper case, - as _. */
export function readByPartner(
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined || value === '') continue;
    found.set(name.slice(prefix.length).toLowerCase().replaceAll('_', '-'), value);
  }
  return found;
}

async function listen(house: House, closers: (() => Promise<void>)[]): Promise<Server> {
  const { settings } = house;
  const server = createServer(serverWorld(house));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => resolve());
  });
  closers.push(
    () =>
      new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), stopMilliseconds);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      }),
  );
  return server;
}

function addressOf(server: Server, settings: Settings): string {
  const { port } = server.address() as AddressInfo;
  return `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
}
