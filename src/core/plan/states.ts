import type { PlanStatus } from './treatment-plan.ts';

/** What can happen to a plan. */
export const planEvents = [
  'hold',
  'reject',
  'accept',
  'invalidate',
  'begin',
  'complete',
  'stop',
  'cancel',
  'expire',
] as const;
export type PlanEvent = (typeof planEvents)[number];

/**
 * The states of a plan and what leads from one to the next:
 * received → held | rejected | accepted → in-progress → completed | stopped; `cancel` and `expire` from every state
 * before completed. What a row does not name cannot happen.
 *
 * - `held` waits for an answer of the prescriber, or because the prescriber put the order on hold. It may be held again
 *   (another question), never received again. Once treatment has begun, an order on hold is a reason of the plan, not a
 *   state: what was begun stays begun.
 * - `invalid` is a referral whose plan cannot be made or whose amendment broke it; only a new version gets it out.
 * - an amendment of an accepted plan may need a question: `hold` from accepted; not once treatment has begun.
 * - `begin` is the first session that was done; `complete` the last one that was prescribed.
 */
const table: Readonly<Record<PlanStatus, Readonly<Partial<Record<PlanEvent, PlanStatus>>>>> = {
  received: {
    hold: 'held',
    reject: 'rejected',
    accept: 'accepted',
    invalidate: 'invalid',
    cancel: 'cancelled',
    expire: 'expired',
  },
  invalid: { hold: 'held', reject: 'rejected', accept: 'accepted', cancel: 'cancelled', expire: 'expired' },
  held: {
    hold: 'held',
    reject: 'rejected',
    accept: 'accepted',
    invalidate: 'invalid',
    stop: 'stopped',
    cancel: 'cancelled',
    expire: 'expired',
  },
  accepted: {
    hold: 'held',
    reject: 'rejected',
    begin: 'in-progress',
    stop: 'stopped',
    cancel: 'cancelled',
    expire: 'expired',
  },
  'in-progress': { complete: 'completed', stop: 'stopped', cancel: 'cancelled', expire: 'expired' },
  rejected: {},
  completed: {},
  stopped: {},
  cancelled: {},
  expired: {},
};

/** @returns The state after `event`, or undefined when `event` cannot happen in `state`. */
export function next(state: PlanStatus, event: PlanEvent): PlanStatus | undefined {
  return table[state][event];
}

/** Whether nothing can happen to the plan any more. */
export function isFinal(state: PlanStatus): boolean {
  return Object.keys(table[state]).length === 0;
}

/** Whether a session may be recorded: the plan was accepted and has not ended. */
export function permitsSessions(state: PlanStatus): boolean {
  return state === 'accepted' || state === 'in-progress';
}

/** The whole table as rows, for documents and tests. */
export function transitions(): readonly {
  readonly from: PlanStatus;
  readonly event: PlanEvent;
  readonly to: PlanStatus;
}[] {
  return (Object.keys(table) as PlanStatus[]).flatMap((from) =>
    planEvents.flatMap((event) => {
      const to = next(from, event);
      return to === undefined ? [] : [{ from, event, to }];
    }),
  );
}
