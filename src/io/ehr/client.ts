import http from 'node:http';
import https from 'node:https';
import type { EhrRequest, EhrResponse } from '../../flows/ehr.ts';

/** Where a partner's FHIR server is and how we show who we are. */
export interface Hospital {
  readonly baseUrl: string;
  /** Value of the Authorization header; undefined where the hospital asks for none. */
  readonly authorization?: string;
}

/** One call, relative to the hospital's base URL. */
export type Call = Omit<EhrRequest, 'partner'>;

/** The whole call, connecting and reading included: a timeout of silence alone lets a dripping answer hold a worker. */
const callTimeoutMilliseconds = 30_000;
/** A transaction-response of 30 resources is about 60 kB; a hospital that answers more than this is not read. */
const answerLimitBytes = 2_000_000;

/** A kept connection that is free for longer is closed: many servers close theirs after five seconds without a word. */
const keptMilliseconds = 4_000;

/**
 * A client for hospitals' FHIR servers. It follows no redirect (a redirected POST carries the patient's data along),
 * gives up after a total time, and reads at most 2 MB. It is Node's own HTTP client: `fetch` costs 0.3 ms of processor
 * time more a call.
 */
export function openEhrClient(options: { readonly timeoutMilliseconds?: number } = {}) {
  const most = options.timeoutMilliseconds ?? callTimeoutMilliseconds;
  const kept = { keepAlive: true, timeout: keptMilliseconds };
  const agents = { 'http:': new http.Agent(kept), 'https:': new https.Agent(kept) } as const;
  return {
    call: async (hospital: Hospital, call: Call): Promise<EhrResponse> => {
      const timeout = Math.min(most, call.timeoutMilliseconds ?? most);
      try {
        const url = new URL(call.path === '' ? hospital.baseUrl : `${hospital.baseUrl}/${call.path}`);
        const agent = agents[url.protocol === 'https:' ? 'https:' : 'http:'];
        const options = { agent, method: call.method, headers: headersOf(hospital, call) };
        return await callHospital(url, options, call.body, timeout);
      } catch {
        // What cannot even be sent. Its text may hold the URL with its query.
        return { kind: 'broken', reason: 'connection' };
      }
    },
  };
}

/** Which fault of the connection it was does not matter for what follows. */
function callHospital(url: URL, options: http.RequestOptions, body: unknown, timeout: number): Promise<EhrResponse> {
  const { promise, resolve } = Promise.withResolvers<EhrResponse>();
  const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = text === undefined ? options.headers : { ...options.headers, 'content-length': text.length };
  const request = (url.protocol === 'https:' ? https : http).request(url, { ...options, headers });
  const end = (answer: EhrResponse) => {
    clearTimeout(timer);
    resolve(answer);
    if (answer.kind === 'broken') request.destroy();
  };
  const timer = setTimeout(() => end({ kind: 'broken', reason: 'timeout' }), timeout);
  request.once('response', (response) => readAnswer(response, end));
  request.on('error', () => end({ kind: 'broken', reason: 'connection' }));
  request.end(text);
  return promise;
}

function readAnswer(response: http.IncomingMessage, end: (answer: EhrResponse) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > answerLimitBytes) end({ kind: 'broken', reason: 'too-large' });
  });
  response.once('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    end(toAnswer(response.statusCode ?? 0, response.headers, text));
  });
  // Half an answer: it ends without having been complete.
  response.once('aborted', () => end({ kind: 'broken', reason: 'connection' }));
  response.once('error', () => end({ kind: 'broken', reason: 'connection' }));
}

function headersOf(hospital: Hospital, call: Call): Record<string, string> {
  return {
    accept: 'application/fhir+json',
    ...(call.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
    ...(call.ifNoneExist === undefined ? {} : { 'if-none-exist': call.ifNoneExist }),
    ...(call.ifMatch === undefined ? {} : { 'if-match': call.ifMatch }),
    ...(call.correlationId === undefined ? {} : { 'x-correlation-id': call.correlationId }),
    ...(hospital.authorization === undefined ? {} : { authorization: hospital.authorization }),
  };
}

function toAnswer(status: number, fields: http.IncomingHttpHeaders, text: string): EhrResponse {
  if (status >= 300 && status < 400 && status !== 304) return { kind: 'broken', reason: 'redirect' };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) if (typeof value === 'string') headers[name] = value;
  if (text.trim() === '') return { kind: 'answered', status, headers, body: undefined };
  try {
    return { kind: 'answered', status, headers, body: JSON.parse(text) as unknown };
  } catch {
    // An error page in HTML is an answer by its status; a success in HTML is no success.
    return status >= 200 && status < 300
      ? { kind: 'broken', reason: 'not-json' }
      : { kind: 'answered', status, headers, body: undefined };
  }
}
