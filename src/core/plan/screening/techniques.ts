import { type Static, Type } from '@sinclair/typebox';
import { closed } from '../fhir-parts.ts';
import { object, objects, text } from './json.ts';

/** Which codes name which technique: mappings/rules/tables/techniques.json. Used where there is no plan yet. */
export const TechniqueTableSchema = Type.Object(
  {
    id: Type.Literal('techniques'),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$', description: 'a version such as 1.0.0' }),
    source: Type.String({ minLength: 3 }),
    techniques: Type.Record(
      Type.String({ pattern: '^[a-z]+(-[a-z]+)*$' }),
      Type.Array(Type.Object({ system: Type.String(), code: Type.String() }, closed), { minItems: 1 }),
    ),
  },
  closed,
);
export type TechniqueTable = Static<typeof TechniqueTableSchema>;

/** Codes of CodeSystem/massage-technique that a CodeableConcept names. */
export interface Techniques {
  namedBy(concept: unknown): readonly string[];
}

export function compileTechniques({ techniques }: TechniqueTable): Techniques {
  const byCode = new Map<string, string>();
  for (const [technique, codes] of Object.entries(techniques)) {
    for (const { system, code } of codes) byCode.set(`${system}|${code}`, technique);
  }
  return {
    namedBy: (concept) =>
      objects(object(concept)?.coding).flatMap((coding) => {
        const technique = byCode.get(`${text(coding?.system)}|${text(coding?.code)}`);
        return technique === undefined ? [] : [technique];
      }),
  };
}
