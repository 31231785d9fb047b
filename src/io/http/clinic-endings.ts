import { Type } from '@sinclair/typebox';
import type { CancellationDecision } from '../../flows/cancel.ts';
import type { Changed } from '../../flows/change-plan.ts';
import type { PlanRecord } from '../../flows/records.ts';
import type { Stopping } from '../../flows/stop.ts';
import type { Answer } from './answer.ts';
import { readJson } from './clinic-body.ts';
import { changedPlan, expectedVersion, idOf } from './clinic-plans.ts';
import type { Call } from './door.ts';

/** How the clinic ends a course, or answers the hospital's wish to end it. */
export interface EndingsWorld {
  /** src/flows/stop.ts */
  readonly stop: (planId: string, stopping: Stopping, expected: number | undefined) => Promise<Changed<PlanRecord>>;
  /** src/flows/cancel.ts */
  readonly decideCancellation: (
    planId: string,
    decision: CancellationDecision,
    expected: number | undefined,
  ) => Promise<Changed<PlanRecord>>;
}

const closed = { additionalProperties: false } as const;
const person = Type.String({ minLength: 1, description: 'the name of the person who answers for it' });

/** The reasons are those of src/flows/stop.ts; a test compares. */
export const StopSchema = Type.Object(
  {
    by: person,
    reason: Type.Unsafe<Stopping['reason']>({
      type: 'string',
      enum: [
        'patient-declined',
        'patient-unreachable',
        'contraindication-reported',
        'red-flag',
        'no-therapist-for-body-region',
        'outside-area',
        'capacity-full',
      ],
      description: 'code of CodeSystem/status-reason; the hospital is told it',
    }),
  },
  closed,
);

export const CancellationDecisionSchema = Type.Object(
  {
    accept: Type.Boolean({ description: 'true ends the course, false lets it go on' }),
    by: person,
    reason: Type.String({ minLength: 1, description: 'why; the hospital is told it' }),
  },
  closed,
);

export async function postStop(world: EndingsWorld, call: Call): Promise<Answer> {
  const stopping = readJson<Stopping>('Stop', StopSchema, call.body.text);
  return changedPlan(await world.stop(idOf(call), stopping, expectedVersion(call)));
}

export async function postCancellation(world: EndingsWorld, call: Call): Promise<Answer> {
  const decision = readJson<CancellationDecision>('CancellationDecision', CancellationDecisionSchema, call.body.text);
  return changedPlan(await world.decideCancellation(idOf(call), decision, expectedVersion(call)));
}
