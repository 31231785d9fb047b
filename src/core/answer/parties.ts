import type { Identifier, Patient, Reference, ServiceRequest, Task } from '@medplum/fhirtypes';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import { identifierTypeSystem, planNumberSystem } from './codes.ts';

/** Whom and what a Task is about. */
interface Parties {
  readonly plan: TreatmentPlan;
  readonly referral: { readonly id: string; readonly placer: { readonly system: string; readonly value: string } };
  readonly partner: { readonly baseUrl: string };
  readonly at: 'hospital' | 'here';
}

/** Ours (filler) and the hospital's (placer). */
export function identifiersOf({ plan, referral }: Parties): Identifier[] {
  const type = (code: string) => ({ coding: [{ system: identifierTypeSystem, code }] });
  return [
    { type: type('FILL'), system: planNumberSystem, value: plan.planId },
    { type: type('PLAC'), system: referral.placer.system, value: referral.placer.value },
  ];
}

/** The order by its address, where it has one at that place, and always by the hospital's number. */
export function focusOf({ plan, referral, partner, at }: Parties): Reference<ServiceRequest> {
  const identifier: Identifier = { system: referral.placer.system, value: referral.placer.value };
  const isTheirs = plan.source.serverBase === partner.baseUrl;
  const theirs = isTheirs ? `ServiceRequest/${plan.source.resourceId}` : undefined;
  const reference = at === 'here' ? `ServiceRequest/${referral.id}` : theirs;
  return { ...(reference === undefined ? {} : { reference }), type: 'ServiceRequest', identifier };
}

export function patientOf({ plan, partner, at }: Parties): Reference<Patient> {
  return { ...placed(plan.patient, partner.baseUrl, at), type: 'Patient' };
}

export function prescriberOf({ plan, partner, at }: Parties): Task['requester'] {
  const { name } = plan.prescriber;
  const found = { ...placed(plan.prescriber, partner.baseUrl, at), ...(name === undefined ? {} : { display: name }) };
  return Object.keys(found).length === 0 ? undefined : found;
}

/** A party by its reference where that means something, and by its first identifier. */
function placed(
  party: { readonly reference?: string; readonly identifiers: TreatmentPlan['patient']['identifiers'] },
  baseUrl: string,
  at: Parties['at'],
): Pick<Reference, 'reference' | 'identifier'> {
  const reference = place(party.reference, baseUrl, at);
  const first = party.identifiers.find(({ value }) => value !== undefined);
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(first === undefined ? {} : { identifier: pair(first) }),
  };
}

function pair({ system, value }: TreatmentPlan['patient']['identifiers'][number]): Identifier {
  return { ...(system === undefined ? {} : { system }), ...(value === undefined ? {} : { value }) };
}

/** `#contained` and `urn:uuid:` mean something only inside the order; a relative one only at the hospital. */
function place(reference: string | undefined, baseUrl: string, at: Parties['at']): string | undefined {
  if (reference === undefined || reference.startsWith('#') || reference.startsWith('urn:')) return undefined;
  return at === 'here' && !reference.includes('://') ? `${baseUrl}/${reference}` : reference;
}
