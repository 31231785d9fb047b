import type { Laterality } from '../fhir-parts.ts';
import type { TreatmentPlan } from '../treatment-plan.ts';
import { type Json, object, objects, text } from './json.ts';
import type { Place, Regions } from './regions.ts';
import type { Techniques } from './techniques.ts';

/** What screening needs to know of a plan. */
export interface PlanFacts {
  /** Regions of mappings/rules/tables/regions.json (catalogue site.*); any other name may be anywhere. */
  readonly bodySites: readonly { readonly site: string; readonly laterality?: Laterality }[];
  /** Codes of CodeSystem/massage-technique; empty where the order names none. */
  readonly techniques: readonly string[];
  /** `full-body` treats every region. */
  readonly scope?: TreatmentPlan['scope'];
  /** Phases of the indications, for example `post-op`. */
  readonly phases?: readonly string[];
  /** Reasons of the plan: those that were told later than the order are screened too. */
  readonly indications?: readonly Pick<TreatmentPlan['indications'][number], 'codings' | 'conditionRef'>[];
}

export function factsOfPlan(plan: TreatmentPlan): PlanFacts {
  return {
    bodySites: plan.bodySites,
    techniques: plan.service.technique,
    scope: plan.scope,
    phases: plan.indications.map(({ phase }) => phase),
    indications: plan.indications,
  };
}

/** The same from an order for which there is no plan, for `tactus screen`. */
export function factsOfReferral(referral: Json, regions: Regions, techniques: Techniques): PlanFacts {
  const concepts = [object(referral.code), ...objects(referral.orderDetail)];
  const fullBody = concepts.some((concept) =>
    objects(concept?.coding).some(
      ({ system, code } = {}) => code === 'full-body' && text(system)?.endsWith('/massage-technique'),
    ),
  );
  return {
    bodySites: placesOf(referral.bodySite, regions, 'other').map(({ region, laterality }) => ({
      site: region,
      laterality,
    })),
    techniques: [...new Set(concepts.flatMap((concept) => techniques.namedBy(concept)))],
    scope: fullBody ? 'full-body' : 'unknown',
  };
}

/** Where the plan treats; empty where nobody knows. */
export function placesOfPlan(facts: PlanFacts): Place[] {
  if (facts.scope === 'full-body') return [{ region: 'entire-body', laterality: 'unknown' }];
  return facts.bodySites.map(({ site, laterality }) => ({ region: site, laterality: laterality ?? 'unknown' }));
}

const sides: ReadonlyMap<string, Laterality> = new Map(
  Object.entries({
    '7771000': 'left',
    '24028007': 'right',
    '51440002': 'bilateral',
    '419161000': 'left',
    '419465000': 'right',
  } satisfies Record<string, Laterality>),
);

/**
 * The places of a `bodySite` list.
 *
 * @param otherwise Region for a site whose code is in no table. Without it such a list is empty: it may be anywhere.
 */
export function placesOf(bodySites: unknown, regions: Regions, otherwise?: string): Place[] {
  const places: Place[] = [];
  for (const site of objects(bodySites)) {
    const codes = objects(site?.coding).flatMap((coding) => text(coding?.code) ?? []);
    const region = codes.map((code) => regions.ofSnomed(code)).find((known) => known !== undefined) ?? otherwise;
    if (region === undefined) return [];
    places.push({ region, laterality: side(site, codes) });
  }
  return places;
}

/** From our laterality extension, or from a coding of the side beside that of the region. */
function side(site: Json | undefined, codes: readonly string[]): Laterality {
  const told = objects(site?.extension)
    .filter((extension) => text(extension?.url)?.endsWith('/StructureDefinition/laterality'))
    .flatMap((extension) => objects(object(extension?.valueCodeableConcept)?.coding))
    .flatMap((coding) => text(coding?.code) ?? []);
  const found = new Set([...told, ...codes].flatMap((code) => sides.get(code) ?? []));
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : 'unknown';
}
