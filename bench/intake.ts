import { createHash, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { order } from '../src/cli/demo/orders.ts';
import type { Store } from '../src/flows/store.ts';
import { type Load, openStage, post, startPeer, tell } from './stage.ts';

/**
 * `npm run bench -- intake [--count N] [--callers N]`: accepted referrals a second, all work included, beside two limits
 * of the same run: express that does nothing, and PostgreSQL that commits the same rows without HTTP.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string' }, callers: { type: 'string' } },
  });
  const count = Number(values.count ?? 3000);
  const callers = Number(values.callers ?? 16);
  const peer = await startPeer('express.ts');
  const headers = { 'content-type': 'application/fhir+json' };
  const limit = await post(peer.url, headers, bodies(count, 'E'), callers);
  await peer.close();
  const stage = await openStage({ TACTUS_ROLE: 'api' });
  try {
    const database = await commitOnly(stage.store, count, callers);
    const authorized = { ...headers, authorization: `Bearer ${stage.tokens.partner}` };
    await post(stage.url, authorized, bodies(300, 'W'), callers);
    const tactus = await post(stage.url, authorized, bodies(count, 'T'), callers);
    tell('express, no work', figures(limit));
    tell('PostgreSQL commits the same, no HTTP', figures(database));
    tell('Tactus: checked, committed, answered 201', figures(tactus));
    tell('Tactus', { 'start ms': stage.startMilliseconds, 'peak MB': await stage.peakMemory() });
    return tactus.failed === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

function figures({ perSecond, p50, p99, failed }: Load): Record<string, number> {
  return { 'per s': perSecond, 'p50 ms': p50, 'p99 ms': p99, failed };
}

function bodies(count: number, prefix: string): { readonly path: string; readonly text: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    path: '/fhir/ServiceRequest',
    text: JSON.stringify(order({ number: `${prefix}-${index}`, site: 'lumbar', reason: 'lowBackPain', sessions: 6 })),
  }));
}

async function commitOnly(store: Store, count: number, callers: number): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const sent = performance.now();
      await commitOne(store, index);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: callers }, lane));
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? 0;
  return { perSecond: count / ((performance.now() - began) / 1000), p50: at(0.5), p99: at(0.99), failed: 0 };
}

async function commitOne(store: Store, index: number): Promise<void> {
  const resource = order({ number: `P-${index}`, site: 'lumbar', reason: 'lowBackPain', sessions: 6 });
  const bytes = Buffer.from(JSON.stringify(resource));
  const bytesHash = createHash('sha256').update(bytes).digest('hex');
  const now = new Date().toISOString();
  const id = randomUUID();
  const placer = { system: 'https://demo-hospital.example/sid/referral', value: `P-${index}` };
  const record = {
    id,
    partner: 'bench',
    placer,
    version: 1,
    resource,
    context: null,
    bytes,
    bytesHash,
    contentHash: bytesHash,
  };
  await store.commit({
    referral: { record: { ...record, receivedAt: now, updatedAt: now, correlationId: null }, expect: 0 },
    history: [{ at: now, about: 'referral', id, event: 'received', by: 'bench', detail: { version: 1 } }],
    outbox: [],
  });
}
