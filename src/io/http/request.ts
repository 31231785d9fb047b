import { isUtf8 } from 'node:buffer';
import express, { type Request, type Response } from 'express';
import { refusal } from './answer.ts';
import { badUrl, bodyLimitBytes, tooLarge } from './faults.ts';

/** A body as it came: the bytes for the proof, the text for reading. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const readRaw = express.raw({ type: () => true, limit: bodyLimitBytes });

/**
 * Read a body of at most 1 MB (after decompression), and only UTF-8: Express would put U+FFFD where it is not, and a
 * patient's name would be changed without a word.
 */
export async function readBody(request: Request, response: Response): Promise<Body> {
  // Told before the first byte is read, so that a large upload costs nothing.
  if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes) throw tooLarge();
  await new Promise<void>((resolve, reject) => {
    readRaw(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
  const bytes: Uint8Array = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!isUtf8(bytes)) {
    throw refusal(400, 'not-utf-8', 'structure', 'The body is not valid UTF-8; FHIR JSON is always UTF-8.');
  }
  return { bytes, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') };
}

/** The query's parameters; `request.query` of Express would hide the second of two equal ones. */
export function queryOf(request: Request): URLSearchParams {
  const at = request.url.indexOf('?');
  if (at < 0) return new URLSearchParams();
  const text = request.url.slice(at + 1);
  try {
    // URLSearchParams puts U+FFFD where an escape is no UTF-8; this throws.
    decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badUrl();
  }
  const query = new URLSearchParams(text);
  for (const value of query.values()) if (/\p{Cc}/u.test(value)) throw badUrl();
  return query;
}

/** Ids that a sender may give its request and its journey; anything else could smuggle text into logs, and is not taken. */
const idForm = /^[A-Za-z0-9._:-]{1,128}$/;

export function idHeader(request: Request, name: 'x-request-id' | 'x-correlation-id'): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && idForm.test(value) ? value : undefined;
}

/** https://hl7.org/fhir/R4/datatypes.html#id */
export function isId(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(text);
}

/** How many Host lines came: two are a way to make a proxy and us see different hosts. Node joins them silently. */
export function hostCount(request: Request): number {
  let count = 0;
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at]?.toLowerCase() === 'host') count++;
  }
  return count;
}
