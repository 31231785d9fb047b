import { createServer as createHttpServer, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Issue } from '../../core/fhir/issue.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import { fault, refusal } from './answer.ts';
import { type CallerWorld, callerReader } from './caller.ts';
import { type ClinicWorld, clinicDoor } from './clinic-door.ts';
import { answerWith, type Door, type DoorWorld, mountDoor } from './door.ts';
import { type FhirWorld, fhirDoor } from './fhir-door.ts';
import { type HealthWorld, mountHealth } from './health.ts';
import { idHeader } from './request.ts';

/** One request that ended: ids and codes only, no address, no query, nothing of a body. */
export interface RequestDone {
  readonly requestId: string;
  readonly correlationId?: string;
  readonly method: string;
  /** The route's pattern, for example `/fhir/ServiceRequest/:id`. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  /** Partner id or clinic's name; empty when not known. */
  readonly caller: string;
}

export interface ServerWorld extends CallerWorld, FhirWorld, ClinicWorld, HealthWorld {
  readonly store: CallerWorld['store'] & FhirWorld['store'] & ClinicWorld['store'];
  readonly hash: (data: string | Uint8Array) => string;
  readonly newId: () => string;
  readonly publicUrl?: string | undefined;
  /** Log and figures. */
  readonly onRequest: (done: RequestDone) => void;
  readonly onFault: (error: unknown, requestId: string) => void;
  readonly keepRefused: DoorWorld['keepRefused'];
}

/**
 * Slow clients must not hold connections (security.md T12); the defaults of Node are 60 s and 300 s. Keep-alive is longer
 * than that of common proxies (60 s), so that they never send into a connection that we are closing.
 */
const times = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
} as const;
const maxHeaderBytes = 16 * 1024;
/** What is noted for a caller that went away before its answer; nobody is told it. */
const callerLeft = 499;

/** The HTTP server with all doors; it does not listen yet. */
export function createServer(world: ServerWorld): Server {
  const app = createApp(world);
  // The Host rule is our own, because Node's answer has no body.
  const server = createHttpServer({ ...times, maxHeaderSize: maxHeaderBytes, requireHostHeader: false }, app);
  server.on('clientError', refuseBytes);
  // As with the Host rule: Node would refuse it without a body.
  server.on('checkExpectation', app);
  return server;
}

function createApp(world: ServerWorld): Express {
  const app = express();
  for (const setting of ['x-powered-by', 'etag', 'query parser']) app.set(setting, false);
  app.set('case sensitive routing', true);
  app.use((request, response, next) => begin(world, request, response, next));
  app.use((request, response, next) => refuseExpectation(request, response, next));
  mountHealth(app, world);
  const doorWorld: DoorWorld = {
    readCaller: callerReader(world),
    publicUrl: world.publicUrl,
    onFault: world.onFault,
    keepRefused: world.keepRefused,
  };
  const doors = [fhirDoor(world), clinicDoor(world)];
  for (const door of doors) mountDoor(app, door, doorWorld);
  app.use((request, response) => {
    throw refusalAt(request, response);
  });
  // Express gives an error handler four parameters, by which it knows it.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const door: Pick<Door, 'contentType' | 'tell'> =
      doors.find(({ prefix }) => request.path.startsWith(prefix)) ?? fhirForm;
    return answerWith(door, world, request, response, () => {
      throw error;
    });
  });
  return app;
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1: 100-continue is all that there is; Node answers it by itself. */
function refuseExpectation({ headers }: Request, response: Response, next: NextFunction): void {
  if (headers.expect === undefined || headers.expect.toLowerCase() === '100-continue') {
    next();
    return;
  }
  response.locals.route = 'none';
  const message = 'The header Expect asks for something else than 100-continue; send the request without it.';
  throw refusal(417, 'expectation', 'not-supported', message, { Connection: 'close' });
}

const fhirForm: Pick<Door, 'contentType' | 'tell'> = {
  contentType: 'application/fhir+json',
  tell: (refused) => toOperationOutcome(refused.issues),
};

function refusalAt(_request: Request, response: Response) {
  response.locals.route = 'none';
  const message =
    'There is nothing at this address; the doors are /fhir, /clinic, /health/live, /health/ready and /metrics.';
  return refusal(404, 'unknown-address', 'not-supported', message);
}

/** Names the request, keeps proxies from keeping the answer, and tells of its end. */
function begin(world: ServerWorld, request: Request, response: Response, next: NextFunction): void {
  const started = performance.now();
  const requestId = idHeader(request, 'x-request-id') ?? world.newId();
  const correlationId = idHeader(request, 'x-correlation-id');
  response.locals.requestId = requestId;
  response.setHeader('X-Request-Id', requestId);
  if (correlationId !== undefined) response.setHeader('X-Correlation-Id', correlationId);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const ended = (status: number) =>
    world.onRequest({
      requestId,
      ...(correlationId === undefined ? {} : { correlationId }),
      method: request.method,
      route: String(response.locals.route ?? 'none'),
      status,
      seconds: (performance.now() - started) / 1000,
      caller: String(response.locals.caller ?? ''),
    });
  response.on('finish', () => ended(response.statusCode));
  response.on('close', () => {
    if (!response.writableFinished) ended(callerLeft);
  });
  next();
}

/** What Node's parser could not read as HTTP still gets an OperationOutcome. */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const body = JSON.stringify(toOperationOutcome([unreadable(status)]));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/fhir+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function unreadable(status: number): Issue {
  if (status === 408) return fault('request-timeout', 'timeout', 'The request did not come in time.');
  if (status === 431) {
    const message = `The address and the headers have more than ${maxHeaderBytes} bytes; send a long search by POST to _search.`;
    return fault('not-http', 'too-long', message);
  }
  return fault('not-http', 'structure', 'The bytes are no HTTP request that can be read.');
}
