import type { Bundle } from '@medplum/fhirtypes';
import { summaryBundle, summaryFor } from '../core/answer/summary.ts';
import type { DeliverWorld } from '../flows/deliver.ts';
import { asUuid } from './messages.ts';
import { hash, now } from './outside.ts';
import type { House } from './tactus.ts';

/** Summaries of courses that ended, with the Observations that the hospital has by then. */
export function makeSummary({ catalog }: Pick<House, 'catalog'>): DeliverWorld['makeSummary'] {
  return (record, referral, sessions) => {
    const made = summaryFor({
      plan: record.plan,
      referral,
      partner: { baseUrl: catalog.partners.get(record.partner)?.baseUrl ?? '' },
      sessions,
      observations: (record.outcomes ?? [])
        .flatMap(({ resources }) => resources)
        .flatMap(({ type, id }) => (type === 'Observation' ? [`Observation/${id}`] : [])),
      measures: catalog.measures,
      now: now(),
    });
    return made.ok ? { ok: true, bundle: named(summaryBundle(made.summary)), reports: [] } : made;
  };
}

/** Names within the transaction, so that the Task that goes along can refer to the report; the same for the same summary. */
function named(bundle: Bundle): Bundle {
  const entry = bundle.entry?.map((one) => ({ fullUrl: `urn:uuid:${asUuid(hash(one.request?.url ?? ''))}`, ...one }));
  return entry === undefined ? bundle : { ...bundle, entry };
}
