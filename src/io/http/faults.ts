import { Refusal, refusal } from './answer.ts';

/** Seconds after which a caller should try again when the store is away: a restart of PostgreSQL takes about that long. */
const retryAfterSeconds = 5;

/** By the code that the store gives its errors (src/io/store/errors.ts); rooms of io do not import each other. */
const byCode: Readonly<Record<string, () => Refusal>> = {
  STORE_UNAVAILABLE: unavailable,
  UNKNOWN_CURSOR: () =>
    refusal(
      400,
      'unknown-cursor',
      'value',
      'The page cursor is not one that was given out here; start at the first page.',
    ),
  UNSTORABLE_TEXT: () => refusal(400, 'json-nul', 'value', 'A text holds the character NUL, which is no text.'),
};

/** Of body-parser and Express, by `type` or `code` of the error. */
const byType: Readonly<Record<string, () => Refusal>> = {
  'entity.too.large': tooLarge,
  'encoding.unsupported': () =>
    refusal(
      415,
      'unsupported-encoding',
      'not-supported',
      'The Content-Encoding is not supported; send the body plain, or with gzip, deflate or br.',
    ),
  'request.aborted': () => refusal(400, 'request-aborted', 'transient', 'The request ended before its body did.'),
  'request.size.invalid': () =>
    refusal(400, 'request-aborted', 'transient', 'The body is not as long as its Content-Length says.'),
};

/** The largest body, in bytes: R4 orders have a few kilobytes; the issue of the loop says 1 MB. */
export const bodyLimitBytes = 1024 * 1024;

export function tooLarge(): Refusal {
  return refusal(
    413,
    'body-too-large',
    'too-long',
    `The body is larger than ${bodyLimitBytes} bytes; nothing was taken in.`,
    { Connection: 'close' },
  );
}

function unavailable(): Refusal {
  return refusal(
    503,
    'store-unavailable',
    'transient',
    'The store does not answer, so nothing was taken in; send the request again.',
    {
      'Retry-After': String(retryAfterSeconds),
    },
  );
}

/**
 * What to tell of an error. Anything that is not known is our fault: the caller gets an id-less sentence, never its text,
 * because messages of parsers and databases repeat the data they failed on (promise 7).
 */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { code, type, status } = describe(error);
  const known = byCode[code] ?? byType[type];
  if (known !== undefined) return known();
  if (error instanceof URIError) return badUrl();
  if (status === 400 && unpacking.test(code)) return badlyPacked();
  if (status === 400) return refusal(400, 'bad-request', 'invalid', 'The request could not be read.');
  return refusal(
    500,
    'internal',
    'exception',
    'Something failed here; the request may be sent again. Tell us its X-Request-Id.',
  );
}

/** What zlib, zstd and brotli call their errors. */
const unpacking = /^(Z_|ZSTD_|ERR_)/;

function badlyPacked(): Refusal {
  const message = 'The body is not packed as its Content-Encoding says; pack it again, or send it plain.';
  return refusal(400, 'bad-request', 'invalid', message);
}

export function badUrl(): Refusal {
  return refusal(400, 'bad-url', 'value', 'The address holds an escape that is no text, or a control character.');
}

function describe(error: unknown): { readonly code: string; readonly type: string; readonly status: number } {
  const { code, type, status } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return { code: String(code ?? ''), type: String(type ?? ''), status: Number(status ?? 0) };
}
