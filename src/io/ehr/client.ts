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

/**
 * A client for hospitals' FHIR servers. It follows no redirect (a redirected POST carries the patient's data along),
 * gives up after a total time, and reads at most 2 MB.
 */
export function openEhrClient(options: { readonly timeoutMilliseconds?: number } = {}) {
  const timeout = options.timeoutMilliseconds ?? callTimeoutMilliseconds;
  return { call: (hospital: Hospital, call: Call): Promise<EhrResponse> => callHospital(timeout, hospital, call) };
}

async function callHospital(timeout: number, hospital: Hospital, call: Call): Promise<EhrResponse> {
  const url = call.path === '' ? hospital.baseUrl : `${hospital.baseUrl}/${call.path}`;
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      method: call.method,
      headers: headersOf(hospital, call),
      redirect: 'manual',
      signal,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const text = response.body === null ? '' : await readLimited(response.body);
    if (text === undefined) return { kind: 'broken', reason: 'too-large' };
    return toAnswer(response.status, response.headers, text);
  } catch {
    // Which fault it was does not matter for what follows, and its text may hold the URL with its query.
    return { kind: 'broken', reason: signal.aborted ? 'timeout' : 'connection' };
  }
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

async function readLimited(body: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop cancels the stream and with it the connection.
    if (size > answerLimitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toAnswer(status: number, fields: Headers, text: string): EhrResponse {
  if (status >= 300 && status < 400 && status !== 304) return { kind: 'broken', reason: 'redirect' };
  const headers = Object.fromEntries(fields);
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
