import type { Issue } from '../core/fhir/issue.ts';
import { newsIn } from '../core/plan/screening/records.ts';
import { placed } from './bundle-issues.ts';
import type { BundledOrder, IncomingBundle, ReceivedTogether, TakenOrder, TogetherWorld } from './receive-bundle.ts';
import type { Referral } from './records.ts';
import { otherNumber, otherPatient } from './same-patient.ts';

/**
 * What a Bundle means for an order that is here already. nothing: all of it is known. news: it is the same order, and
 * brings records that are not known; they join it. left-out: the order in it is not the present one, so its records stay
 * outside, and the sender is told. other: it is of another patient.
 */
export type Joining =
  | { readonly kind: 'nothing' | 'news' }
  | { readonly kind: 'left-out' | 'other'; readonly issues: readonly Issue[] };

/** @param sent The order with the Bundle that it came in now. */
export function joining(existing: Referral, sent: Referral): Joining {
  const [before, after] = otherNumber(existing, sent) ?? [];
  if (before !== undefined && after !== undefined)
    return { kind: 'other', issues: [otherPatient(existing, before, after)] };
  const news = newsIn(existing, sent);
  if (news.length === 0) return { kind: 'nothing' };
  if (sent.contentHash === existing.contentHash) return { kind: 'news' };
  return { kind: 'left-out', issues: leftOut(existing, news) };
}

/** Of what was left out, so many are named. */
const leftOutNamed = 20;

/** Records that came with an order that is not the present one: nothing was done with them, and the sender must know it. */
export function leftOut({ id, version }: Referral, news: readonly string[]): Issue[] {
  return news.slice(0, leftOutNamed).map((expression) => {
    const message = `${expression} came with another version of ServiceRequest/${id} than ${version}, which is here, and was not taken in; send it with the present version where it still holds.`;
    return { severity: 'warning', code: 'record-of-other-version', type: 'business-rule', expression, message };
  });
}

/** Before anything new is written: when this is refused, nothing was taken in; when it is repeated, it changes nothing. */
export async function join(
  world: TogetherWorld,
  { sender, bytes, bundle: context, correlationId, locate }: IncomingBundle,
  { resource, expression }: BundledOrder,
  order: TakenOrder,
): Promise<TakenOrder | Extract<ReceivedTogether, { kind: 'refused' }>> {
  const amended = await world.amend({ sender, bytes, text: '', resource, context, correlationId, expected: 'any' });
  if (amended.kind === 'unknown') throw new Error(`Referral ${order.referral.id} was read and then was not there.`);
  const issues = amended.issues.map((issue) => placed(issue, { expression }, locate));
  if (amended.kind === 'refused') return { kind: 'refused', status: amended.status, issues };
  return { kind: 'existing', referral: amended.referral, issues };
}
