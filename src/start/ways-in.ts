import { planNumberSystem } from '../core/answer/codes.ts';
import { readInboundTask } from '../core/answer/inbound-kind.ts';
import { amendReferral } from '../flows/amend.ts';
import { requestCancellation } from '../flows/cancel.ts';
import { receiveMessage } from '../flows/receive-message.ts';
import { receiveTask } from '../flows/receive-task.ts';
import { receiveTransaction } from '../flows/receive-transaction.ts';
import type { WaysInWorld } from '../io/http/more-ways.ts';
import { changeWorld } from './change-world.ts';
import { asUuid } from './messages.ts';
import { hash, newId, now } from './outside.ts';
import type { House } from './tactus.ts';
import { callHospital } from './worker-worlds.ts';

/** What the ways in beside ServiceRequest are given: Bundles, messages, Tasks. */
export function waysIn(house: House): Pick<WaysInWorld, 'transact' | 'receiveTask' | 'receiveMessage' | 'uuidOf'> {
  const { store, catalog, bindings } = house;
  const changing = changeWorld(house);
  const world = {
    store,
    validator: catalog.validator,
    hash,
    newId,
    now,
    planFaults: bindings.planFaults,
    planNumberSystem,
    readTask: (task: Readonly<Record<string, unknown>>) => readInboundTask(task, catalog.anchors),
    call: callHospital(house),
    cancel: (request: Parameters<typeof requestCancellation>[1]) => requestCancellation(changing, request),
    amend: (incoming: Parameters<typeof amendReferral>[1]) => amendReferral(changing, incoming),
  };
  return {
    transact: (incoming) => receiveTransaction(world, incoming),
    receiveTask: (incoming, base) => receiveTask({ ...world, base }, incoming),
    receiveMessage: (incoming) => receiveMessage(world, incoming),
    uuidOf: (text) => asUuid(hash(text)),
  };
}
