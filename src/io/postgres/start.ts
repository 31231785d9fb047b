import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { accountForPostgres, prepareFolder } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type Cluster, openCluster, superuser } from './cluster.ts';
import { takeOwnership } from './owner.ts';
import { type Server, socketFolder, startServer } from './server.ts';

export interface PostgresOptions {
  /** `<TACTUS_DATA>/postgres`; made when it is not there. */
  readonly dataDir: string;
  /** Gets the lines that PostgreSQL logs; they hold no statements and no data. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** Stays the same as long as this process lives, also when PostgreSQL had to be started again. */
  readonly connectionString: string;
  /** Process id of the server that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** A server that dies more often than this within a minute does not come back. */
const restartsPerMinute = 5;

/**
 * Start PostgreSQL for this process alone: no installation, no server by hand. It listens on a Unix
 * socket in its data folder and on 127.0.0.1 on a free port, dies with this process however that dies, and is started again when it dies alone.
 * @throws when the folder is in use, the platform has no PostgreSQL, or the folder is of another major version; each
 *   error says what to do.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  const account = await accountForPostgres();
  const folder = await prepareFolder(options.dataDir, account);
  const release = await takeOwnership(folder);
  try {
    const binaries = await findBinaries(folder, account);
    const cluster = await openCluster(folder, binaries, account);
    const first = await startServer(cluster, binaries, account, 0, log);
    const address = (database: string) => addressOf(cluster, first.port, database);
    await createDatabase(address('postgres'));
    const again = () => startServer(cluster, binaries, account, first.port, log);
    return keepRunning(address('tactus'), first, again, release, log);
  } catch (error) {
    await release();
    throw error;
  }
}

/** By its Unix socket where it has one: the parameter `host` then takes the place of the name before the port. */
function addressOf(cluster: Cluster, port: number, database: string): string {
  const socket = socketFolder(cluster, port);
  const by = socket === undefined ? '' : `?host=${encodeURIComponent(socket)}`;
  return `postgres://${superuser}:${cluster.password}@127.0.0.1:${port}/${database}${by}`;
}

function keepRunning(
  connectionString: string,
  first: Server,
  again: () => Promise<Server>,
  release: () => Promise<void>,
  log: (line: string) => void,
): EmbeddedPostgres {
  let server = first;
  let stopping = false;
  let restarts: number[] = [];
  const watch = async (): Promise<void> => {
    for (;;) {
      await server.ended;
      if (stopping) return;
      const now = performance.now();
      restarts = [...restarts.filter((at) => now - at < 60_000), now];
      if (restarts.length > restartsPerMinute) return log('PostgreSQL ended too often within a minute; it stays down.');
      log('PostgreSQL ended by itself; it is started again.');
      const next = await again().catch((error: Error) => log(error.message));
      if (next) server = next;
      else await pause(1000);
    }
  };
  const watching = watch();
  return {
    connectionString,
    get pid() {
      return server.pid;
    },
    async stop() {
      stopping = true;
      await server.stop();
      await watching;
      // A server that was being started again when we stopped.
      await server.stop();
      await release();
    },
  };
}

async function createDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'tactus'");
    if (!rowCount) await client.query('create database tactus');
  } finally {
    await client.end();
  }
}
