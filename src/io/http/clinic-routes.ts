import type { TSchema } from '@sinclair/typebox';
import { SessionSchema } from '../../core/plan/session.ts';
import type { Answer } from './answer.ts';
import type { ClinicRoute, ClinicWorld } from './clinic-door.ts';
import * as endings from './clinic-endings.ts';
import * as handlers from './clinic-plans.ts';
import * as schemas from './clinic-schemas.ts';
import * as sessions from './clinic-sessions.ts';
import type { Call } from './door.ts';

/** What the clinic door serves, as a table: it routes requests, and the OpenAPI document is made of it. */
export function clinicRoutes(world: ClinicWorld): ClinicRoute[] {
  return [...planRoutes(world), ...changeRoutes(world), ...sessionRoutes(world), ...deliveryRoutes(world)];
}

const json = ['application/json'] as const;

function planRoutes(world: ClinicWorld): ClinicRoute[] {
  const on = (handler: (world: ClinicWorld, call: Call) => Promise<Answer>) => (call: Call) => handler(world, call);
  const found = (description: string, schema: TSchema) => ({ 200: { description, schema } });
  return [
    {
      method: 'GET',
      path: '/plans',
      operationId: 'listPlans',
      summary: 'Plans, those changed longest ago first, page by page',
      query: [
        { name: 'status', description: 'one or more states of a plan, separated by commas; may be repeated' },
        { name: 'partner', description: 'only of this hospital' },
        { name: 'updatedSince', description: 'only those changed at or after this instant' },
        { name: 'after', description: 'cursor of the page before' },
        { name: 'limit', description: 'plans a page, 1 to 200; 50' },
      ],
      answers: found('One page of plans', schemas.PlanPageSchema),
      handle: on(handlers.listPlans),
    },
    {
      method: 'GET',
      path: '/plans/:planId',
      operationId: 'readPlan',
      summary: 'A plan with its findings and questions; its version is the ETag',
      answers: found('The plan', schemas.PlanRecordSchema),
      handle: on(handlers.readPlan),
    },
    {
      method: 'GET',
      path: '/plans/:planId/briefing',
      operationId: 'readBriefing',
      summary: 'What the therapist must know and do before the first session, in words',
      answers: found('Findings, duties and free text', schemas.BriefingSchema),
      handle: on(handlers.readBriefing),
    },
    {
      method: 'GET',
      path: '/plans/:planId/history',
      operationId: 'readPlanHistory',
      summary: 'What happened to a plan, oldest first',
      answers: found('The history', schemas.HistorySchema),
      handle: on(handlers.readHistory),
    },
  ];
}

function changeRoutes(world: ClinicWorld): ClinicRoute[] {
  const route = (
    method: 'PUT' | 'POST',
    path: string,
    operationId: string,
    summary: string,
    body: TSchema,
    handler: (world: ClinicWorld, call: Call) => Promise<Answer>,
  ): ClinicRoute => ({
    method,
    path,
    operationId,
    summary,
    body,
    takes: json,
    conditional: true,
    answers: { 200: { description: 'The plan as it is now', schema: schemas.PlanRecordSchema } },
    handle: (call) => handler(world, call),
  });
  return [
    route(
      'PUT',
      '/plans/:planId/assessment',
      'assess',
      'The assessment, and goals with it; needed before the first session',
      schemas.AssessmentSchema,
      handlers.putAssessment,
    ),
    route('PUT', '/plans/:planId/goals', 'setGoals', 'All goals of a plan', schemas.GoalsSchema, handlers.putGoals),
    route(
      'POST',
      '/plans/:planId/answers',
      'answerMissing',
      'What the order left open, filled by a named person; the plan is then decided anew',
      schemas.MissingDataSchema,
      handlers.postAnswers,
    ),
    route(
      'PUT',
      '/plans/:planId/findings/:ruleId',
      'decideFinding',
      'A named person clears, overrides or reopens a finding of the screening',
      schemas.FindingDecisionSchema,
      handlers.putFinding,
    ),
    route(
      'POST',
      '/plans/:planId/stop',
      'stopCourse',
      'End a course before all sessions; the hospital is told the reason and, after sessions, gets their summary',
      endings.StopSchema,
      endings.postStop,
    ),
    route(
      'POST',
      '/plans/:planId/cancellation',
      'decideCancellation',
      'Answer the wish of the hospital to cancel a course that has begun',
      endings.CancellationDecisionSchema,
      endings.postCancellation,
    ),
  ];
}

function sessionRoutes(world: ClinicWorld): ClinicRoute[] {
  const on = (handler: (world: ClinicWorld, call: Call) => Promise<Answer>) => (call: Call) => handler(world, call);
  return [
    {
      method: 'POST',
      path: '/plans/:planId/sessions',
      operationId: 'recordSession',
      summary: 'One treatment, done or not; the hospital is told. The same session again changes nothing',
      body: SessionSchema,
      takes: json,
      answers: {
        201: { description: 'Recorded; its outcome is on the way', schema: schemas.SessionRecordSchema },
        200: { description: 'It was recorded before', schema: schemas.SessionRecordSchema },
      },
      handle: on(sessions.postSession),
    },
    {
      method: 'GET',
      path: '/plans/:planId/sessions',
      operationId: 'listSessions',
      summary: 'The sessions of a plan',
      answers: { 200: { description: 'The sessions', schema: schemas.SessionListSchema } },
      handle: on(sessions.listSessions),
    },
  ];
}

function deliveryRoutes(world: ClinicWorld): ClinicRoute[] {
  const on = (handler: (world: ClinicWorld, call: Call) => Promise<Answer>) => (call: Call) => handler(world, call);
  return [
    {
      method: 'GET',
      path: '/plans/:planId/deliveries',
      operationId: 'listPlanDeliveries',
      summary: 'What was sent to the hospital for a plan, with proof, and what waits and why',
      answers: { 200: { description: 'The deliveries', schema: schemas.DeliveryListSchema } },
      handle: on(sessions.listDeliveries),
    },
    {
      method: 'GET',
      path: '/deliveries',
      operationId: 'listWaitingDeliveries',
      summary: 'Deliveries of all plans that wait for a person, oldest first',
      query: [{ name: 'limit', description: 'at most so many, 1 to 200; 50' }],
      answers: { 200: { description: 'The deliveries', schema: schemas.DeliveryListSchema } },
      handle: on(sessions.listWaiting),
    },
    {
      method: 'GET',
      path: '/deliveries/:deliveryId',
      operationId: 'readDelivery',
      summary: 'One delivery',
      answers: { 200: { description: 'The delivery', schema: schemas.DeliverySchema } },
      handle: on(sessions.readDelivery),
    },
    {
      method: 'POST',
      path: '/deliveries/:deliveryId/retry',
      operationId: 'retryDelivery',
      summary: 'Try a waiting delivery again, by the word of a named person',
      body: schemas.RetrySchema,
      takes: json,
      answers: { 200: { description: 'The delivery, on its way again', schema: schemas.DeliverySchema } },
      handle: on(sessions.postRetry),
    },
  ];
}
