import { briefTherapist } from '../flows/brief-therapist.ts';
import { answerMissing, assess, decideFinding, retryDelivery } from '../flows/clinic.ts';
import { dryRun } from '../flows/dry-run.ts';
import { receiveReferral } from '../flows/receive.ts';
import { recordSession } from '../flows/record-session.ts';
import type { ServerWorld } from '../io/http/server.ts';
import { faultName } from '../io/log/log.ts';
import { hash, newId, now } from './outside.ts';
import type { House } from './tactus.ts';

/** What the HTTP server is given. */
export function serverWorld(house: House): ServerWorld {
  const { store, catalog, bindings, log, metrics, queue } = house;
  const { validator } = catalog;
  const clinic = { store, now, drafting: bindings };
  return {
    store,
    partners: catalog.partners,
    hash,
    newId,
    now,
    publicUrl: house.settings.publicUrl,
    receive: (incoming) =>
      receiveReferral({ store, validator, hash, newId, now, planFaults: bindings.planFaults }, incoming),
    dryRun: (sender, text) =>
      dryRun({ validator, hash, newId, now, drafting: bindings, makeTask: bindings.makeTask }, sender, text),
    taskOf: bindings.taskHere,
    assess: (planId, told, by, expected) => assess(clinic, planId, told, by, expected),
    decideFinding: (planId, decision, expected) => decideFinding(clinic, planId, decision, expected),
    answerMissing: (planId, told, expected) => answerMissing(clinic, planId, told, expected),
    briefing: (record) => briefTherapist({ store, drafting: bindings }, record),
    recordSession: (planId, session, by) => recordSession({ store, now, newId, hash }, planId, session, by),
    retryDelivery: (id, by) => retryDelivery(clinic, id, by),
    onRecorded: metrics.sessionRecorded,
    onReceived: metrics.referralTaken,
    pings: { store: () => store.ping(), queue: () => queue.ping() },
    registry: metrics.registry,
    onRequest: ({ requestId, method, route, status, seconds, caller }) => {
      metrics.requestDone(route, method, status, seconds);
      log.debug('request', { requestId, method, route, status, name: caller, duration: Math.round(seconds * 1000) });
    },
    onFault: (error, requestId) =>
      log.error('a request failed by our own fault', { requestId, error: faultName(error) }),
  };
}
