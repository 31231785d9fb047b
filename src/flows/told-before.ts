import { inVersion, layersOfBefore, orderNamed, versionNamed } from '../core/plan/order-layers.ts';
import type { ScreeningFinding } from '../core/plan/treatment-plan.ts';
import type { OrderBefore } from './follow-order.ts';
import type { PlanRecord, Referral } from './records.ts';
import { isOtherPatient, otherNumber } from './same-patient.ts';
import type { Store } from './store.ts';

/** What an order inherits from those before it. */
export interface ToldBefore {
  /** The order with what was told with them. */
  readonly referral: Referral;
  /** What named persons decided about findings of their plans, with the evidence named as it is found from here. */
  readonly decided: readonly ScreeningFinding[];
  /** For the plan, so that it is screened with the same later. */
  readonly screensWith: Pick<PlanRecord, 'screensWith'>;
}

/**
 * An order that replaces another one, or goes on after it, is of the same patient: a thrombosis that was told with the
 * one before has not gone because the new one does not repeat it. Where the numbers say that it is of another patient,
 * nothing is taken over.
 */
export async function toldBefore(
  store: Pick<Store, 'planOfReferral'>,
  referral: Referral,
  before: readonly OrderBefore[],
  baseUrl: string | undefined,
): Promise<ToldBefore> {
  const same = before.map((one) => one.referral).filter((one) => !isOfAnother(one, referral, baseUrl ?? ''));
  if (same.length === 0) return { referral, decided: [], screensWith: {} };
  const layers = same.flatMap(layersOfBefore);
  const plans = await Promise.all(same.map((one) => store.planOfReferral(one.id)));
  const decided = plans.flatMap((record) => (record === undefined ? [] : findingsFrom(record)));
  return {
    referral: layers.length === 0 ? referral : { ...referral, earlier: [...layers, ...(referral.earlier ?? [])] },
    decided,
    screensWith: { screensWith: same.map(({ id }) => id) },
  };
}

function isOfAnother(before: Referral, referral: Referral, baseUrl: string): boolean {
  return (
    otherNumber(before, referral) !== undefined ||
    isOtherPatient(baseUrl, before.resource.subject, referral.resource.subject)
  );
}

/** A decision stands where all that it was made on is what is found now (core/plan/screening/override.ts). */
function findingsFrom({ plan, referralId, referralVersion = 1 }: PlanRecord): ScreeningFinding[] {
  const named = (path: string) => {
    if (orderNamed(path) !== undefined) return path;
    return versionNamed(path) === undefined
      ? inVersion(referralVersion, path, referralId)
      : `order ${referralId}, ${path}`;
  };
  return plan.screening.findings.map((finding) => ({ ...finding, evidence: finding.evidence.map(named) }));
}
