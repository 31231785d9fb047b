import { deliveryIssue } from '../core/delivery/answer.ts';
import type { DeliverWorld } from '../flows/deliver.ts';
import type { House } from './tactus.ts';

export function makeSummary(_house: House): DeliverWorld['makeSummary'] {
  return () => ({
    ok: false,
    issues: [deliveryIssue('summary-unknown', 'not-supported', 'No summaries are made yet.')],
  });
}
