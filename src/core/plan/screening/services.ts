import { type Static, Type } from '@sinclair/typebox';
import { closed } from '../fhir-parts.ts';
import { type Json, object, objects, text } from './json.ts';
import type { Techniques } from './techniques.ts';

/** Which codes order massage: mappings/rules/tables/services.json. */
export const ServiceTableSchema = Type.Object(
  {
    id: Type.Literal('services'),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$', description: 'a version such as 1.0.0' }),
    source: Type.String({ minLength: 3 }),
    massage: Type.Array(Type.Object({ system: Type.String(), code: Type.String() }, closed), { minItems: 1 }),
    /** Public code systems: a code of theirs that is not in `massage` is known to be another service. */
    publicSystems: Type.Array(Type.String(), { minItems: 1 }),
    /** Words in a text or display that speak of massage, in lower case: such an order is asked about, not refused. */
    words: Type.Array(Type.String({ pattern: '^\\p{Ll}+$' }), { minItems: 1 }),
  },
  closed,
);
export type ServiceTable = Static<typeof ServiceTableSchema>;

/** massage: a code says so. other: only codes of other services. unknown: text only, or codes of the hospital's own. */
export type Offer = 'massage' | 'other' | 'unknown';

export interface Services {
  /** Of ServiceRequest.code, category and orderDetail. */
  offered(referral: Json): Offer;
}

export function compileServices(table: ServiceTable, techniques: Techniques): Services {
  const massage = new Set(table.massage.map(({ system, code }) => `${system}|${code}`));
  const known = new Set(table.publicSystems);
  const speaksOfMassage = (concept: Json | undefined) =>
    [concept?.text, ...objects(concept?.coding).map((coding) => coding?.display)]
      .flatMap((words) => text(words)?.toLowerCase() ?? [])
      .some((words) => table.words.some((word) => words.includes(word)));
  return {
    offered(referral) {
      const concepts = [object(referral.code), ...objects(referral.category), ...objects(referral.orderDetail)];
      const says = (concept: Json | undefined) =>
        techniques.namedBy(concept).length > 0 ||
        objects(concept?.coding).some((coding) => massage.has(`${text(coding?.system)}|${text(coding?.code)}`));
      if (concepts.some(says)) return 'massage';
      const codings = objects(object(referral.code)?.coding);
      const isPublic = codings.some((coding) => known.has(text(coding?.system) ?? ''));
      return isPublic && !concepts.some(speaksOfMassage) ? 'other' : 'unknown';
    },
  };
}
