import type { QueueName } from './records.ts';

/** A pack of work: ids only, never a patient's data (promise 7). Documented for clinics in docs/operations.md. */
export interface Pack {
  readonly ids: readonly string[];
}

/**
 * The queue as the flows see it: it only wakes workers, the store is the truth. At least once: a pack may come twice,
 * so every step is safe to repeat. Implemented by io/queue on BullMQ (PostgreSQL or Redis).
 */
export interface Queue {
  /** Packs of at most 50 ids; lower priority number first. */
  add(
    queue: QueueName,
    packs: readonly { readonly ids: readonly string[]; readonly priority: number }[],
  ): Promise<void>;
  /** Starts a worker. A handler that rejects is called again later with the same pack. */
  work(queue: Exclude<QueueName, 'plans'>, handler: (pack: Pack) => Promise<void>, concurrency: number): Promise<void>;
  /** Numbers for /metrics: jobs by queue and state. */
  counts(): Promise<Readonly<Record<QueueName, Readonly<Record<string, number>>>>>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<void>;
  /** Stops taking work, lets running packs finish for at most `milliseconds`, hands back the rest. */
  close(milliseconds: number): Promise<void>;
}
