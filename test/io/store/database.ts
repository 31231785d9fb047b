import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../../src/io/postgres/start.ts';
import { sharedPostgres } from './shared-postgres.ts';

export interface TestDatabase {
  /** Of an empty database that this test file has for itself. Only inside tests and hooks. */
  readonly connectionString: string;
  /** One more empty database on the same server. */
  another(): Promise<string>;
  /** Kill the sessions that Tactus has in a database, as an outage does. */
  killSessions(connectionString: string): Promise<void>;
}

/**
 * An empty database for the tests of one file, on a server that all files of the run share: fast, the choice for most
 * tests. Call it at the top of the file.
 */
export function withSharedDatabase(): TestDatabase {
  let address: string | undefined;
  let connectionString: string | undefined;
  const another = async () => {
    address ??= await sharedPostgres();
    return newDatabase(address);
  };
  beforeAll(async () => {
    connectionString = await another();
  });
  return {
    get connectionString() {
      return started(connectionString);
    },
    another,
    killSessions,
  };
}

/**
 * A server of its own for the tests of one file: for those that kill it. Making it takes a second or two; call it at the
 * top of the file.
 */
export function withDatabase(): TestDatabase & { readonly server: EmbeddedPostgres } {
  let server: EmbeddedPostgres | undefined;
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tactus-test-'));
    server = await startPostgres({ dataDir: join(folder, 'postgres') });
  });
  afterAll(async () => {
    await server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return {
    get connectionString() {
      return started(server).connectionString;
    },
    get server() {
      return started(server);
    },
    another: () => newDatabase(started(server).connectionString),
    killSessions,
  };
}

async function newDatabase(address: string): Promise<string> {
  const name = `t${randomUUID().replaceAll('-', '')}`;
  await ask(address, `create database ${name}`);
  return address.replace(/\/tactus(?=\?|$)/, `/${name}`);
}

async function killSessions(connectionString: string): Promise<void> {
  await ask(
    connectionString,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like 'tactus%' and datname = current_database()`,
  );
}

async function ask(connectionString: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined)
    throw new Error('The database is started before the tests; ask for it inside a test or hook.');
  return thing;
}
