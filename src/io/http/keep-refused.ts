import type { Response } from 'express';
import type { RefusedAt } from '../../flows/refused.ts';
import type { Answer } from './answer.ts';
import type { Call, Door, DoorWorld, Route } from './door.ts';
import { refusalOf } from './faults.ts';

/** What was refused: a body, or the part of it that was sent as an item of its own. */
export type Refused = Pick<RefusedAt, 'bytes' | 'status' | 'issues'>;

/** Before the refusal is told, it is kept. */
export async function handleAndKeep(route: Route, call: Call): Promise<Answer> {
  const { bytes } = call.body;
  try {
    const answer = await route.handle(call);
    const { status, issues = [] } = answer;
    if (status >= 400) await call.keepRefused({ bytes, status, issues });
    return answer;
  } catch (error) {
    const { status, issues } = refusalOf(error);
    await call.keepRefused({ bytes, status, issues });
    throw error;
  }
}

/**
 * Refused is what the sender must change: not what is our fault, and not who is not let in or comes too often (security:
 * invariant I2). A store that is away does not turn a refusal into something else.
 */
export function keeper(
  door: Door,
  world: DoorWorld,
  { method, path }: Route,
  response: Response,
  owner: string,
  correlationId: string | undefined,
): Call['keepRefused'] {
  const requestId = String(response.locals.requestId);
  return async (refused) => {
    const { status } = refused;
    if (status < 400 || status >= 500 || status === 401 || status === 413 || status === 429) return;
    const { audience, prefix } = door;
    const at = {
      audience,
      owner,
      route: `${method} ${prefix}${path}`,
      requestId,
      correlationId: correlationId ?? null,
    };
    await world.keepRefused({ ...refused, ...at }).catch((error: unknown) => world.onFault(error, requestId));
  };
}
