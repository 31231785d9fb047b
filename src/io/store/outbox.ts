import { EventEmitter, once } from 'node:events';
import type pg from 'pg';
import type { OutboxEntry, QueueName } from '../../flows/records.ts';
import type { Connection } from './connection.ts';

/** A process that asked for the signal within this time has a relay: its own commits need not wake others. */
const relayMemoryMs = 2000;
/** Other processes are woken at most this often: a notification takes a lock that all commits share. */
const notifyEveryMs = 5;
const reconnectMs = 1000;
const channel = 'tactus_outbox';

export const allQueues: readonly QueueName[] = ['intake', 'delivery', 'plans'];

/** Rows are gone when `forward` resolved and the transaction ended; a crash between the two forwards them again. */
export async function takeOutbox(
  connection: Connection,
  { now, limit, queues }: { readonly now: string; readonly limit: number; readonly queues: readonly QueueName[] },
  forward: (rows: readonly OutboxEntry[]) => Promise<void>,
): Promise<number> {
  return connection.transaction(async (run) => {
    const taken = await run({
      name: 'take-outbox',
      text: `delete from tactus.outbox where id in (select id from tactus.outbox where due_at <= $1 and queue = any($3::text[])
          order by priority, due_at limit $2 for update skip locked)
        returning queue, subject, due_at as "dueAt", priority, id`,
      values: [now, limit, queues],
    });
    if (taken.length === 0) return 0;
    const inOrder = [...taken].sort((a, b) => Number(a.priority) - Number(b.priority) || Number(a.id) - Number(b.id));
    await forward(inOrder.map(({ id: _, ...entry }) => entry as unknown as OutboxEntry));
    return taken.length;
  });
}

export interface OutboxSignal {
  /** Resolves at the next write (or at once, when there was one since the last call), or after `milliseconds`. */
  wait(milliseconds: number): Promise<void>;
  /** A commit wrote outbox rows. */
  wrote(): void;
  close(): Promise<void>;
}

/**
 * Wakes the relay: of this process by an event, of others by NOTIFY. Losing a signal costs only the relay's poll.
 */
export function openSignal(connection: Connection): OutboxSignal {
  const emitter = new EventEmitter();
  let written = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let notifying = false;
  let listener: Listener | undefined;
  const wake = () => {
    written = true;
    emitter.emit('written');
  };
  const notify = async () => {
    notifying = true;
    await new Promise((resolve) => setTimeout(resolve, notifyEveryMs));
    notifying = false;
    // The row is committed; the relays' poll finds it when this fails.
    await connection.query({ text: `notify ${channel}`, values: [] }).catch(() => {});
  };
  return {
    async wait(milliseconds) {
      askedAt = performance.now();
      listener ??= listen(connection, wake);
      if (!written) await once(emitter, 'written', { signal: AbortSignal.timeout(milliseconds) }).catch(() => {});
      askedAt = performance.now();
      written = false;
    },
    wrote() {
      wake();
      if (performance.now() - askedAt > relayMemoryMs && !notifying) void notify();
    },
    async close() {
      emitter.emit('written');
      await listener?.close();
    },
  };
}

interface Listener {
  close(): Promise<void>;
}

/** Keep one connection listening; it is opened again when it breaks. */
function listen(connection: Connection, wake: () => void): Listener {
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const open = async () => {
    const opened = connection.dedicated();
    client = opened;
    let broken = false;
    const again = () => {
      if (broken || closed) return;
      broken = true;
      timer = setTimeout(() => void open(), reconnectMs);
    };
    opened.on('error', again);
    opened.on('end', again);
    opened.on('notification', wake);
    await opened
      .connect()
      .then(() => opened.query(`listen ${channel}`))
      .catch(again);
  };
  const opening = open();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await opening;
      await client?.end().catch(() => {});
    },
  };
}
