import type { Express, Request, Response } from 'express';
import type { RefusedAt } from '../../flows/refused.ts';
import type { Token } from '../../flows/store.ts';
import { type Answer, type Refusal, refusal } from './answer.ts';
import type { ReadCaller } from './caller.ts';
import { refusalOf } from './faults.ts';
import { handleAndKeep, keeper, type Refused } from './keep-refused.ts';
import { checkAccept, checkContentType, type Preference, preference } from './negotiate.ts';
import { type Body, hostCount, idHeader, queryOf, readBody } from './request.ts';

/** A request as a handler sees it: checked, read, and known whose it is. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Request['headers'];
  readonly prefer: Preference;
  /** Owner of the token: partner id or clinic's name; empty at an open route. */
  readonly caller: string;
  /** Empty where the route takes no body. */
  readonly body: Body;
  /** Address of the door, for example `https://tactus.example/fhir`. */
  readonly base: string;
  readonly correlationId: string | undefined;
  /** Keeps that something was refused; for what is refused inside of an answer. Never fails. */
  readonly keepRefused: (refused: Refused) => Promise<void>;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** As Express reads it, below the door's prefix; fixed paths stand before those with parameters. */
  readonly path: string;
  /** Served without a token. */
  readonly open?: boolean;
  /** Media types of the body; absent: a body is not read. */
  readonly takes?: readonly string[];
  /** The body only asks something: that it was refused is not kept. */
  readonly onlyAsks?: boolean;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

/** One entrance: its routes, who may come in, and how it speaks. */
export interface Door {
  readonly prefix: string;
  readonly audience: Token['audience'];
  readonly routes: readonly Route[];
  readonly contentType: string;
  /** A refusal in the door's own form. */
  readonly tell: (refusal: Refusal) => unknown;
}

export interface DoorWorld {
  readonly readCaller: ReadCaller;
  /** Where we say we are; undefined: as the Host header says. */
  readonly publicUrl: string | undefined;
  /** A fault of ours; only its class and code may be told. */
  readonly onFault: (error: unknown, requestId: string) => void;
  /** Rejects when it cannot be kept. */
  readonly keepRefused: (refused: RefusedAt) => Promise<void>;
}

const noBody: Body = { bytes: new Uint8Array(), text: '' };

/** Put a door's routes into the app: everything else below its prefix is 404, another method 405 with `Allow`. */
export function mountDoor(app: Express, door: Door, world: DoorWorld): void {
  for (const path of new Set(door.routes.map((route) => route.path))) {
    const routes = door.routes.filter((route) => route.path === path);
    app.all(door.prefix + path, async (request, response) => {
      response.locals.route = door.prefix + path;
      await answerWith(door, world, request, response, () => serve(door, world, routes, request, response));
    });
  }
  app.use(door.prefix, (request, response) =>
    answerWith(door, world, request, response, () => {
      const message = `There is nothing at this address; what is here is listed under ${door.prefix}${door.audience === 'partner' ? '/metadata' : '/openapi.json'}.`;
      throw refusal(404, 'unknown-address', 'not-supported', message);
    }),
  );
}

async function serve(
  door: Door,
  world: DoorWorld,
  routes: readonly Route[],
  request: Request,
  response: Response,
): Promise<Answer> {
  if (hostCount(request) !== 1) {
    throw refusal(400, 'host-header', 'invalid', 'The request must have exactly one Host header.');
  }
  const allow = [...routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(
    ', ',
  );
  if (request.method === 'OPTIONS') return { status: 204, headers: { Allow: allow } };
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = routes.find((one) => one.method === method);
  if (route === undefined) {
    const message = `This address does not serve ${/^[A-Z]{1,10}$/.test(method) ? method : 'that method'}; it serves ${allow}.`;
    throw refusal(405, 'method-not-allowed', 'not-supported', message, { Allow: allow });
  }
  const caller = route.open === true ? '' : await world.readCaller(request, door.audience);
  response.locals.caller = caller;
  const query = queryOf(request);
  const unfit =
    checkAccept(request.headers.accept, query.get('_format')) ??
    (route.takes && checkContentType(request.headers['content-type'], route.takes));
  if (unfit !== undefined) throw unfit;
  const body = route.takes === undefined ? noBody : await readBody(request, response);
  const call: Call = {
    params: request.params as Readonly<Record<string, string>>,
    query,
    headers: request.headers,
    prefer: preference(joined(request.headers.prefer)),
    caller,
    body,
    base: `${world.publicUrl ?? `http://${request.headers.host}`}${door.prefix}`,
    correlationId: idHeader(request, 'x-correlation-id'),
    keepRefused: keeper(door, world, route, response, caller, idHeader(request, 'x-correlation-id')),
  };
  return route.takes === undefined || route.onlyAsks === true ? route.handle(call) : handleAndKeep(route, call);
}

/** Sends what `answer` gives, or how it failed, in the door's form. */
export async function answerWith(
  door: Pick<Door, 'contentType' | 'tell'>,
  world: Pick<DoorWorld, 'onFault'>,
  request: Request,
  response: Response,
  answer: () => Answer | Promise<Answer>,
): Promise<void> {
  try {
    send(request, response, door.contentType, await answer());
  } catch (error) {
    const refused = refusalOf(error);
    if (refused.status >= 500) world.onFault(error, String(response.locals.requestId));
    if (response.headersSent) return void response.destroy();
    send(request, response, door.contentType, { ...refused, body: door.tell(refused) });
  }
}

function send(request: Request, response: Response, contentType: string, answer: Answer): void {
  const headers = answer.headers ?? {};
  response.statusCode = isUnchanged(request, answer) ? 304 : answer.status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (answer.body === undefined || response.statusCode === 304) {
    response.end();
    return;
  }
  const text = Buffer.from(JSON.stringify(answer.body));
  response.setHeader('Content-Type', `${contentType}; charset=utf-8`);
  response.setHeader('Content-Length', text.byteLength);
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** https://hl7.org/fhir/R4/http.html#cread; If-None-Match goes before If-Modified-Since (RFC 9110 §13.2.2). */
function isUnchanged(request: Request, answer: Answer): boolean {
  if (answer.status !== 200 || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  const { ETag: tag, 'Last-Modified': modified } = answer.headers ?? {};
  const wanted = request.headers['if-none-match'];
  if (wanted !== undefined) {
    const plain = (text: string) => text.trim().replace(/^W\//, '');
    return tag !== undefined && wanted.split(',').some((one) => one.trim() === '*' || plain(one) === plain(tag));
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return modified !== undefined && !Number.isNaN(since) && Date.parse(modified) <= since;
}

/** A header that may come more than once, as one list. */
function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
