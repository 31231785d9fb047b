import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What /metrics tells. Labels are routes, partners, kinds and codes: never ids, never a patient's data. */
export interface Metrics {
  readonly registry: Registry;
  requestDone(route: string, method: string, status: number, seconds: number): void;
  referralTaken(partner: string, what: 'created' | 'same' | 'conflict' | 'refused'): void;
  planMade(partner: string, status: string): void;
  sessionRecorded(status: string): void;
  deliveryEnded(kind: string, how: 'sent' | 'again' | 'waiting' | 'superseded'): void;
  /** Called when /metrics is read. */
  watchQueue(counts: () => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>): void;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'tactus_' });
  const registers = [registry];
  const requests = new Histogram({
    name: 'tactus_http_request_seconds',
    help: 'Duration of HTTP requests by route, method and status.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  const referrals = counter('tactus_referrals_total', 'Referrals by partner and what became of them.', [
    'partner',
    'what',
  ]);
  const plans = counter('tactus_plans_total', 'Plans made by partner and first status.', ['partner', 'status']);
  const sessions = counter('tactus_sessions_total', 'Sessions recorded by status.', ['status']);
  const deliveries = counter('tactus_delivery_attempts_total', 'Attempts of deliveries by kind and end.', [
    'kind',
    'how',
  ]);
  return {
    registry,
    requestDone: (route, method, status, seconds) =>
      requests.observe({ route, method, status: String(status) }, seconds),
    referralTaken: (partner, what) => referrals.inc({ partner, what }),
    planMade: (partner, status) => plans.inc({ partner, status }),
    sessionRecorded: (status) => sessions.inc({ status }),
    deliveryEnded: (kind, how) => deliveries.inc({ kind, how }),
    watchQueue: (counts) => watchQueue(registry, counts),
  };
}

function watchQueue(registry: Registry, counts: Parameters<Metrics['watchQueue']>[0]): void {
  new Gauge({
    name: 'tactus_queue_jobs',
    help: 'Packs in the queues by queue and state.',
    labelNames: ['queue', 'state'] as const,
    registers: [registry],
    async collect() {
      // A queue that does not answer must not take the other figures away.
      const found = await counts().catch(() => ({}));
      for (const [queue, states] of Object.entries(found)) {
        for (const [state, count] of Object.entries(states)) this.set({ queue, state }, count);
      }
    },
  });
}
