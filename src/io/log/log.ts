import { pino } from 'pino';

/** What a log line may hold: ids, counts, codes, durations. Anything else is left out, so nothing needs redacting. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  fatal(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
}

/**
 * Names that a line may carry. A list of what is allowed, because a list of what is forbidden always misses something
 * (promise 7: no patient data in logs).
 */
const allowed: ReadonlySet<string> = new Set([
  'address',
  'attempt',
  'attempts',
  'clinic',
  'code',
  'count',
  'delivery',
  'duration',
  'error',
  'event',
  'kind',
  'method',
  'name',
  'partner',
  'pid',
  'plan',
  'port',
  'queue',
  'referral',
  'requestId',
  'role',
  'route',
  'rule',
  'session',
  'setting',
  'signal',
  'state',
  'status',
  'version',
]);

/** One JSON line an event on standard output. */
export function openLog(level: string, destination?: { write(line: string): void }): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    ...(destination ? [destination] : []),
  );
  const at =
    (severity: 'fatal' | 'error' | 'warn' | 'info' | 'debug') =>
    (event: string, fields: LogFields = {}) =>
      logger[severity](keepAllowed(fields), event);
  return { fatal: at('fatal'), error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

function keepAllowed(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => allowed.has(name) && value !== undefined));
}

/**
 * What may be told of a fault of ours: its class and its code, not its message, since messages of parsers and databases
 * repeat the data they failed on.
 */
export function faultName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}
