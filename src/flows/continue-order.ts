import { isFinal } from '../core/plan/states.ts';
import { type BeforeStore, ordersBefore } from './follow-order.ts';
import type { ReferralSender } from './read-referral.ts';
import type { PlanRecord, Referral } from './records.ts';
import type { Store } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

/** Plans of one patient that are looked at; more are no help in telling which is meant. */
const plansLookedAt = 20;

/**
 * Which order a prescription continues, where it comes as an extension: the one that it names, else the only one of its
 * patient that is not ended. Nobody guesses between two.
 *
 * @returns References for the order's `basedOn` (none when it says it itself); undefined when it cannot be told.
 */
export async function continuing(
  store: BeforeStore & Pick<Store, 'plans'>,
  sender: ReferralSender,
  order: Json,
  bundle: unknown,
): Promise<readonly Json[] | undefined> {
  // Only the references are looked at, so what else belongs to a referral need not be there yet.
  const unsent = { id: '', partner: sender.id, resource: order, context: bundle } as Referral;
  if ((await ordersBefore(store, unsent, sender.baseUrl)).length > 0) return [];
  const plans = new Map<string, PlanRecord>();
  for (const patient of patientNumbers(order, bundle)) {
    const { items } = await store.plans({ partner: sender.id, patient, limit: plansLookedAt });
    for (const one of items) if (!isFinal(one.plan.status)) plans.set(one.plan.planId, one);
  }
  const [only] = plans.values();
  const referral = plans.size === 1 && only !== undefined ? await store.referral(only.referralId) : undefined;
  if (referral === undefined) return undefined;
  return [{ type: 'ServiceRequest', identifier: { ...referral.placer } }];
}

/** `system|value` of the patient, from the order or from the Patient in the Bundle. */
function patientNumbers(order: Json, bundle: unknown): string[] {
  const subject = (order.subject ?? {}) as { readonly reference?: string; readonly identifier?: Json };
  const { entry } = bundle as { readonly entry?: readonly { readonly fullUrl?: string; readonly resource?: Json }[] };
  const patient = entry?.find(({ fullUrl }) => fullUrl !== undefined && fullUrl === subject.reference)?.resource;
  const told = Array.isArray(patient?.identifier) ? (patient.identifier as readonly Json[]) : [];
  return [...(subject.identifier === undefined ? [] : [subject.identifier]), ...told].flatMap(({ system, value }) =>
    typeof value === 'string' ? [`${typeof system === 'string' ? system : ''}|${value}`] : [],
  );
}
