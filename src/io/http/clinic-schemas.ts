import { Type } from '@sinclair/typebox';
import { SessionSchema } from '../../core/plan/session.ts';
import { TreatmentPlanSchema } from '../../core/plan/treatment-plan.ts';

/**
 * What goes in and out of the clinic door. Plan and session are the schemas of core, so the OpenAPI document, the types
 * and the checks are one thing.
 */

const closed = { additionalProperties: false } as const;
const instant = Type.String({ format: 'date-time' });
const person = Type.String({ minLength: 1, description: 'the name of the person who answers for it' });
const { properties: plan } = TreatmentPlanSchema;

export const IssueSchema = Type.Object({
  severity: Type.Unsafe<string>({ type: 'string', enum: ['fatal', 'error', 'warning', 'information'] }),
  code: Type.String({ description: 'our stable code; all are explained in docs/issues.md' }),
  type: Type.String({ description: 'code of http://hl7.org/fhir/issue-type' }),
  expression: Type.String({ description: 'path of the element, for example Session.measurements[0].value' }),
  message: Type.String(),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
  rule: Type.Optional(Type.String()),
});

export const RefusalSchema = Type.Object({ issues: Type.Array(IssueSchema) });

export const PlanRecordSchema = Type.Object({
  plan: TreatmentPlanSchema,
  referralId: Type.String(),
  partner: Type.String(),
  version: Type.Integer({ minimum: 1, description: 'also the ETag; send it back as If-Match' }),
  reasons: Type.Array(Type.String()),
  questions: Type.Array(Type.Unknown(), { description: 'what the prescriber is asked while the plan is held' }),
  referralVersion: Type.Optional(
    Type.Integer({ minimum: 1, description: 'version of the order that the plan follows' }),
  ),
  cancellations: Type.Optional(
    Type.Array(
      Type.Object({
        taskId: Type.String(),
        state: Type.Unsafe<string>({ type: 'string', enum: ['requested', 'accepted', 'rejected', 'withdrawn'] }),
        requestedBy: Type.String(),
        requestedAt: instant,
        reason: Type.Union([Type.String(), Type.Null()]),
        decided: Type.Optional(Type.Object({ by: Type.String(), at: instant, reason: Type.String() })),
      }),
      { description: 'wishes of the hospital to cancel after work began; one that is requested waits for the clinic' },
    ),
  ),
  follows: Type.Optional(
    Type.Object(
      {
        how: Type.Unsafe<string>({ type: 'string', enum: ['replaces', 'extends'] }),
        referralId: Type.String(),
      },
      { description: 'the order before it' },
    ),
  ),
  deadlines: Type.Optional(
    Type.Object(
      {
        askedAt: Type.Optional(instant),
        isReminded: Type.Optional(Type.Boolean()),
        lastDay: Type.Optional(Type.String({ format: 'date' })),
      },
      {
        description:
          'since when the prescriber is asked and whether again since then; the last day on which the first session may take place (UTC)',
      },
    ),
  ),
  createdAt: instant,
  updatedAt: instant,
});

export const PlanPageSchema = Type.Object({
  items: Type.Array(PlanRecordSchema),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'send it as `after` for the next page; null at the end',
  }),
});

export const HistorySchema = Type.Object({
  items: Type.Array(
    Type.Object({
      at: instant,
      about: Type.String(),
      id: Type.String(),
      event: Type.String(),
      by: Type.String(),
      detail: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});

export const BriefingSchema = Type.Object({
  findings: Type.Array(
    Type.Object({
      ruleId: Type.String(),
      title: Type.String(),
      disposition: Type.String(),
      state: Type.String(),
      sentence: Type.String({ description: 'what it means for the treatment' }),
    }),
  ),
  duties: Type.Array(
    Type.Object({ code: Type.String(), sentence: Type.String(), ruleId: Type.Optional(Type.String()) }),
  ),
  shown: Type.Array(Type.Object({ path: Type.String(), text: Type.String() }), {
    description: 'free text of the order, which no rule decides on',
  }),
});

export const AssessmentSchema = Type.Object(
  { ...Type.Required(Type.Pick(TreatmentPlanSchema, ['assessment'])).properties, goals: Type.Optional(plan.goals) },
  closed,
);

export const GoalsSchema = Type.Object({ goals: plan.goals }, closed);

export const FindingDecisionSchema = Type.Object(
  {
    state: Type.Unsafe<'open' | 'cleared' | 'overridden'>({ type: 'string', enum: ['open', 'cleared', 'overridden'] }),
    region: Type.Optional(Type.String({ minLength: 1 })),
    by: person,
    reason: Type.String({ minLength: 1, description: 'why; it is kept with the plan' }),
  },
  closed,
);

export const MissingDataSchema = Type.Object(
  {
    dosage: Type.Optional(plan.dosage),
    bodySites: Type.Optional(plan.bodySites),
    scope: Type.Optional(plan.scope),
    technique: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    screening: Type.Optional(Type.Object({ completeness: plan.screening.properties.completeness }, closed)),
    by: person,
  },
  closed,
);

export const RetrySchema = Type.Object({ by: person }, closed);

export const SessionRecordSchema = Type.Object({
  session: SessionSchema,
  planId: Type.String(),
  contentHash: Type.String(),
  recordedAt: instant,
});

export const SessionListSchema = Type.Object({ items: Type.Array(SessionRecordSchema) });

export const DeliverySchema = Type.Object({
  id: Type.String(),
  kind: Type.Unsafe<string>({ type: 'string', enum: ['outcome', 'answer', 'summary', 'message'] }),
  partner: Type.String(),
  planId: Type.String(),
  sessionId: Type.Union([Type.String(), Type.Null()]),
  state: Type.Unsafe<string>({ type: 'string', enum: ['pending', 'sent', 'waiting', 'superseded'] }),
  attempts: Type.Integer({ minimum: 0 }),
  dueAt: instant,
  body: Type.Unknown({ description: 'what was sent, a FHIR Bundle or resource; null until it was made' }),
  proof: Type.Array(
    Type.Object({ type: Type.String(), id: Type.String(), status: Type.Integer(), identifier: Type.String() }),
    { description: 'each resource as the hospital holds it' },
  ),
  issues: Type.Array(IssueSchema, { description: 'why it waits for a person, or why the last attempt failed' }),
  createdAt: instant,
  sentAt: Type.Union([instant, Type.Null()]),
});

export const DeliveryListSchema = Type.Object({ items: Type.Array(DeliverySchema) });
