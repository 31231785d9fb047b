import type { Job, Processor } from 'bullmq';

/** What both backends of BullMQ give us; the rest of this folder does not know which one it is. */
export interface Backend {
  queue(name: string): JobQueue;
  worker(name: string, processor: Processor<unknown, void, string>, concurrency: number): JobWorker;
  ping(): Promise<void>;
  /** Called after all queues and workers are closed. */
  close(): Promise<void>;
}

export interface JobQueue {
  add(name: string, data: unknown, options: JobOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: unknown; opts: JobOptions }[]): Promise<unknown>;
  getJobCounts(...types: JobState[]): Promise<Record<string, number>>;
  /** Removes the oldest jobs of a state. */
  clean(graceMs: number, limit: number, state: 'wait' | 'failed'): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface JobWorker {
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
}

export type JobState = 'wait' | 'prioritized' | 'active' | 'delayed' | 'failed';

export interface JobOptions {
  readonly jobId: string;
  readonly priority: number;
}

export type WorkJob = Job<unknown, void, string>;

/**
 * Each number was measured; see docs/store-and-queue.md.
 * removeOnComplete must be `true`: keeping a count makes concurrent completions deadlock on PostgreSQL, and BullMQ then
 * runs jobs again that had succeeded. removeOnFail has the same fault: failed jobs are kept and cleaned by a timer.
 */
export function jobDefaults(backoffMs: number) {
  return {
    attempts: 8,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: true,
    removeOnFail: false,
  } as const;
}

export const workerDefaults = {
  // A worker that was killed: its job starts again after lock and stall check, about 10 s.
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // A job is not at fault for workers that are killed.
  maxStalledCount: 10,
  // After an outage of the backend, look again every second and not every 15.
  runRetryDelay: 1_000,
} as const;

/** Kept events are for watching only; we read none. */
export const eventsKept = { events: { maxLen: 1000 } } as const;
