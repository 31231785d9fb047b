import pg from 'pg';

/** The database does not answer, or not in time: nothing is known to be wrong with the request. Answer 503. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'STORE_UNAVAILABLE';
}

/** `settle` came with a plan that has changed since it was read: read it again and settle again. Nothing was written. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  readonly code = 'STORE_CONFLICT';
}

/** A text that PostgreSQL cannot keep: it holds the character NUL. The request is wrong, not the database. */
export class UnstorableText extends Error {
  override readonly name = 'UnstorableText';
  readonly code = 'UNSTORABLE_TEXT';
}

/** The cursor of a page is not one that the store gave. */
export class UnknownCursor extends Error {
  override readonly name = 'UnknownCursor';
  readonly code = 'UNKNOWN_CURSOR';
}

/** Anything else that PostgreSQL refused. It names the rule and never quotes a value (promise 7). */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly code: string;
  readonly constraint: string | undefined;
  constructor(code: string, constraint: string | undefined, message: string) {
    // Class 42 is about the statement itself; the words of other classes may quote what a row holds.
    const words = code.startsWith('42') ? ` (${message})` : '';
    super(`PostgreSQL refused a statement: SQLSTATE ${code}${constraint ? `, constraint ${constraint}` : ''}${words}.`);
    this.code = code;
    this.constraint = constraint;
  }
}

/** What a failed statement means for what comes next. */
export type Failure =
  /** The connection is gone or stuck; whether the statement took effect is not known. */
  | { readonly kind: 'lost'; readonly error: StoreUnavailable }
  /** The server answered that it cannot now. */
  | { readonly kind: 'unavailable'; readonly error: StoreUnavailable }
  /** Rolled back because of others: the same again may succeed. */
  | { readonly kind: 'again'; readonly error: StoreUnavailable }
  /** Our own guard (`tactus.refuse`) spoke: `which` is its word. */
  | { readonly kind: 'refused'; readonly which: string }
  | { readonly kind: 'fault'; readonly error: Error };

/**
 * Sort an error of pg by its SQLSTATE, or by how the connection failed.
 * @see https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof pg.DatabaseError)) return connectionFailure(error);
  const code = error.code ?? '';
  if (code === 'TC409') return { kind: 'refused', which: error.message };
  // 40001 serialization failure, 40P01 deadlock.
  if (code === '40001' || code === '40P01') return { kind: 'again', error: unavailable(`SQLSTATE ${code}`) };
  // 22021 and 22P05: the character NUL in a text.
  if (code === '22021' || code === '22P05') {
    return { kind: 'fault', error: new UnstorableText('A text holds the character NUL, which cannot be stored.') };
  }
  // 57P01 to 57P05: the server goes down, crashed, or ends our session.
  if (code.startsWith('57P') || code.startsWith('08')) return { kind: 'lost', error: unavailable(`SQLSTATE ${code}`) };
  // 53: disk, memory or connections are used up; 57014: took too long; 55P03: lock; 25006: read-only; 58: I/O; 28: login.
  if (/^(53|58|28|57014|55P03|25006)/.test(code))
    return { kind: 'unavailable', error: unavailable(`SQLSTATE ${code}`) };
  return { kind: 'fault', error: new StoreFault(code, error.constraint, error.message) };
}

const connectionMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|after calling end on the pool|connection error/i;
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  // The Unix socket of a server that is down.
  'ENOENT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

function connectionFailure(error: unknown): Failure {
  if (!(error instanceof Error))
    return { kind: 'fault', error: new Error('An unknown failure of the database driver.') };
  const code = (error as NodeJS.ErrnoException).code;
  // Several addresses tried and none answered: Node wraps their errors.
  const inner =
    error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code : undefined;
  if (connectionCodes.has(code ?? inner ?? '') || connectionMessages.test(error.message)) {
    return { kind: 'lost', error: unavailable(code ?? inner ?? error.message) };
  }
  return { kind: 'fault', error };
}

function unavailable(why: string): StoreUnavailable {
  return new StoreUnavailable(`The database does not answer (${why}).`);
}
