import type { Screening } from '../treatment-plan.ts';
import { type Json, object, objects, text } from './json.ts';
import type { Found, Resolve } from './walk.ts';

/** What a prescriber would tell: other illnesses, medicines, allergies. */
const domains: readonly (readonly string[])[] = [
  ['Condition'],
  ['MedicationStatement', 'MedicationRequest'],
  ['AllergyIntolerance'],
];

/**
 * How much of the patient's record came along. The condition that is the reason of the order says nothing about others.
 * A record that did not come is no evidence of absence: only all three make `complete`, and only when all that the order
 * refers to is here.
 *
 * @param reasons The records that the order names as its reason.
 * @param missing What it refers to and nobody has.
 */
export function completenessOf(
  found: readonly Found[],
  reasons: ReadonlySet<Found | undefined>,
  missing: readonly string[],
): Screening['completeness'] {
  const told = domains.filter((types) =>
    found.some((one) => types.includes(String(one.resource.resourceType)) && !reasons.has(one)),
  ).length;
  if (told === domains.length) return missing.length === 0 ? 'complete' : 'partial';
  return told === 0 ? 'absent' : 'partial';
}

/** FHIRPaths of clinical references of the order that lead to nothing that came with it. */
export function unresolvedReferences(referral: Json, resolve: Resolve): string[] {
  return ['reasonReference', 'supportingInfo'].flatMap((name) =>
    objects(referral[name]).flatMap((reference, index) => {
      const told = text(object(reference)?.reference);
      if (told === undefined || resolve(reference, 'ServiceRequest') !== undefined) return [];
      return [`ServiceRequest.${name}[${index}]`];
    }),
  );
}
