import type { Issue } from '../core/fhir/issue.ts';
import { newRecords } from '../core/plan/screening/records.ts';
import { placed } from './bundle-issues.ts';
import type { BundledOrder, IncomingBundle, ReceivedTogether, TakenOrder, TogetherWorld } from './receive-bundle.ts';
import type { Referral } from './records.ts';
import { otherNumber, otherPatient } from './same-patient.ts';

/**
 * What a Bundle means for an order that is here already. nothing: all of it is known. news: it brings records that are not
 * known, and they join the order, whether it is the same (`sameOrder`) or stays as it is. other: it is of another patient.
 */
export type Joining =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'news'; readonly sameOrder: boolean }
  | { readonly kind: 'other'; readonly issues: readonly Issue[] };

/** @param sent The order with the Bundle that it came in now. */
export function joining(existing: Referral, sent: Referral): Joining {
  const [before, after] = otherNumber(existing, sent) ?? [];
  if (before !== undefined && after !== undefined)
    return { kind: 'other', issues: [otherPatient(existing, before, after)] };
  if (newRecords(existing, sent).length === 0) return { kind: 'nothing' };
  return { kind: 'news', sameOrder: sent.contentHash === existing.contentHash };
}

/** Before anything new is written: when this is refused, nothing was taken in; when it is repeated, it changes nothing. */
export async function join(
  world: TogetherWorld,
  { sender, bytes, bundle: context, correlationId, locate, isRead = false }: IncomingBundle,
  { resource, expression }: BundledOrder,
  order: TakenOrder,
  recordsOnly: boolean,
): Promise<TakenOrder | Extract<ReceivedTogether, { kind: 'refused' }>> {
  const sent = { sender, bytes, text: '', resource, context, correlationId, isRead };
  const amended = await world.amend({ ...sent, recordsOnly, expected: 'any' });
  if (amended.kind === 'unknown') throw new Error(`Referral ${order.referral.id} was read and then was not there.`);
  const issues = amended.issues.map((issue) => placed(issue, { expression }, locate));
  if (amended.kind === 'refused') return { kind: 'refused', status: amended.status, issues };
  return { kind: 'existing', referral: amended.referral, issues };
}
