import { applyAnswers } from '../core/answer/apply-answers.ts';
import { checkInboundTask } from '../core/answer/inbound-task.ts';
import type { AmendWorld } from '../flows/amend.ts';
import type { AnswerWorld } from '../flows/answer-questions.ts';
import type { ExpireWorld } from '../flows/expire.ts';
import { hash, newId, now } from './outside.ts';
import type { House } from './tactus.ts';

/** What the flows are given that change an order, its Task or its plan. */
export function changeWorld({
  store,
  catalog,
  bindings,
}: Pick<House, 'store' | 'catalog' | 'bindings'>): AmendWorld & AnswerWorld & { readonly store: House['store'] } {
  return {
    store,
    validator: catalog.validator,
    drafting: bindings,
    hash,
    newId,
    now,
    taskOf: (record, referral) => {
      const partner = catalog.partners.get(record.partner);
      if (partner === undefined) throw new Error(`Partner ${record.partner} has no file in mappings/partners.`);
      return bindings.taskHere(partner, referral, record);
    },
    checkTask: (task) => checkInboundTask(task, catalog.anchors),
    applyAnswers: (plan, entries, told) => applyAnswers(plan, entries, { ...told, rules: catalog.rules }),
  };
}

/** What time does to plans. */
export function expireWorld({ store, catalog }: Pick<House, 'store' | 'catalog'>): ExpireWorld {
  return { store, now, partners: [...catalog.partners.values()] };
}
