/**
 * What the prescriber wants of an order, by ServiceRequest.status. Only the placer moves it; what became of the order is
 * told by the Task (https://hl7.org/fhir/R4/request.html#statemachine).
 */
export type OrderWish = 'proceed' | 'wait' | 'end';

/** `completed` is ours to tell, `draft` and `unknown` are no orders: they wish nothing that could be done. */
const wishes: Readonly<Record<string, OrderWish>> = {
  active: 'proceed',
  'on-hold': 'wait',
  revoked: 'end',
  'entered-in-error': 'end',
};

/** Statuses that a change of an order may have. */
export const changeableStatuses: readonly string[] = Object.keys(wishes);

/** @returns Undefined for a status that nobody can act on. */
export function wishOf(order: Readonly<Record<string, unknown>>): OrderWish | undefined {
  return typeof order.status === 'string' && Object.hasOwn(wishes, order.status) ? wishes[order.status] : undefined;
}

/** A decision about a plan, as far as the order's status changes it. */
interface Decided {
  readonly state: 'accepted' | 'held' | 'rejected' | 'cancelled';
  readonly reasons: readonly string[];
  readonly questions: readonly unknown[];
}

/**
 * Put the order's status above what was decided of its content: a withdrawn order is cancelled whatever it says, one on
 * hold waits unless it is rejected anyway; its questions stay, so that they can be answered meanwhile.
 */
export function heedOrderStatus<D extends Decided>(order: Readonly<Record<string, unknown>>, decided: D): D | Decided {
  const wish = wishOf(order);
  if (wish === 'end') return { state: 'cancelled', reasons: [endingOf(order)], questions: [] };
  if (wish !== 'wait' || decided.state === 'rejected') return decided;
  return { ...decided, state: 'held', reasons: ['order-on-hold', ...decided.reasons] };
}

/** Why a withdrawn order ended: a reason of codes.ts. */
export function endingOf(order: Readonly<Record<string, unknown>>): 'order-revoked' | 'order-entered-in-error' {
  return order.status === 'entered-in-error' ? 'order-entered-in-error' : 'order-revoked';
}
