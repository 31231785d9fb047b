import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadPartners } from '../../../src/core/answer/partner.ts';
import { answering } from '../../../src/flows/answer.ts';
import { makePlans } from '../../../src/flows/plan.ts';
import type { Queue } from '../../../src/flows/queue.ts';
import { createServer } from '../../../src/io/http/server.ts';
import { openLog } from '../../../src/io/log/log.ts';
import { openMetrics } from '../../../src/io/metrics/metrics.ts';
import { bind } from '../../../src/start/bindings.ts';
import { type Catalog, loadCatalog } from '../../../src/start/catalog.ts';
import { hash, now } from '../../../src/start/outside.ts';
import { serverWorld } from '../../../src/start/server-world.ts';
import type { House } from '../../../src/start/tactus.ts';
import { planWorld } from '../../../src/start/worker-worlds.ts';
import { type FakeStore, fakeStore } from '../../flows/fake-store.ts';

const root = join(import.meta.dirname, '../../..');
const token = 'token-of-the-run';

/** The app as it runs, on a store in memory, with a hospital that is played by the run. */
export interface RunningHouse {
  readonly url: string;
  readonly store: FakeStore;
  send(
    method: string,
    path: string,
    body?: string,
    contentType?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** Does what the worker of queue `intake` would do. */
  makePlans(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A hospital whose orders are held to plain R4 and known by their ids: others' examples follow others' profiles. Its
 * policy asks, holds and rejects as the demonstration's does.
 */
const partnerFile = {
  id: 'examples',
  name: 'Sender of examples',
  baseUrl: 'https://placer.example/fhir',
  profile: 'http://hl7.org/fhir/StructureDefinition/ServiceRequest',
  identifierSystems: { placer: [], patient: [], practitioner: [] },
  delivery: 'transaction',
  answers: 'keep',
  anchor: 'own',
  placerFromId: true,
  policy: {
    intents: { order: 'accept', 'original-order': 'accept', plan: 'hold', proposal: 'hold', otherwise: 'reject' },
    notMassage: 'reject',
    expired: 'reject',
    unknownCode: 'hold',
    asks: ['session-count', 'body-region', 'indication'],
  },
} as const;

/** Mappings, rules and profiles of the project, with the run's own partner. Read once. */
export function loadExamplesCatalog(): Catalog {
  const catalog = loadCatalog({ mappings: join(root, 'mappings'), profiles: join(root, 'profiles/generated') });
  const { partners, issues } = loadPartners([{ file: 'examples.json', content: partnerFile }]);
  if (issues.length > 0) throw new Error(issues.map(({ message }) => message).join(' '));
  return { ...catalog, partners };
}

export async function openHouse(
  catalog: Catalog,
  hospital: (path: string) => unknown,
  partner: string = partnerFile.id,
): Promise<RunningHouse> {
  const store = fakeStore();
  const metrics = openMetrics();
  const publicUrl = 'https://tactus.example';
  const call: House['call'] = async (_, { path }) => {
    const body = hospital(path);
    return { kind: 'answered', status: body === undefined ? 404 : 200, headers: {}, body };
  };
  const house = {
    settings: { publicUrl } as House['settings'],
    catalog,
    store: answering(store, (id) => catalog.partners.get(id)),
    queue: { ping: async () => {} } as Queue,
    log: openLog('silent'),
    metrics,
    bindings: bind({ catalog, publicUrl, now }),
    call,
    hospitalTokens: new Map<string, string>(),
  } satisfies House;
  const server = createServer(serverWorld(house));
  await store.addToken({ hash: hash(token), audience: 'partner', owner: partner }, now());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    store,
    send: (method, path, body, contentType = 'application/fhir+json', headers = {}) =>
      fetch(url + path, {
        method,
        headers: {
          ...headers,
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': contentType }),
        },
        ...(body === undefined ? {} : { body }),
      }),
    makePlans: () => makePlans(planWorld(house), [...store.referrals.keys()]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
