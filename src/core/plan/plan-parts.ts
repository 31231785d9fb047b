import { type Static, type TSchema, Type } from '@sinclair/typebox';
import {
  CodingSchema,
  closed,
  DateSchema,
  DateTimeSchema,
  IdentifierSchema,
  InstantSchema,
  LateralitySchema,
  oneOf,
  QuantitySchema,
  TextSchema,
} from './fhir-parts.ts';

/** The parts of a treatment plan; treatment-plan.ts puts them together. */

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
/** How a treatment is changed for this patient; `max-duration` carries `minutes`. */
export const modificationCodes = [
  'slow-pace',
  'regular-breaks',
  'light-pressure',
  'moderate-pressure',
  'no-deep',
  'no-heat',
  'oil-free',
  'latex-free',
  'side-lying',
  'avoid-region',
  'stretching',
  'max-duration',
] as const;

/** http://terminology.hl7.org/CodeSystem/goal-achievement */
export const achievements = [
  'in-progress',
  'improving',
  'worsening',
  'no-change',
  'achieved',
  'sustaining',
  'not-achieved',
  'no-progress',
  'not-attainable',
] as const;

const identifiers = Type.Array(IdentifierSchema);

export const SourceSchema = Type.Object(
  {
    serverBase: TextSchema,
    resourceId: TextSchema,
    versionId: optional(TextSchema),
    identifiers,
    requisition: optional(IdentifierSchema),
    profile: TextSchema,
    payloadHash: TextSchema,
    receivedAt: InstantSchema,
  },
  closed,
);

/** `reference` is absent where the order names the patient by identifier only. */
export const PatientSchema = Type.Object(
  {
    reference: optional(TextSchema),
    identifiers,
    birthDate: optional(DateSchema),
    sex: optional(oneOf(['male', 'female', 'other', 'unknown'])),
    pregnancyStatus: optional(oneOf(['pregnant', 'possible', 'not-pregnant', 'unconfirmed', 'unknown'])),
  },
  closed,
);

/** One of `reference`, `identifiers` and `name` at least: hospitals name a prescriber in four ways. */
export const PrescriberSchema = Type.Object(
  {
    reference: optional(TextSchema),
    name: optional(TextSchema),
    identifiers,
    organization: optional(TextSchema),
    replyEndpoint: optional(TextSchema),
  },
  closed,
);

export const ServiceSchema = Type.Object(
  {
    /** As ordered; empty in text-only orders, which then have `text`. */
    codings: Type.Array(CodingSchema),
    text: optional(TextSchema),
    /** Our concept, for example `massage-therapy` (catalogue svc.*); `other` when the code has no translation. */
    concept: optional(TextSchema),
    category: Type.Literal('medical'),
    /** Codes of CodeSystem/massage-technique; empty when the order names none. */
    technique: Type.Array(TextSchema),
    adjunctTo: optional(CodingSchema),
  },
  closed,
);

export const IndicationSchema = Type.Object(
  {
    codings: Type.Array(CodingSchema),
    text: optional(TextSchema),
    /** Our own concept, for example `low-back-pain` (catalogue ind.*); `other` when the code has no translation. */
    concept: optional(TextSchema),
    phase: oneOf(['acute', 'subacute', 'chronic', 'post-op', 'pre-op', 'unknown']),
    onset: optional(DateTimeSchema),
    conditionRef: optional(TextSchema),
  },
  closed,
);

export const BodySiteSchema = Type.Object(
  {
    /** Our concept, for example `lumbar` (catalogue site.*); `other` when the order's code has no translation. */
    site: TextSchema,
    laterality: LateralitySchema,
    codings: optional(Type.Array(CodingSchema)),
    text: optional(TextSchema),
  },
  closed,
);

export const FrequencySchema = Type.Object(
  {
    times: Type.Integer({ minimum: 1, maximum: 14 }),
    timesMax: optional(Type.Integer({ minimum: 1, maximum: 14 })),
    period: Type.Number({ minimum: 1 }),
    periodMax: optional(Type.Number({ minimum: 1 })),
    unit: oneOf(['d', 'wk']),
  },
  closed,
);

/** `sessions` stays absent until asked for: an order "6 sessions, please" and an order "massage" are both normal. */
export const DosageSchema = Type.Object(
  {
    sessions: optional(Type.Integer({ minimum: 1, maximum: 60 })),
    durationMin: optional(Type.Integer({ minimum: 5, maximum: 120 })),
    frequency: optional(FrequencySchema),
    pattern: optional(oneOf(['once', 'series'])),
  },
  closed,
);

export const ModificationSchema = Type.Object(
  {
    code: oneOf(modificationCodes),
    region: optional(TextSchema),
    minutes: optional(Type.Integer({ minimum: 1, maximum: 180 })),
    origin: oneOf(['rule', 'prescriber', 'therapist']),
    ruleId: optional(TextSchema),
  },
  closed,
);

export const FindingSchema = Type.Object(
  {
    ruleId: TextSchema,
    disposition: oneOf(['reject', 'hold', 'flag']),
    /**
     * FHIRPaths into the referral, for example `ServiceRequest.contained[0].code.coding[0]`; what an earlier version told
     * and no later one took back is named by it: `version 1: Bundle.entry[3].resource.code.coding[0]`.
     */
    evidence: Type.Array(TextSchema),
    region: optional(TextSchema),
    state: oneOf(['open', 'cleared', 'overridden']),
    by: optional(TextSchema),
    at: optional(InstantSchema),
    reason: optional(TextSchema),
  },
  closed,
);
export type ScreeningFinding = Static<typeof FindingSchema>;

/** A record that is absent is no evidence of absence: `absent` and `partial` are duties, not an all-clear. */
export const ScreeningSchema = Type.Object(
  {
    completeness: oneOf(['complete', 'partial', 'absent']),
    checkedAt: InstantSchema,
    findings: Type.Array(FindingSchema),
    /** FHIRPaths of references to records that nobody could read: what is there is unknown. */
    missing: optional(Type.Array(TextSchema)),
  },
  closed,
);
export type Screening = Static<typeof ScreeningSchema>;

export const GoalSchema = Type.Object(
  {
    goalId: TextSchema,
    /** Id of a measure, for example `pain-nrs`; absent when the goal is words only, which are then in `text`. */
    measure: optional(TextSchema),
    text: optional(TextSchema),
    bodySite: optional(TextSchema),
    baseline: optional(QuantitySchema),
    target: optional(
      Type.Object({ value: Type.Number(), unit: TextSchema, direction: optional(oneOf(['lower', 'higher'])) }, closed),
    ),
    due: optional(DateSchema),
    achievement: optional(oneOf(achievements)),
  },
  closed,
);
export type PlanGoal = Static<typeof GoalSchema>;

export const CoverageSchema = Type.Object(
  {
    reference: optional(TextSchema),
    identifiers,
    type: optional(CodingSchema),
    payor: optional(TextSchema),
    display: optional(TextSchema),
  },
  closed,
);

export const NoteSchema = Type.Object(
  { text: TextSchema, author: optional(TextSchema), time: optional(DateTimeSchema) },
  closed,
);
