import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { failureOf, StoreFault } from './errors.ts';
import type { Tables } from './tables.ts';

export interface ConnectionOptions {
  readonly connectionString: string;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /** A statement may take this long; default 5000 ms. */
  readonly statementTimeoutMs?: number;
  /**
   * So long is a free connection waited for; default 3000 ms. Longer means that the database is behind: that is said
   * (503) instead of letting requests pile up.
   */
  readonly connectTimeoutMs?: number;
}

/** One statement; with a name it is parsed and planned once a connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

export type Row = Readonly<Record<string, unknown>>;
export type Run = (statement: Statement) => Promise<readonly Row[]>;

/**
 * once: never sent twice. repeatable: sent again when the connection is lost and nobody knows whether it took effect;
 * only for what can be done twice (reads, and writes whose guard tells the second time).
 */
export type Repeat = 'once' | 'repeatable';

export interface Connection {
  readonly kysely: Kysely<Tables>;
  /** Rejects with the classes of errors.ts. */
  query(statement: Statement, repeat?: Repeat): Promise<readonly Row[]>;
  /** The same for what only reads. A text with NUL finds nothing, because PostgreSQL has none. */
  read(statement: Statement): Promise<readonly Row[]>;
  /** Statements in one transaction, on one connection; rolled back when `work` rejects. Never repeated. */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>;
  /** A connection of its own, for LISTEN; the caller ends it. */
  dedicated(): pg.Client;
  close(): Promise<void>;
}

/** A deadlock or a serialization failure is tried again this often. */
const againLimit = 4;

export function connect(options: ConnectionOptions): Connection {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5000;
  const settings = {
    connectionString: options.connectionString,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 3000,
    keepAlive: true,
    application_name: 'tactus',
    types: { getTypeParser },
  };
  const pool = new pg.Pool({
    ...settings,
    max: options.poolSize ?? 10,
    // A new connection costs a process and a password check on both sides: keep them through quiet minutes.
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    // A frozen server cannot time out by itself; the client then gives up a second later.
    query_timeout: statementTimeoutMs + 1000,
    // Whatever the server's default is: what was acknowledged is on disk.
    options: '-c synchronous_commit=on -c idle_in_transaction_session_timeout=60s',
  });
  // An idle connection that breaks is replaced by the pool; whoever needs one next is told if that fails.
  pool.on('error', () => {});
  // The server's farewell may come in one breath with the answer that hands us the session, before anybody listens.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    kysely: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    query: (statement, repeat = 'once') => query(pool, statement, repeat),
    read: async (statement) => (hasNul(statement) ? [] : query(pool, statement, 'repeatable')),
    transaction: (work) => transaction(pool, work),
    dedicated: () => new pg.Client(settings),
    close: () => pool.end(),
  };
}

function hasNul({ values }: Statement): boolean {
  return values.flat().some((value) => typeof value === 'string' && value.includes('\0'));
}

async function query(pool: pg.Pool, statement: Statement, repeat: Repeat): Promise<readonly Row[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withClient(pool, (run) => run(statement));
    } catch (error) {
      const failure = failureOf(error);
      const again =
        (failure.kind === 'again' && attempt < againLimit) ||
        (failure.kind === 'lost' && attempt === 1 && repeat === 'repeatable');
      if (!again) throw thrown(failure);
      await pause(Math.random() * 10 * attempt);
    }
  }
}

async function transaction<T>(pool: pg.Pool, work: (run: Run) => Promise<T>): Promise<T> {
  const foreign = new Set<unknown>();
  try {
    return await withClient(pool, async (run) => {
      await run({ text: 'begin', values: [] });
      const asked = new Set<unknown>();
      const noting: Run = (statement) =>
        run(statement).catch((error: unknown) => {
          asked.add(error);
          throw error;
        });
      const result = await work(noting).catch(async (error: unknown) => {
        // What the caller's own work throws is passed on as it is, whatever it looks like.
        if (!asked.has(error)) foreign.add(error);
        await run({ text: 'rollback', values: [] });
        throw error;
      });
      await run({ text: 'commit', values: [] });
      return result;
    });
  } catch (error) {
    throw foreign.has(error) ? error : thrown(failureOf(error));
  }
}

/** pool.query would throw the connection away at every error of SQL; only a broken connection deserves that. */
async function withClient<T>(pool: pg.Pool, work: (run: Run) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  // Between two statements nobody else listens: without this, a session that the server ends would end our process.
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  try {
    return await work(async (statement) => {
      try {
        return (await client.query({ ...statement, values: [...statement.values] })).rows;
      } catch (error) {
        broken ||= failureOf(error).kind === 'lost';
        throw error;
      }
    });
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Thrown by `query` when `tactus.refuse` spoke. */
export class Refused extends Error {
  readonly which: string;
  constructor(which: string) {
    super(`Refused: ${which}.`);
    this.which = which;
  }
}

function thrown(failure: ReturnType<typeof failureOf>): Error {
  return failure.kind === 'refused' ? new Refused(failure.which) : failure.error;
}

export function isViolation(error: unknown): error is StoreFault {
  return error instanceof StoreFault && error.code === '23505';
}

/** Instants come out as they went in (ISO 8601, UTC, milliseconds), and bigint as number: our counters stay below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === pg.types.builtins.TIMESTAMPTZ) return (text) => new Date(text).toISOString();
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format ?? 'text') as (text: string) => unknown;
}
