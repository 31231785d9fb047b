import type { PlanStatus } from '../plan/treatment-plan.ts';
import { type Anchor, type AnchorState, type AnswerEvent, legalMove } from './anchor.ts';
import type { BusinessStatus } from './codes.ts';

/** How a plan's state is told to a partner. */
export interface Projection extends AnchorState {
  /** Our own business status; absent where the status says it all. */
  readonly business?: BusinessStatus;
}

/**
 * Compute what a partner is told from the plan's one state.
 *
 * @param from Where the partner's Task stands now: of several ways to tell an ending, the first that its standard
 *   permits from there. Without it the preferred one. A state that its standard cannot leave for what happened (BSeR
 *   after a cancellation request that was declined) is told again.
 */
export function project(planState: PlanStatus, event: AnswerEvent, anchor: Anchor, from?: AnchorState): Projection {
  const told =
    anchor.events.find((one) => one.event === event && one.during.includes(planState))?.tell ?? anchor.plan[planState];
  const [preferred] = told.states;
  const state =
    told.states.map((one) => reachedAtOnce(from, one, anchor)).find((one) => one !== undefined) ?? preferred;
  if (state === undefined) throw new Error(`mappings/anchors/${anchor.id}.json tells nothing for ${planState}.`);
  return { ...state, ...(told.business === undefined ? {} : { business: told.business }) };
}

/** By staying, with the number that it has there, or by one move; undefined when neither is possible. */
function reachedAtOnce(from: AnchorState | undefined, to: AnchorState, anchor: Anchor): AnchorState | undefined {
  if (from === undefined || legalMove(from, to, anchor)) return to;
  return from.status === to.status && (to.number === undefined || from.number === to.number) ? from : undefined;
}
