import { setTimeout as wait } from 'node:timers/promises';
import type { Reply } from '../../src/cli/demo/clients.ts';

export interface Insisting {
  /** Whether this is the answer that was wanted; without it any 2xx. */
  readonly isWanted?: (reply: Reply) => boolean;
  /**
   * A call without an answer may have had its effect, and the repeat is then refused. @returns whether it had; a refusal
   * without any call before it that had no answer is always a fault.
   */
  readonly hadEffect?: () => Promise<boolean>;
  /** Refusals that only mean "not yet". */
  readonly notYet?: readonly number[];
}

/**
 * Call until it is answered, as real callers do: a connection that breaks, 5xx and 429 are repeated.
 *
 * @returns The answer, or undefined when an earlier call without an answer had the effect.
 * @throws when it is refused.
 */
export async function insist(ask: () => Promise<Reply>, how: Insisting = {}): Promise<Reply | undefined> {
  const { isWanted = ({ status }) => status < 300, hadEffect, notYet = [] } = how;
  for (let unanswered = 0; ; ) {
    const reply = await ask().catch(() => undefined);
    if (reply !== undefined && isWanted(reply)) return reply;
    if (reply === undefined || reply.status >= 500) unanswered++;
    else if (reply.status !== 429 && !notYet.includes(reply.status)) {
      if (unanswered > 0 && (await hadEffect?.())) return undefined;
      throw new Error(`A call of the storm was refused: HTTP ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    await wait(100);
  }
}
