import { type Static, Type } from '@sinclair/typebox';

/**
 * The pieces that plan and session share with FHIR, cut down to what we keep. JSON Schema 2020-12 subset as ajv 8 reads
 * it; every object is closed, so an element that we do not know is an issue and never silently lost.
 */

/** No element besides those named. */
export const closed = { additionalProperties: false } as const;

/** One of these codes; a JSON Schema enum, because its error can name all of them. */
export function oneOf<const Values extends readonly string[]>(values: Values) {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] });
}

/** FHIR date: a year, a month or a day. https://hl7.org/fhir/R4/datatypes.html#date */
export const DateSchema = Type.String({
  pattern: '^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?$',
  description: 'a date such as 2026-11-26',
});

/** FHIR dateTime: a date, or an instant with its offset. https://hl7.org/fhir/R4/datatypes.html#dateTime */
export const DateTimeSchema = Type.String({
  pattern:
    '^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01])(T([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?(Z|[+-]((0\\d|1[0-3]):[0-5]\\d|14:00)))?)?)?$',
  description: 'a date or an instant such as 2026-11-26T09:30:00+01:00',
});

/** FHIR instant: to the second at least, with its offset. https://hl7.org/fhir/R4/datatypes.html#instant */
export const InstantSchema = Type.String({
  pattern:
    '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?(Z|[+-]((0\\d|1[0-3]):[0-5]\\d|14:00))$',
  description: 'an instant such as 2026-11-26T09:30:00+01:00',
});

/** A text that says something: not empty. */
export const TextSchema = Type.String({ minLength: 1, description: 'a text that is not empty' });

/** https://hl7.org/fhir/R4/datatypes.html#Coding */
export const CodingSchema = Type.Object(
  {
    system: Type.Optional(TextSchema),
    version: Type.Optional(TextSchema),
    code: Type.Optional(TextSchema),
    display: Type.Optional(TextSchema),
  },
  closed,
);
export type PlanCoding = Static<typeof CodingSchema>;

/** https://hl7.org/fhir/R4/datatypes.html#Identifier; `type` is its first coding, for example PLAC of v2-0203. */
export const IdentifierSchema = Type.Object(
  {
    use: Type.Optional(TextSchema),
    type: Type.Optional(CodingSchema),
    system: Type.Optional(TextSchema),
    value: Type.Optional(TextSchema),
  },
  closed,
);
export type PlanIdentifier = Static<typeof IdentifierSchema>;

/** A value with its UCUM code, for example 4 `{score}` or 95 `deg`. */
export const QuantitySchema = Type.Object({ value: Type.Number(), unit: TextSchema }, closed);
export type PlanQuantity = Static<typeof QuantitySchema>;

/** left, right and bilateral as told; none where the region has no sides; unknown where the order does not say. */
export const LateralitySchema = oneOf(['left', 'right', 'bilateral', 'none', 'unknown']);
export type Laterality = Static<typeof LateralitySchema>;
