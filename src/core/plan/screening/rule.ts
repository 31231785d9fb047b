import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { closed, oneOf } from '../fhir-parts.ts';
import { modificationCodes } from '../treatment-plan.ts';

/**
 * rule: one contraindication or reason to treat differently, as data in mappings/rules/<id>.json. What it finds (codes
 * and limits), what it concerns (the whole patient, a region, a technique), and what follows. docs/screening.md explains
 * each field with an example; no clinician has signed a rule whose `reviewedBy` is empty.
 */

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
const texts = (pattern: string, description: string) =>
  Type.Array(Type.String({ pattern, description }), { minItems: 1, uniqueItems: true });

const SnomedCodes = texts('^\\d{6,18}$', 'a SNOMED CT code');
/** A prefix such as `I82.4`, or a range of categories such as `C00-C97`. */
const Icd10Codes = texts(
  '^[A-Z](\\d[0-9A-Z](\\.[0-9A-Z]{1,4})?)?$|^[A-Z]\\d[0-9A-Z]-[A-Z]\\d[0-9A-Z]$',
  'an ICD-10 prefix such as I82.4 or a range of categories such as C00-C97',
);
const AtcCodes = texts('^[A-Z](\\d\\d([A-Z]([A-Z](\\d\\d)?)?)?)?$', 'an ATC prefix such as B01AA');
const RegionIds = texts('^[a-z]+(-[a-z]+)*$', 'a region of mappings/rules/tables/regions.json');
const TechniqueIds = texts('^[a-z]+(-[a-z]+)*$', 'a code of CodeSystem/massage-technique');

/** Exactly one of the units: 48 hours, 6 weeks, 3 months. Months are calendar months. */
const DurationSchema = Type.Object(
  { value: Type.Integer({ minimum: 1, maximum: 1000 }), unit: oneOf(['hours', 'days', 'weeks', 'months']) },
  closed,
);
export type Duration = Static<typeof DurationSchema>;

/** https://hl7.org/fhir/R4/valueset-condition-clinical.html; `unknown` where the record does not say. */
export const clinicalStatuses = [
  'active',
  'recurrence',
  'relapse',
  'inactive',
  'remission',
  'resolved',
  'unknown',
] as const;
export type ClinicalStatus = (typeof clinicalStatuses)[number];
const StatusesSchema = Type.Array(oneOf(clinicalStatuses), { minItems: 1, uniqueItems: true });

/** What counts where a rule does not say otherwise: what is there now, or may be. */
export const presentStatuses: readonly ClinicalStatus[] = ['active', 'recurrence', 'relapse', 'unknown'];

const CodesSchema = Type.Object(
  { icd10: optional(Icd10Codes), snomed: optional(SnomedCodes), atc: optional(AtcCodes) },
  closed,
);
export type CodeList = Static<typeof CodesSchema>;

const ObservationSchema = Type.Object(
  {
    loinc: Type.String({ pattern: '^\\d{1,7}-\\d$', description: 'a LOINC code' }),
    /** Found when the value is this much or more; other units are converted. */
    atLeast: optional(Type.Object({ value: Type.Number(), unit: Type.String({ minLength: 1 }) }, closed)),
    /** Found when the coded value is one of these. */
    values: optional(SnomedCodes),
    /** Older ones do not count; one without a date does. */
    within: DurationSchema,
  },
  closed,
);
export type ObservationLimit = Static<typeof ObservationSchema>;

const FindsSchema = Type.Object(
  {
    /** reasonCode and Condition.code. */
    conditions: optional(CodesSchema),
    /** Longer ICD-10 prefixes of `conditions` that are left to another rule. */
    except: optional(Icd10Codes),
    medications: optional(CodesSchema),
    allergies: optional(CodesSchema),
    observations: optional(Type.Array(ObservationSchema, { minItems: 1 })),
    /** Codes of ServiceRequest.code, category and orderDetail. */
    services: optional(
      Type.Array(Type.Object({ system: Type.String({ minLength: 1 }), code: Type.String({ minLength: 1 }) }, closed), {
        minItems: 1,
      }),
    ),
    /** Phase of an indication in the plan. */
    phases: optional(Type.Array(oneOf(['acute', 'subacute', 'chronic', 'post-op', 'pre-op']), { minItems: 1 })),
  },
  closed,
);

export const dispositions = ['reject', 'hold', 'flag'] as const;
export type Disposition = (typeof dispositions)[number];

/** All that is named must hold. */
const WhenSchema = Type.Object(
  {
    /** The evidence has one of these codes. */
    codes: optional(CodesSchema),
    /** The plan uses one of these techniques. A plan that names none uses none of them. */
    techniques: optional(TechniqueIds),
    /** The plan treats one of these regions; an unknown region is every region. */
    regions: optional(RegionIds),
    /** The plan treats the region of the evidence; an unknown region is every region. */
    target: optional(Type.Boolean()),
    statuses: optional(StatusesSchema),
    /** It began so long ago or longer, by a date that is certain: without a date this does not hold. */
    onsetAtLeast: optional(DurationSchema),
    /** It began longer ago than this, by a date that is certain. */
    onsetMoreThan: optional(DurationSchema),
    /** The opposite of onsetAtLeast: it began later, or nobody knows when. */
    onsetLessThan: optional(DurationSchema),
    /** Another rule finds something too. */
    alongside: optional(Type.String()),
    /** A screening setting of the partner's file is on. */
    setting: optional(Type.String({ pattern: '^[a-z0-9-]+$' })),
  },
  closed,
);
export type When = Static<typeof WhenSchema>;

const ModificationSchema = Type.Object(
  {
    code: oneOf(modificationCodes),
    region: optional(Type.String({ minLength: 1 })),
    minutes: optional(Type.Integer()),
  },
  closed,
);

const SentenceSchema = Type.String({
  pattern: '^\\S.{8,}[.?]$',
  description: 'a whole sentence with its full stop',
});

const VariantSchema = Type.Object(
  {
    when: WhenSchema,
    /** `none`: nothing is found after all. */
    disposition: oneOf([...dispositions, 'none']),
    prescriber: optional(SentenceSchema),
    therapist: optional(SentenceSchema),
    modifications: optional(Type.Array(ModificationSchema)),
  },
  closed,
);

/** Why a referral is refused or asked about on behalf of a rule: codes of CodeSystem/status-reason. */
const findingReasons = ['contraindication-reported', 'red-flag', 'wellness-excluded'] as const;

export const RuleSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z]+(-[a-z0-9]+)*$', description: 'lower case words with hyphens' }),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$', description: 'a version such as 1.0.0' }),
    title: Type.String({ minLength: 3 }),
    /** Ids in the terminology catalogue, for example `ci.dvt`. */
    concepts: Type.Array(Type.String({ pattern: '^(ci|grp|ind|svc)\\.[a-z0-9-]+$' }), { minItems: 1 }),
    finds: FindsSchema,
    /** Clinical statuses that count; without it those of something that is there now. */
    statuses: optional(StatusesSchema),
    scope: oneOf(['all', 'region', 'technique']),
    /** Of a region rule: where it is when the record does not say. */
    regions: optional(RegionIds),
    /** Of a region rule: where it is by its code, ICD-10 prefix or SNOMED code. */
    regionsByCode: optional(Type.Record(Type.String(), RegionIds)),
    /** Of a technique rule. */
    techniques: optional(TechniqueIds),
    disposition: oneOf(dispositions),
    /** When the plan treats another region, or with other techniques; without it nothing is found then. */
    outside: optional(oneOf(dispositions)),
    /** The first whose `when` holds decides instead. */
    variants: optional(Type.Array(VariantSchema, { minItems: 1 })),
    reason: optional(oneOf(findingReasons)),
    prescriber: SentenceSchema,
    therapist: SentenceSchema,
    modifications: Type.Array(ModificationSchema),
    /** What the therapist must do: code and sentence. */
    duties: optional(
      Type.Array(Type.Object({ code: Type.String({ pattern: '^[a-z-]+$' }), sentence: SentenceSchema }, closed), {
        minItems: 1,
      }),
    ),
    qualifications: optional(Type.Array(oneOf(['mld', 'prenatal', 'neuro', 'oncology']), { minItems: 1 })),
    source: Type.String({ minLength: 3 }),
    /** Name of the clinician who signed this version; empty until one has. */
    reviewedBy: Type.String(),
  },
  closed,
);
export type Rule = Static<typeof RuleSchema>;
export type Variant = Static<typeof VariantSchema>;
export type RuleModification = Static<typeof ModificationSchema>;
export type FindingReason = (typeof findingReasons)[number];
