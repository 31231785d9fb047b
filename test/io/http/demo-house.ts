import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { answering } from '../../../src/flows/answer.ts';
import { deliver } from '../../../src/flows/deliver.ts';
import type { EhrRequest, EhrResponse } from '../../../src/flows/ehr.ts';
import { makePlans } from '../../../src/flows/plan.ts';
import { createServer } from '../../../src/io/http/server.ts';
import { openLog } from '../../../src/io/log/log.ts';
import { openMetrics } from '../../../src/io/metrics/metrics.ts';
import { bind } from '../../../src/start/bindings.ts';
import { loadCatalog } from '../../../src/start/catalog.ts';
import { hash, now } from '../../../src/start/outside.ts';
import { serverWorld } from '../../../src/start/server-world.ts';
import type { House } from '../../../src/start/tactus.ts';
import { deliverWorld, planWorld } from '../../../src/start/worker-worlds.ts';
import { fakeStore } from '../../flows/fake-store.ts';

const home = join(import.meta.dirname, '../../..');
const catalog = loadCatalog({ mappings: join(home, 'mappings'), profiles: join(home, 'profiles/generated') });
const tokens = { partner: 'token-of-the-hospital', clinic: 'token-of-the-clinic' };

/** The whole of Tactus as main puts it together, on a store in memory, with a hospital that takes everything. */
export async function openDemoHouse() {
  const store = fakeStore();
  const at: Record<string, Resource[]> = {};
  const house = {
    settings: { publicUrl: 'https://tactus.example' },
    catalog,
    store: answering(store, (id) => catalog.partners.get(id)),
    queue: { ping: async () => {} },
    log: openLog('fatal'),
    metrics: openMetrics(),
    bindings: bind({ catalog, publicUrl: 'https://tactus.example', now }),
    call: async (_: unknown, request: EhrRequest) => hospital(at, request),
    hospitalTokens: new Map(),
  } as unknown as House;
  await store.addToken({ hash: hash(tokens.partner), audience: 'partner', owner: 'demo-hospital' }, now());
  await store.addToken({ hash: hash(tokens.clinic), audience: 'clinic', owner: 'practice' }, now());
  const server: Server = createServer(serverWorld(house));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask =
    (token: string, contentType: string) => async (method: string, path: string, body?: unknown, ifMatch?: string) => {
      const answer = await fetch(url + path, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': contentType }),
          ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    };
  return {
    store,
    catalog,
    /** What the hospital holds, by type; the newest of each identifier. */
    at,
    hospital: ask(tokens.partner, 'application/fhir+json'),
    clinic: ask(tokens.clinic, 'application/json'),
    deliver: (...ids: string[]) => deliver(deliverWorld(house), ids),
    /** Everything that is due: plans, then deliveries, until nothing is left. */
    async work(): Promise<void> {
      for (let round = 0; round < 10 && store.outbox.length > 0; round++) {
        const due = store.outbox.splice(0);
        const of = (queue: string) => [
          ...new Set(due.filter((row) => row.queue === queue).map(({ subject }) => subject)),
        ];
        await makePlans(planWorld(house), of('intake'));
        await deliver(deliverWorld(house), of('delivery'));
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Takes transactions: conditional creates and updates, known by the first identifier. */
function hospital(at: Record<string, Resource[]>, { body }: EhrRequest): EhrResponse {
  const entry = ((body as Bundle | undefined)?.entry ?? []).map(({ resource, request }) => {
    const type = resource?.resourceType ?? '';
    const kept = at[type] ?? [];
    at[type] = kept;
    const number = JSON.stringify((resource as { identifier?: unknown[] }).identifier?.[0]);
    const known = kept.findIndex(
      (one) => JSON.stringify((one as { identifier?: unknown[] }).identifier?.[0]) === number,
    );
    const place = known < 0 ? kept.length : known;
    if (resource !== undefined && (known < 0 || request?.method === 'PUT')) kept[place] = resource;
    return { response: { status: known < 0 ? '201' : '200', location: `${type}/${place + 1}` } };
  });
  const answer = { resourceType: 'Bundle', type: 'transaction-response', entry };
  return { kind: 'answered', status: 200, headers: {}, body: answer };
}
