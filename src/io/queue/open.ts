import { randomUUID } from 'node:crypto';
import { WaitingError } from 'bullmq';
import type { Pack, Queue } from '../../flows/queue.ts';
import type { QueueName } from '../../flows/records.ts';
import type { Backend, JobOptions, JobQueue, JobWorker, WorkJob } from './backend.ts';
import { postgresBackend } from './postgres.ts';
import { redisBackend } from './redis.ts';

export interface QueueOptions {
  readonly backend:
    | { readonly kind: 'postgres'; readonly connectionString: string }
    | { readonly kind: 'redis'; readonly url: string; readonly allowUnsafe?: boolean };
  /** Gets warnings and the kinds of errors; no ids, no data. */
  readonly log?: (line: string) => void;
  /** Wait before a failed pack comes again; doubled each time. Default 1000 ms. */
  readonly backoffMs?: number;
  /** The feed `plans` keeps at most this many unread plans; the oldest go. Default 10,000. */
  readonly plansKept?: number;
  /** How often old jobs are cleaned away. Default 60,000 ms. */
  readonly cleanEveryMs?: number;
}

const names: readonly QueueName[] = ['intake', 'delivery', 'plans'];
/** Up to this many jobs go one by one, side by side: BullMQ's bulk call is dear on PostgreSQL (10 ms and more). */
const bulkFrom = 16;
/** A pack that failed for good is kept for a day to be looked at; the sweep has taken up its work long before. */
const failedKeptMs = 24 * 3600 * 1000;
const states = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const;
/** Closing waits this long beyond the time for packs, for a backend that does not answer. */
const closeGraceMs = 3000;

/** Open the queue on PostgreSQL or Redis. @throws when the backend does not answer or is not safe to use. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const log = options.log ?? (() => {});
  const backoffMs = options.backoffMs ?? 1000;
  const { backend: wanted } = options;
  const backend =
    wanted.kind === 'postgres'
      ? await postgresBackend(wanted.connectionString, backoffMs, log)
      : await redisBackend(wanted.url, wanted.allowUnsafe ?? false, backoffMs, log);
  const queues = Object.fromEntries(names.map((name) => [name, backend.queue(name)])) as Record<QueueName, JobQueue>;
  const plansKept = options.plansKept ?? 10_000;
  const cleaning = setInterval(() => void clean(queues, plansKept).catch(() => {}), options.cleanEveryMs ?? 60_000);
  cleaning.unref();
  return queueOn(backend, queues, cleaning);
}

function queueOn(backend: Backend, queues: Record<QueueName, JobQueue>, cleaning: NodeJS.Timeout): Queue {
  const workers: JobWorker[] = [];
  const handBack = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;
  return {
    add: (name, packs) => addJobs(queues[name], name === 'plans' ? planJobs(packs) : packs.map(packJob)),
    async work(name, handler, concurrency) {
      const worker = backend.worker(name, processorOf(handler, handBack.promise), concurrency);
      workers.push(worker);
      await worker.waitUntilReady();
    },
    counts: () => counts(queues),
    ping: () => backend.ping(),
    close(milliseconds) {
      clearInterval(cleaning);
      closing ??= closeAll(backend, Object.values(queues), workers, milliseconds, handBack.resolve);
      return closing;
    },
  };
}

async function closeAll(
  backend: Backend,
  queues: readonly JobQueue[],
  workers: readonly JobWorker[],
  milliseconds: number,
  handBack: () => void,
): Promise<void> {
  const timer = setTimeout(handBack, milliseconds);
  const closing = Promise.all(workers.map((worker) => worker.close()));
  await Promise.race([closing, after(milliseconds + closeGraceMs)]);
  clearTimeout(timer);
  const rest = Promise.all(queues.map((queue) => queue.close())).then(() => backend.close());
  await Promise.race([rest, after(closeGraceMs)]);
}

type NewJob = { name: string; data: unknown; opts: JobOptions };

/** Ids are random: with the work's own id, a failed job that is kept would swallow every later one (BullMQ drops it). */
function packJob({ ids, priority }: { readonly ids: readonly string[]; readonly priority: number }): NewJob {
  return { name: 'pack', data: { ids }, opts: { jobId: `pack-${randomUUID()}`, priority } };
}

/** One plan a job, first in first out: a clinic's own consumer reads `data.planId`. See docs/store-and-queue.md. */
function planJobs(packs: readonly { readonly ids: readonly string[] }[]): NewJob[] {
  return packs.flatMap(({ ids }) =>
    ids.map((planId) => ({ name: 'plan', data: { planId }, opts: { jobId: `plan-${randomUUID()}`, priority: 0 } })),
  );
}

async function addJobs(queue: JobQueue, jobs: NewJob[]): Promise<void> {
  if (jobs.length >= bulkFrom) await queue.addBulk(jobs);
  else await Promise.all(jobs.map((job) => queue.add(job.name, job.data, job.opts)));
}

/**
 * A pack whose handler is not done when the time for closing is over goes back to the queue; the handler may end, its
 * leases see to it that nothing happens twice.
 */
function processorOf(handler: (pack: Pack) => Promise<void>, handBack: Promise<void>) {
  return async (job: WorkJob, token?: string): Promise<void> => {
    const handled = handler({ ids: (job.data as Pack).ids }).then(
      () => 'done' as const,
      (error: unknown) => nameOf(error),
    );
    const outcome = await Promise.race([handled, handBack.then(() => 'hand back' as const)]);
    if (outcome === 'done') return;
    if (outcome === 'hand back') {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    // BullMQ keeps the message: it must not hold more than the kind of the error (promise 7).
    throw new Error(`The pack was not handled: ${outcome}.`);
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error';
}

async function counts(queues: Record<QueueName, JobQueue>): Promise<Record<QueueName, Record<string, number>>> {
  const rows = names.map(async (name) => [name, await queues[name].getJobCounts(...states)]);
  return Object.fromEntries(await Promise.all(rows));
}

async function clean(queues: Record<QueueName, JobQueue>, plansKept: number): Promise<void> {
  for (const queue of Object.values(queues)) await queue.clean(failedKeptMs, 1000, 'failed');
  const { wait = 0 } = await queues.plans.getJobCounts('wait');
  if (wait > plansKept) await queues.plans.clean(0, wait - plansKept, 'wait');
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
