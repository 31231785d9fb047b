import { planNumberSystem } from '../core/answer/codes.ts';
import { readInboundTask } from '../core/answer/inbound-kind.ts';
import { amendReferral } from '../flows/amend.ts';
import { requestCancellation } from '../flows/cancel.ts';
import { type MessageWorld, receiveMessage } from '../flows/receive-message.ts';
import { receiveTask, type TaskWayWorld } from '../flows/receive-task.ts';
import { receiveTransaction, type TransactionWorld } from '../flows/receive-transaction.ts';
import type { WaysInWorld } from '../io/http/more-ways.ts';
import { changeWorld } from './change-world.ts';
import { asUuid } from './messages.ts';
import { hash, newId, now } from './outside.ts';
import type { House } from './tactus.ts';
import { callHospital } from './worker-worlds.ts';

/** What those ways need of the world, whoever gives it. */
export type WaysInNeeds = MessageWorld & TransactionWorld & Omit<TaskWayWorld, 'base'>;
type Ways = Pick<WaysInWorld, 'transact' | 'receiveTask' | 'receiveMessage' | 'uuidOf'>;

/** The ways in beside ServiceRequest, bound to a world: Bundles, messages, Tasks. */
export function bindWaysIn(world: WaysInNeeds): Ways {
  return {
    transact: (incoming) => receiveTransaction(world, incoming),
    receiveTask: (incoming, base) => receiveTask({ ...world, base }, incoming),
    receiveMessage: (incoming) => receiveMessage(world, incoming),
    uuidOf: (text) => asUuid(hash(text)),
  };
}

export function waysIn(house: House): Ways {
  const { store, catalog, bindings } = house;
  const changing = changeWorld(house);
  return bindWaysIn({
    store,
    validator: catalog.validator,
    hash,
    newId,
    now,
    planFaults: bindings.planFaults,
    planNumberSystem,
    readTask: (task) => readInboundTask(task, catalog.anchors),
    call: callHospital(house),
    cancel: (request) => requestCancellation(changing, request),
    amend: (incoming) => amendReferral(changing, incoming),
  });
}
