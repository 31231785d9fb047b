import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { closed, InstantSchema, LateralitySchema, oneOf, TextSchema } from './fhir-parts.ts';

/**
 * The session: one treatment, done or not, as the clinic records it. This schema is the single source of the type and
 * of the check; the rules between fields, and between session and plan, are in session-rules.ts.
 */

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

/** Why a session was stopped or not done. */
export const statusReasons = [
  'patient-no-show',
  'patient-declined',
  'contraindication-found',
  'therapist-unavailable',
  'adverse-event',
  'other',
] as const;

/** Codes of CodeSystem/adverse-event (catalogue ae.*). `other` needs words in `action`. */
export const adverseEventCodes = [
  'pain',
  'ecchymosis',
  'hematoma',
  'dizziness',
  'syncope',
  'skin',
  'fatigue',
  'headache',
  'nausea',
  'other',
] as const;

const PreScreenSchema = Type.Object(
  {
    askedAt: InstantSchema,
    changedSinceLast: Type.Boolean(),
    temperatureCel: optional(Type.Number({ minimum: 30, maximum: 45 })),
    bpSystolic: optional(Type.Number({ minimum: 40, maximum: 300 })),
    bpDiastolic: optional(Type.Number({ minimum: 20, maximum: 200 })),
    findings: Type.Array(
      Type.Object({ ruleId: optional(TextSchema), text: optional(TextSchema), region: optional(TextSchema) }, closed),
    ),
    decision: oneOf(['proceed', 'modify', 'defer']),
  },
  closed,
);

const TreatmentSchema = Type.Object(
  {
    /** Code of CodeSystem/massage-technique, for example `classic`. */
    technique: TextSchema,
    /** Our concept, for example `lumbar` (catalogue site.*). */
    bodySite: TextSchema,
    laterality: optional(LateralitySchema),
    durationMin: optional(Type.Integer({ minimum: 1, maximum: 180 })),
    pressure: oneOf(['light', 'moderate', 'deep']),
    equipment: optional(TextSchema),
    medium: oneOf(['none', 'oil', 'lotion', 'other']),
  },
  closed,
);

const MeasurementSchema = Type.Object(
  {
    /** Id of a measure file, for example `pain-nrs`. */
    measure: TextSchema,
    phase: oneOf(['pre', 'post', 'interval']),
    value: Type.Number(),
    /** UCUM code; must be the measure's. */
    unit: TextSchema,
    bodySite: optional(TextSchema),
    laterality: optional(LateralitySchema),
    movement: optional(TextSchema),
    motion: optional(oneOf(['active', 'passive'])),
    at: InstantSchema,
    reportedBy: oneOf(['patient', 'therapist']),
    /** Set by us where a session has two measurements of one measure and phase: tells them apart in their identifiers. */
    key: optional(TextSchema),
  },
  closed,
);
export type Measurement = Static<typeof MeasurementSchema>;

const AdverseEventSchema = Type.Object(
  {
    code: oneOf(adverseEventCodes),
    severity: oneOf(['mild', 'moderate', 'severe']),
    serious: Type.Boolean(),
    onset: oneOf(['during', '<24h', 'later']),
    action: TextSchema,
    resolved: Type.Boolean(),
  },
  closed,
);
export type AdverseEvent = Static<typeof AdverseEventSchema>;

export const SessionSchema = Type.Object(
  {
    sessionId: TextSchema,
    planId: TextSchema,
    seq: Type.Integer({ minimum: 1 }),
    status: oneOf(['completed', 'stopped', 'not-done']),
    statusReason: optional(oneOf(statusReasons)),
    /** When it began; of a session that was not done, when it should have begun. */
    start: InstantSchema,
    end: optional(InstantSchema),
    /** Minutes of hands-on work; absent when the session was not done. */
    durationMin: optional(Type.Integer({ minimum: 1, maximum: 180 })),
    performer: Type.Object(
      {
        reference: TextSchema,
        name: optional(TextSchema),
        /** Code of CodeSystem/performer-kind, for example `massage-therapist`. */
        kind: TextSchema,
        qualifications: Type.Array(oneOf(['mld', 'prenatal', 'neuro', 'oncology'])),
      },
      closed,
    ),
    location: optional(Type.Object({ reference: optional(TextSchema), display: optional(TextSchema) }, closed)),
    /** Absent only when the session was not done because the patient did not come. */
    preScreen: optional(PreScreenSchema),
    consent: Type.Object({ given: Type.Boolean(), at: optional(InstantSchema) }, closed),
    treatments: Type.Array(TreatmentSchema),
    modificationsApplied: Type.Array(TextSchema),
    measurements: Type.Array(MeasurementSchema),
    /** `assessed: true` must be sent: silence is not "none". */
    adverseEvents: Type.Object({ assessed: Type.Literal(true), items: Type.Array(AdverseEventSchema) }, closed),
    outcome: optional(oneOf(['successful', 'partial', 'unsuccessful'])),
    response: optional(TextSchema),
    homeAdvice: optional(TextSchema),
    note: optional(TextSchema),
    recordedBy: TextSchema,
    recordedAt: InstantSchema,
    /** `sessionId` of the record that this one replaces. */
    amends: optional(TextSchema),
  },
  closed,
);

export type Session = Static<typeof SessionSchema>;
export type SessionStatus = Session['status'];
export type SessionTreatment = Session['treatments'][number];
