import { isIP } from 'node:net';
import { resolve } from 'node:path';

export type Role = 'all' | 'api' | 'worker';
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Everything that can be set from outside, read once at start. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Absolute path: the embedded database and nothing else lives there. */
  readonly dataFolder: string;
  /** undefined: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** undefined: the queue is in PostgreSQL. */
  readonly redisUrl: string | undefined;
  /** Start although Redis may lose or evict jobs; the store and the sweeper still keep the promises, more slowly. */
  readonly redisUnsafe: boolean;
  readonly role: Role;
  readonly logLevel: LogLevel;
  /** Where we say we are: in Location headers, references and the CapabilityStatement. No slash at its end. */
  readonly publicUrl: string;
  /** Mappings, rules, measures and partners. */
  readonly mappingsFolder: string;
  readonly profilesFolder: string;
  /** In development: use saved mappings, rules, measures and partners at once. */
  readonly reload: boolean;
}

/** The settings, for `--help` and docs/operations.md (a test holds the two together). */
export const settingNames: readonly (readonly [name: string, meaning: string])[] = [
  ['PORT', 'port of the HTTP server; 8080'],
  ['HOST', 'address it listens on; 127.0.0.1'],
  ['TACTUS_INSECURE_LISTEN', '1: listen on an address other than loopback although tokens then travel unencrypted'],
  ['TACTUS_PUBLIC_URL', 'base URL as others see it; http://HOST:PORT'],
  ['TACTUS_DATA', 'folder of the embedded database; ./data'],
  ['DATABASE_URL', 'PostgreSQL to use instead of the embedded one'],
  ['REDIS_URL', 'Redis for the queue; unset: the queue is in PostgreSQL'],
  ['TACTUS_REDIS_UNSAFE', '1: start although Redis evicts keys or keeps no append-only file'],
  ['TACTUS_ROLE', 'all, api or worker; all'],
  ['LOG_LEVEL', `${logLevels.join(', ')}; info`],
  ['TACTUS_MAPPINGS', 'folder of mappings, rules, measures and partners; ./mappings of Tactus'],
  ['TACTUS_RELOAD', '1: for development, use saved mappings, rules, measures and partners at once; off'],
  ['TACTUS_PROFILES', 'folder of built profiles; ./profiles/generated of Tactus'],
  ['TACTUS_HOSPITAL_TOKEN_<PARTNER>', 'bearer token that we show to that partner, its id in upper case, - as _'],
  ['TACTUS_HOSPITAL_URL_<PARTNER>', "base URL instead of the one in that partner's file, for rehearsals"],
];

/**
 * Read the settings.
 *
 * @param env The process's environment. An empty value counts as unset.
 * @param home Folder of Tactus itself, absolute.
 * @returns The settings, or one sentence a fault: all of them, so that one start tells everything.
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const read = (name: string): string | undefined => (env[name]?.trim() ? env[name].trim() : undefined);
  const host = read('HOST') ?? '127.0.0.1';
  const port = readPort(read('PORT'), faults);
  checkListen(host, read('TACTUS_INSECURE_LISTEN'), faults);
  const settings: Settings = {
    port,
    host,
    dataFolder: resolve(read('TACTUS_DATA') ?? 'data'),
    databaseUrl: readUrl('DATABASE_URL', read('DATABASE_URL'), ['postgres:', 'postgresql:'], faults),
    redisUrl: readUrl('REDIS_URL', read('REDIS_URL'), ['redis:', 'rediss:'], faults),
    redisUnsafe: read('TACTUS_REDIS_UNSAFE') === '1',
    role: readOneOf('TACTUS_ROLE', read('TACTUS_ROLE'), ['all', 'api', 'worker'], 'all', faults),
    logLevel: readOneOf('LOG_LEVEL', read('LOG_LEVEL'), logLevels, 'info', faults),
    publicUrl: (
      readUrl('TACTUS_PUBLIC_URL', read('TACTUS_PUBLIC_URL'), ['http:', 'https:'], faults) ??
      `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    ).replace(/\/+$/, ''),
    mappingsFolder: resolve(read('TACTUS_MAPPINGS') ?? `${home}/mappings`),
    profilesFolder: resolve(read('TACTUS_PROFILES') ?? `${home}/profiles/generated`),
    reload: read('TACTUS_RELOAD') === '1',
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, settings };
}

function readPort(text: string | undefined, faults: string[]): number {
  if (text === undefined) return 8080;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  faults.push(`PORT is "${text}", should be a number from 0 to 65535.`);
  return 8080;
}

/**
 * Bearer tokens in plain HTTP are safe only on this machine. Until Tactus speaks SMART Backend Services behind TLS, it
 * listens elsewhere only when somebody says that a proxy does the encrypting.
 */
function checkListen(host: string, insecure: string | undefined, faults: string[]): void {
  if (isLoopback(host) || insecure === '1') return;
  faults.push(
    `HOST is "${host}", which others can reach, but tokens would travel unencrypted. Listen on 127.0.0.1 behind a ` +
      'proxy that does TLS, or set TACTUS_INSECURE_LISTEN=1 if the network in between is your own.',
  );
}

/** 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function readUrl(
  name: string,
  text: string | undefined,
  protocols: readonly string[],
  faults: string[],
): string | undefined {
  if (text === undefined) return undefined;
  // The value may hold a password: it is never repeated.
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
  faults.push(`${name} is no URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
  return undefined;
}

function readOneOf<const T extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly T[],
  otherwise: T,
  faults: string[],
): T {
  if (text === undefined) return otherwise;
  const found = allowed.find((value) => value === text);
  if (found === undefined) faults.push(`${name} is "${text}", should be one of ${allowed.join(', ')}.`);
  return found ?? otherwise;
}
