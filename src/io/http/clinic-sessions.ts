import type { Changed } from '../../flows/change-plan.ts';
import type { Delivery, SessionRecord } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, notFound, refusal } from './answer.ts';
import { placed, readJson, readUnchecked } from './clinic-body.ts';
import { done, flowRefusal, idOf, limitOf, planOf } from './clinic-plans.ts';
import * as schemas from './clinic-schemas.ts';
import type { Call } from './door.ts';
import { isId } from './request.ts';

export interface SessionsWorld {
  readonly store: Pick<Store, 'plan' | 'sessionsOfPlan' | 'deliveriesOfPlan' | 'delivery' | 'waitingDeliveries'>;
  /** src/flows/record-session.ts */
  readonly recordSession: (planId: string, session: unknown, by: string) => Promise<Changed<SessionRecord>>;
  /** src/flows/clinic.ts */
  readonly retryDelivery: (id: string, by: string) => Promise<'done' | 'unknown' | 'not-waiting'>;
  readonly onRecorded: (status: string) => void;
}

export async function postSession(world: SessionsWorld, call: Call): Promise<Answer> {
  const parsed = readUnchecked(call.body.text);
  const changed = await world.recordSession(idOf(call), parsed.value, call.caller);
  if (changed.kind === 'refused') {
    throw flowRefusal({ ...changed, issues: placed(changed.issues, 'Session', parsed.locate) });
  }
  const { value, isNew, issues } = done(changed);
  if (isNew) world.onRecorded(value.session.status);
  // Warnings do not stop a session, but a person should see them.
  return { status: isNew ? 201 : 200, body: issues.length === 0 ? value : { ...value, issues } };
}

export async function listSessions(world: SessionsWorld, call: Call): Promise<Answer> {
  const { plan } = await planOf(world.store, call);
  return { status: 200, body: { items: await world.store.sessionsOfPlan(plan.planId) } };
}

export async function listDeliveries(world: SessionsWorld, call: Call): Promise<Answer> {
  const { plan } = await planOf(world.store, call);
  const deliveries = await world.store.deliveriesOfPlan(plan.planId);
  return { status: 200, body: { items: deliveries.map(told) } };
}

export async function listWaiting(world: SessionsWorld, call: Call): Promise<Answer> {
  const deliveries = await world.store.waitingDeliveries(limitOf(call.query));
  return { status: 200, body: { items: deliveries.map(told) } };
}

export async function readDelivery(world: SessionsWorld, call: Call): Promise<Answer> {
  return { status: 200, body: told(await deliveryOf(world, call)) };
}

export async function postRetry(world: SessionsWorld, call: Call): Promise<Answer> {
  const { by } = readJson<{ readonly by: string }>('Retry', schemas.RetrySchema, call.body.text);
  const delivery = await deliveryOf(world, call);
  const result = await world.retryDelivery(delivery.id, by);
  if (result === 'not-waiting') {
    const message = `Delivery ${delivery.id} is ${delivery.state}; only one that is waiting can be tried again.`;
    throw refusal(409, 'delivery-not-waiting', 'conflict', message);
  }
  return { status: 200, body: told(await deliveryOf(world, call)) };
}

async function deliveryOf(world: SessionsWorld, call: Call): Promise<Delivery> {
  const { deliveryId } = call.params;
  const delivery = isId(deliveryId) ? await world.store.delivery(deliveryId) : undefined;
  if (delivery === undefined) throw notFound('delivery');
  return delivery;
}

/** Without what only the worker needs. */
function told(delivery: Delivery): Omit<Delivery, 'priority' | 'wantedVersion'> {
  const { priority: _, wantedVersion: __, ...rest } = delivery;
  return rest;
}
