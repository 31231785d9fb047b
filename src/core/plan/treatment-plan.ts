import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { closed, DateSchema, DateTimeSchema, oneOf, TextSchema } from './fhir-parts.ts';
import {
  BodySiteSchema,
  CoverageSchema,
  DosageSchema,
  GoalSchema,
  IndicationSchema,
  ModificationSchema,
  NoteSchema,
  PatientSchema,
  PrescriberSchema,
  ScreeningSchema,
  ServiceSchema,
  SourceSchema,
} from './plan-parts.ts';

export { achievements, modificationCodes, type PlanGoal, type Screening, type ScreeningFinding } from './plan-parts.ts';

/**
 * The treatment plan: what we made of a referral. This schema is the single source of the type and of the check.
 * What is absent in the order is absent here; nothing is filled with a default. Beyond the clinical model the plan keeps
 * the words and codes of the order where our own lists have no concept (`text`, `codings`), so nothing is lost.
 */

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

/** All states of a plan; which follows which is in states.ts. */
export const planStatuses = [
  'received',
  'invalid',
  'held',
  'rejected',
  'accepted',
  'in-progress',
  'completed',
  'stopped',
  'cancelled',
  'expired',
] as const;

/** https://hl7.org/fhir/R4/valueset-request-priority.html */
export const priorities = ['routine', 'urgent', 'asap', 'stat'] as const;

export const TreatmentPlanSchema = Type.Object(
  {
    planId: TextSchema,
    schemaVersion: TextSchema,
    mappingVersion: TextSchema,
    ruleSetVersion: TextSchema,
    status: oneOf(planStatuses),
    source: SourceSchema,
    patient: PatientSchema,
    prescriber: PrescriberSchema,
    /** Absent in orders without a date, which have to be asked for it. */
    authoredOn: optional(DateTimeSchema),
    validFrom: optional(DateSchema),
    validUntil: optional(DateSchema),
    startBefore: optional(DateSchema),
    priority: oneOf(priorities),
    service: ServiceSchema,
    /** Empty where the order gives no reason: such a plan is held or rejected, it cannot be accepted. */
    indications: Type.Array(IndicationSchema),
    scope: oneOf(['local', 'regional', 'full-body', 'unknown']),
    bodySites: Type.Array(BodySiteSchema),
    dosage: DosageSchema,
    modifications: Type.Array(ModificationSchema),
    screening: ScreeningSchema,
    performerRequirement: Type.Object(
      {
        /** Codes of CodeSystem/performer-kind (catalogue perf.*). */
        kinds: Type.Array(TextSchema),
        qualifications: Type.Array(oneOf(['mld', 'prenatal', 'neuro', 'oncology'])),
        /** A person or practice that the order asks for by name or reference. */
        requested: optional(Type.Array(TextSchema)),
      },
      closed,
    ),
    assessment: optional(
      Type.Object({ performedAt: DateTimeSchema, by: TextSchema, findings: optional(TextSchema) }, closed),
    ),
    goals: Type.Array(GoalSchema),
    reporting: Type.Object(
      {
        perSession: Type.Boolean(),
        interimEvery: optional(Type.Integer({ minimum: 1 })),
        finalSummary: Type.Boolean(),
        feedbackRequested: Type.Boolean(),
      },
      closed,
    ),
    progress: Type.Object(
      {
        delivered: Type.Integer({ minimum: 0 }),
        notDone: Type.Integer({ minimum: 0 }),
        lastSessionAt: optional(DateTimeSchema),
      },
      closed,
    ),
    coverage: optional(Type.Array(CoverageSchema)),
    notes: Type.Array(NoteSchema),
    patientInstruction: optional(TextSchema),
  },
  closed,
);

export type TreatmentPlan = Static<typeof TreatmentPlanSchema>;
export type PlanStatus = TreatmentPlan['status'];
export type PlanBodySite = TreatmentPlan['bodySites'][number];
export type PlanIndication = TreatmentPlan['indications'][number];
export type PlanModification = TreatmentPlan['modifications'][number];
