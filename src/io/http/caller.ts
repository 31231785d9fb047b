import type { Request } from 'express';
import type { Token } from '../../flows/store.ts';
import { refusal } from './answer.ts';

/** What knowing a caller needs. */
export interface CallerWorld {
  readonly store: { tokenByHash(hash: string): Promise<Token | undefined> };
  readonly hash: (data: string) => string;
  readonly now: () => string;
}

/** A token that was found stays known for so long: revoking takes effect within it, and a busy partner costs no query. */
const knownMilliseconds = 1000;
const knownLimit = 1000;

const challenge = 'Bearer realm="tactus"';

/** Finds out whose token a request carries. */
export type ReadCaller = (request: Request, audience: Token['audience']) => Promise<string>;

/**
 * @returns A function that gives the owner of the request's token, or refuses: 401 without a token that we know, 403
 *   with one of another door. Only the token's hash is ever kept or compared.
 */
export function callerReader(world: CallerWorld): ReadCaller {
  const known = new Map<string, { readonly token: Token; readonly until: number }>();
  return async (request, audience) => {
    const written = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (written === undefined) {
      const message =
        'The request carries no bearer token; send Authorization: Bearer and the token that you were given.';
      throw refusal(401, 'token-missing', 'login', message, { 'WWW-Authenticate': challenge });
    }
    const token = await lookUp(world, known, world.hash(written));
    if (token === undefined) {
      const message = 'The bearer token is not known here; it may have been revoked.';
      throw refusal(401, 'token-unknown', 'login', message, {
        'WWW-Authenticate': `${challenge}, error="invalid_token"`,
      });
    }
    if (token.audience !== audience) {
      throw refusal(403, 'token-foreign', 'forbidden', 'The bearer token is not for this door.');
    }
    return token.owner;
  };
}

async function lookUp(
  world: CallerWorld,
  known: Map<string, { readonly token: Token; readonly until: number }>,
  hash: string,
): Promise<Token | undefined> {
  const now = Date.parse(world.now());
  const kept = known.get(hash);
  if (kept !== undefined && kept.until > now) return kept.token;
  known.delete(hash);
  const token = await world.store.tokenByHash(hash);
  if (token === undefined) return undefined;
  if (known.size >= knownLimit) known.clear();
  known.set(hash, { token, until: now + knownMilliseconds });
  return token;
}
