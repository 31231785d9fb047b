import type { DeliverWorld } from '../flows/deliver.ts';
import type { CallEhr } from '../flows/ehr.ts';
import { openGate } from '../flows/gate.ts';
import type { PlanWorld } from '../flows/plan.ts';
import { faultName } from '../io/log/log.ts';
import { makeMessage } from './messages.ts';
import { newId, now, pause } from './outside.ts';
import { makeSummary } from './summaries.ts';
import type { House } from './tactus.ts';

/** What the worker of queue `intake` is given. */
export function planWorld({ store, bindings, catalog, log, metrics }: House): PlanWorld {
  return {
    ...bindings,
    store,
    newId,
    now,
    baseUrl: (partner) => catalog.partners.get(partner)?.baseUrl,
    made: ({ plan, partner, referralId }) => {
      metrics.planMade(partner, plan.status);
      log.info('plan made', { plan: plan.planId, referral: referralId, partner, state: plan.status });
    },
    failed: (referral, issues) =>
      log.error('no plan can be made of a referral', {
        referral: referral.id,
        partner: referral.partner,
        code: issues[0]?.code,
      }),
  };
}

/** What the worker of queue `delivery` is given. */
export function deliverWorld(house: House): DeliverWorld {
  const { store, bindings, catalog, log, metrics } = house;
  const gate = openGate({
    wait: pause,
    changed: (partner, isHanging) =>
      isHanging
        ? log.error('a hospital does not answer in time; it is asked by one delivery at a time', { partner })
        : log.info('a hospital answers again', { partner }),
    failed: (error) => log.error('a slow delivery failed', { error: faultName(error) }),
  });
  return {
    ...bindings,
    store,
    gate,
    validator: catalog.validator,
    partner: (id) => catalog.partners.get(id),
    call: gate.watch(callHospital(house)),
    outcomeVersion: catalog.sessionToOutcome.version,
    makeSummary: makeSummary(house),
    makeMessage: makeMessage(house),
    now,
    dice: Math.random,
    ended: (delivery, how, issues) => {
      metrics.deliveryEnded(delivery.kind, how);
      const { id, kind, partner, attempts } = delivery;
      const fields = { delivery: id, kind, partner, attempts, code: issues[0]?.code };
      if (how === 'waiting') log.error('a delivery waits for a person', fields);
      else if (how === 'again') log.warn('a delivery will be tried again', fields);
      else log.info(`delivery ${how}`, fields);
    },
  };
}

/** Calls go to the base URL of the partner's file and nowhere else. */
export function callHospital({ catalog, call, hospitalTokens }: House): CallEhr {
  return ({ partner, ...request }) => {
    const baseUrl = catalog.partners.get(partner)?.baseUrl;
    if (baseUrl === undefined) throw new Error(`Partner ${partner} has no file in mappings/partners.`);
    const token = hospitalTokens.get(partner);
    return call({ baseUrl, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, request);
  };
}
