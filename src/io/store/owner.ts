import type pg from 'pg';
import type { Connection } from './connection.ts';

/**
 * Class of the advisory locks that say "this process lives"; the number is only ours. PostgreSQL frees such a lock when
 * the session ends, so at once when its process dies.
 * @see https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS
 */
export const ownerLockClass = 847_326_119;

export interface Owner {
  /**
   * The number that this process's leases bear; null while it has none: then only time ends them. The first call waits for
   * the registration.
   */
  number(): Promise<number | null>;
  /** Free the lock: what is still leased may be taken over. */
  close(): Promise<void>;
}

const reconnectMs = 1000;
const checkMs = 5000;

/** A session of our own that holds the lock, and the state of it. */
interface Session {
  readonly client: pg.Client;
  readonly backend: number;
  readonly number: number;
}

/**
 * Register this process: a session of its own holds its lock as long as the process lives, and takes it again when the
 * connection breaks. Where a pooler hands our statements to changing sessions, a lock means nothing: that is noticed, and
 * there is no number then.
 */
export function openOwner(connection: Connection, checkMilliseconds = checkMs): Owner {
  let closed = false;
  let first: Promise<void> | undefined;
  let session: Session | undefined;
  let known: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    session = undefined;
    if (!closed) timer = setTimeout(() => void open(), reconnectMs);
  };
  const check = async (mine: Session): Promise<void> => {
    const isHeld = await holds(mine).catch(() => undefined);
    if (session !== mine || closed) return;
    // Without an answer the connection is broken, and its end is told by the client.
    if (isHeld === false) return giveUp(mine);
    timer = setTimeout(() => void check(mine), checkMilliseconds);
  };
  const giveUp = async ({ client, number }: Session): Promise<void> => {
    closed = true;
    session = undefined;
    await connection.query(forget(number)).catch(() => {});
    await client.end().catch(() => {});
  };
  const open = async (): Promise<void> => {
    const client = connection.dedicated();
    let broken = false;
    const onBreak = () => {
      if (broken) return;
      broken = true;
      clearTimeout(timer);
      again();
    };
    client.on('error', onBreak);
    client.on('end', onBreak);
    try {
      await client.connect();
      const registered = await register(client, known);
      if (closed) return void (await client.end());
      session = registered;
      known = registered.number;
      await check(registered);
    } catch {
      await client.end().catch(() => {});
      onBreak();
    }
  };
  return {
    async number() {
      if (!closed) first ??= open();
      await first;
      return session?.number ?? null;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await first;
      // The row stays: what is still leased is taken over by who finds the lock free.
      await session?.client.end().catch(() => {});
      session = undefined;
    },
  };
}

/** The lock before the row: who sees the row without a lock takes the process for dead. */
async function register(client: pg.Client, known: number | undefined): Promise<Session> {
  const taken = known !== undefined && (await tryLock(client, known)) ? known : await lockNew(client);
  const text = `insert into tactus.process (number) values ($1) on conflict (number) do update set missing_since = null
    returning pg_backend_pid() as backend`;
  const { rows } = await client.query(text, [taken]);
  return { client, number: taken, backend: rows[0]?.backend };
}

async function lockNew(client: pg.Client): Promise<number> {
  for (;;) {
    const { rows } = await client.query("select nextval('tactus.process_number')::int as number");
    const number = rows[0]?.number as number;
    if (await tryLock(client, number)) return number;
  }
}

async function tryLock(client: pg.Client, number: number): Promise<boolean> {
  const text = 'select pg_try_advisory_lock($1, $2) as locked';
  const { rows } = await client.query(text, [ownerLockClass, number]);
  return rows[0]?.locked === true;
}

/** Whether we still speak to the session that took the lock, and it has it. */
async function holds({ client, backend, number }: Session): Promise<boolean> {
  const text = `select pg_backend_pid() = $1 and exists (select from pg_locks where locktype = 'advisory' and objsubid = 2
    and classid = $2::int::oid and objid = $3::int::oid and pid = $1 and granted) as held`;
  const { rows } = await client.query(text, [backend, ownerLockClass, number]);
  return rows[0]?.held === true;
}

function forget(number: number) {
  return { text: 'delete from tactus.process where number = $1', values: [number] };
}
