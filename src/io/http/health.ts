import type { Express } from 'express';

/** What /health and /metrics look at. */
export interface HealthWorld {
  /** By name: each rejects when its part does not answer. */
  readonly pings: Readonly<Record<string, () => Promise<void>>>;
  /** Of prom-client. */
  readonly registry: { readonly contentType: string; metrics(): Promise<string> };
}

/** A part that has not answered by then is down for those who ask. */
const pingMilliseconds = 2000;

/**
 * /health/live: this process answers. /health/ready: its store and queue answer too (503 otherwise, naming the part).
 * /metrics: figures for Prometheus. None of them needs a token, none tells of a patient.
 */
export function mountHealth(app: Express, world: HealthWorld): void {
  app.get('/health/live', (_, response) => {
    response.locals.route = '/health/live';
    response.json({ status: 'up' });
  });
  app.get('/health/ready', async (_, response) => {
    response.locals.route = '/health/ready';
    const names = Object.keys(world.pings);
    const states = await Promise.all(names.map((name) => answers(world.pings[name])));
    const parts = Object.fromEntries(names.map((name, at) => [name, states[at] ? 'up' : 'down']));
    const isReady = states.every(Boolean);
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not-ready', ...parts });
  });
  app.get('/metrics', async (_, response) => {
    response.locals.route = '/metrics';
    response.set('Content-Type', world.registry.contentType).send(await world.registry.metrics());
  });
}

async function answers(ping: (() => Promise<void>) | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), pingMilliseconds);
  });
  const answered = Promise.resolve(ping?.()).then(
    () => true,
    () => false,
  );
  const result = await Promise.race([answered, late]);
  clearTimeout(timer);
  return result;
}
