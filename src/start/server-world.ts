import { amendReferral } from '../flows/amend.ts';
import { updateTask } from '../flows/answer-questions.ts';
import { briefTherapist } from '../flows/brief-therapist.ts';
import { decideCancellation } from '../flows/cancel.ts';
import { answerMissing, assess, decideFinding, retryDelivery } from '../flows/clinic.ts';
import { dryRun } from '../flows/dry-run.ts';
import { withoutProfiles } from '../flows/read-referral.ts';
import { receiveReferral } from '../flows/receive.ts';
import { recordSession } from '../flows/record-session.ts';
import { keepRefused } from '../flows/refused.ts';
import { stopCourse } from '../flows/stop.ts';
import type { ServerWorld } from '../io/http/server.ts';
import { faultName } from '../io/log/log.ts';
import { changeWorld } from './change-world.ts';
import { hash, newId, now } from './outside.ts';
import type { House } from './tactus.ts';
import { waysIn } from './ways-in.ts';

/** What the HTTP server is given. */
export function serverWorld(house: House): ServerWorld {
  const { store, catalog, bindings, log, metrics, queue } = house;
  const { validator } = catalog;
  const clinic = { store, now, drafting: bindings };
  const changing = changeWorld(house);
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
      dryRun({ store, validator, hash, newId, now, drafting: bindings, makeTask: bindings.makeTask }, sender, text),
    taskOf: bindings.taskHere,
    ...waysIn(house),
    amend: (incoming) => amendReferral(changing, incoming),
    updateTask: (update) => updateTask(changing, update),
    checkR4: (resource, locate) => validator.validate(withoutProfiles(resource), { locate }),
    stop: (planId, stopping, expected) => stopCourse(clinic, planId, stopping, expected),
    decideCancellation: (planId, decision, expected) => decideCancellation(clinic, planId, decision, expected),
    assess: (planId, told, by, expected) => assess(clinic, planId, told, by, expected),
    decideFinding: (planId, decision, expected) => decideFinding(clinic, planId, decision, expected),
    answerMissing: (planId, told, expected) => answerMissing(clinic, planId, told, expected),
    briefing: (record) => briefTherapist({ store, drafting: bindings }, record),
    recordSession: (planId, session, by) => recordSession({ store, now, newId, hash }, planId, session, by),
    retryDelivery: (id, by) => retryDelivery(clinic, id, by),
    onRecorded: metrics.sessionRecorded,
    onReceived: metrics.referralTaken,
    keepRefused: (refused) => keepRefused({ store, hash, now }, refused),
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
