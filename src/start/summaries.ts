import { summaryBundle, summaryFor } from '../core/answer/summary.ts';
import type { DeliverWorld } from '../flows/deliver.ts';
import { now } from './outside.ts';
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
    return made.ok ? { ok: true, bundle: summaryBundle(made.summary), reports: [] } : made;
  };
}
