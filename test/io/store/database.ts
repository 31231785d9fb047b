import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../../src/io/postgres/start.ts';

export interface TestDatabase {
  /** Of an empty database; a new one a test file. Only inside tests and hooks. */
  readonly connectionString: string;
  /** Another empty database on the same server. */
  another(): Promise<string>;
  /** Process ids of the sessions of Tactus in a database. */
  pids(connectionString: string): Promise<number[]>;
  /** Kill those sessions, as an outage does. */
  terminate(connectionString: string, pids: readonly number[]): Promise<void>;
  readonly server: EmbeddedPostgres;
}

/**
 * One embedded PostgreSQL a test file: started before its tests, gone after them. Call it at the top of the file.
 */
export function withDatabase(): TestDatabase {
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
  const started = () => {
    if (!server) throw new Error('withDatabase: PostgreSQL is started before the tests; ask for it inside one.');
    return server;
  };
  return {
    get connectionString() {
      return started().connectionString;
    },
    get server() {
      return started();
    },
    async pids(connectionString) {
      const text = `select pid from pg_stat_activity where application_name like 'tactus%' and datname = current_database()`;
      return (await ask(connectionString, text)).map((row) => row.pid);
    },
    async terminate(connectionString, pids) {
      await ask(connectionString, `select pg_terminate_backend(pid) from unnest(array[${pids.join(',')}]) as pid`);
    },
    async another() {
      const name = `t${randomUUID().replaceAll('-', '')}`;
      await ask(started().connectionString, `create database ${name}`);
      return started().connectionString.replace(/\/tactus$/, `/${name}`);
    },
  };
}

async function ask(connectionString: string, text: string): Promise<{ pid: number }[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
