import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { referencesOf } from '../../core/fhir/bundle-references.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import type { BundleAction } from '../../core/fhir/transaction.ts';
import { type Answer, fault, Refusal, refusal } from './answer.ts';
import type { Call, Route } from './door.ts';
import { refusalOf } from './faults.ts';

/** Serves one entry of a Bundle; a refusal is its answer, too. */
export type EntryServer = (call: Call, action: BundleAction, source?: string) => Promise<BundleEntry>;

/**
 * A batch: each entry for itself, in the order of the Bundle; what fails leaves the others alone.
 *
 * @param source The text of an element as it was written: the proof of what came.
 * @see https://hl7.org/fhir/R4/http.html#brules
 */
export async function serveBatch(
  serve: EntryServer,
  call: Call,
  actions: readonly BundleAction[],
  source: (expression: string) => string | undefined,
): Promise<Answer> {
  const urls = new Set(actions.flatMap(({ fullUrl }) => fullUrl ?? []));
  const entry: BundleEntry[] = [];
  for (const action of actions) {
    const links = referencesOf(action.resource).filter((one) => one.startsWith('urn:') && urls.has(one));
    const text = source(`${action.expression}.resource`);
    entry.push(links.length > 0 ? await refuseCrossing(call, action, text) : await serve(call, action, text));
  }
  const body: Bundle = { resourceType: 'Bundle', type: 'batch-response', ...(entry.length === 0 ? {} : { entry }) };
  return { status: 200, body };
}

/** An entry server that uses the door's own routes, so that an entry can do what a request can, and no more. */
export function entryServer(routes: readonly Route[], onFault: (error: unknown) => void): EntryServer {
  return async (call, action, source) => {
    try {
      return toEntry(await serveEntry(routes, call, action, source));
    } catch (error) {
      const refused = refusalOf(error);
      if (refused.status >= 500) onFault(error);
      if (action.resource !== undefined) await call.keepRefused({ bytes: bytesOf(action, source), ...refused });
      return refusedEntry(refused);
    }
  };
}

async function serveEntry(
  routes: readonly Route[],
  call: Call,
  action: BundleAction,
  source: string | undefined,
): Promise<Answer> {
  if (action.issues.length > 0) throw new Refusal(400, action.issues);
  const { pathname, query } = split(action.url);
  const matches = routes.flatMap((route) => {
    const params = match(route.path, pathname);
    return params === undefined ? [] : [{ route, params }];
  });
  const method = action.method === 'HEAD' ? 'GET' : action.method;
  const found = matches.find(({ route }) => route.method === method);
  if (found === undefined && matches.length > 0) {
    throw refusal(405, 'method-not-allowed', 'not-supported', 'This address does not serve the method of the entry.');
  }
  if (found === undefined) {
    throw refusal(404, 'unknown-address', 'not-supported', 'There is nothing at the address of the entry.');
  }
  const text = textOf(action, source);
  return found.route.handle({
    ...call,
    params: found.params,
    query,
    headers: headersOf(action),
    body: { bytes: Buffer.from(text), text },
  });
}

function textOf({ resource }: BundleAction, source: string | undefined): string {
  return source ?? (resource === undefined ? '' : JSON.stringify(resource));
}

function bytesOf(action: BundleAction, source: string | undefined): Uint8Array {
  return Buffer.from(textOf(action, source));
}

/** Of the entry's request only: headers of the whole request are not those of an entry. */
function headersOf({ ifNoneExist, request }: BundleAction): Call['headers'] {
  return {
    ...(ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist }),
    ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
    ...(request.ifNoneMatch === undefined ? {} : { 'if-none-match': request.ifNoneMatch }),
  };
}

function split(url: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  for (const value of query.values()) {
    if (/\p{Cc}/u.test(value))
      throw refusal(400, 'bad-url', 'value', 'The address of the entry holds a control character.');
  }
  return { pathname: `/${at < 0 ? url : url.slice(0, at)}`, query };
}

/** A route's path as Express writes it, `/Task/:id`, against an address. */
function match(path: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [path.split('/'), pathname.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

function toEntry({ status, headers = {}, body }: Answer): BundleEntry {
  const resource = body as Resource | undefined;
  const isOutcome = resource?.resourceType === 'OperationOutcome';
  const { Location: location, ETag: etag } = headers;
  const lastModified = resource?.meta?.lastUpdated;
  return {
    ...(resource === undefined || isOutcome ? {} : { resource }),
    response: {
      status: String(status),
      ...(location === undefined ? {} : { location }),
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
      ...(isOutcome ? { outcome: resource as OperationOutcome } : {}),
    },
  };
}

function refusedEntry({ status, issues }: Refusal): BundleEntry {
  return { response: { status: String(status), outcome: toOperationOutcome(issues) } };
}

async function refuseCrossing(call: Call, action: BundleAction, source: string | undefined): Promise<BundleEntry> {
  const refused = crossing(action);
  await call.keepRefused({ bytes: bytesOf(action, source), status: refused.status, issues: refused.issues });
  return refusedEntry(refused);
}

function crossing({ expression }: BundleAction): Refusal {
  const message = `${expression}.resource refers to another entry of the batch, whose entries know nothing of each other; send a transaction.`;
  return new Refusal(422, [fault('bundle-reference', 'business-rule', message, `${expression}.resource`)]);
}
