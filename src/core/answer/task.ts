import type { Task, TaskOutput } from '@medplum/fhirtypes';
import type { RuleSet } from '../plan/screening/rule-set.ts';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import type { Anchor, AnchorState, AnswerEvent } from './anchor.ts';
import { businessStatusCoding, fulfilmentTaskProfile, taskParameterSystem, ucumSystem } from './codes.ts';
import { focusOf, identifiersOf, patientOf, prescriberOf } from './parties.ts';
import type { Partner } from './partner.ts';
import { project } from './project.ts';
import { type Question, toTaskInput } from './question.ts';
import { statusReasonFor } from './status-reason.ts';

/** What came of one session, as references at the place where the Task will stand. */
export interface ReportedSession {
  /** For example `Procedure/17`. */
  readonly procedure: string;
  readonly observations: readonly string[];
}

/** Everything that an answer is computed from; the same request gives the same Task. */
export interface AnswerRequest {
  readonly plan: TreatmentPlan;
  readonly referral: {
    /** Ours: the id under /fhir/ServiceRequest, and of the Task that stands here. */
    readonly id: string;
    /** The hospital's number of it. */
    readonly placer: { readonly system: string; readonly value: string };
  };
  readonly partner: Pick<Partner, 'baseUrl'>;
  /** The partner's anchor: `anchors.get(partner.anchor)`. */
  readonly anchor: Anchor;
  /** What happened last, where the plan's state does not tell; without it `none`. */
  readonly event?: AnswerEvent;
  /** Codes of CodeSystem/status-reason, the weightiest first: from `decide`, or from what ended the plan. */
  readonly reasons: readonly string[];
  readonly questions: readonly Question[];
  /** In the order of the sessions. */
  readonly outcomes: readonly ReportedSession[];
  /** Reference of the series summary, for example `DiagnosticReport/3`. */
  readonly summary?: string;
  /** Where the Task will stand: at the hospital, whose references stay as they are, or here, where they become absolute. */
  readonly at: 'hospital' | 'here';
  /** Where the hospital's Task stands now, if it is known: some endings are told differently from there. */
  readonly from?: AnchorState;
  /** For the sentences of findings. */
  readonly rules?: RuleSet;
  /** The practice. */
  readonly owner?: NonNullable<Task['owner']>;
  /** An instant: when the plan came into this state. Task.lastModified. */
  readonly now: string;
}

/** Statuses that say why; the others need not. */
const explained = new Set(['on-hold', 'rejected', 'failed', 'cancelled']);

/**
 * Compute the Task that answers a referral: a MassageFulfilmentTask.
 *
 * @returns Status and business status projected for the partner's anchor, the reason as code and sentence, questions as
 *   `input`, Procedures, Observations, the progress n of N and the summary as `output`.
 * @see https://hl7.org/fhir/R4/task.html and docs/answers.md
 */
export function taskFor(request: AnswerRequest): Task {
  const { plan, referral, anchor, questions } = request;
  const event = request.event ?? (questions.length > 0 ? 'awaiting-information' : 'none');
  const told = project(plan.status, eventFor(request, event), anchor, request.from);
  const reason = explained.has(told.status) || questions.length > 0 ? statusReasonFor(request) : undefined;
  const focus = focusOf(request);
  const requester = prescriberOf(request);
  const outputs = outputsOf(request);
  const codings = [
    ...(told.business === undefined ? [] : [businessStatusCoding(told.business)]),
    ...(told.number === undefined || anchor.numberSystem === undefined
      ? []
      : [{ system: anchor.numberSystem, code: told.number }]),
  ];
  return {
    resourceType: 'Task',
    ...(request.at === 'here' ? { id: referral.id } : {}),
    meta: { profile: [fulfilmentTaskProfile] },
    identifier: identifiersOf(request),
    basedOn: [focus],
    status: told.status,
    ...(reason === undefined ? {} : { statusReason: reason }),
    ...(codings.length === 0 ? {} : { businessStatus: { coding: codings } }),
    intent: 'order',
    priority: plan.priority,
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus,
    for: patientOf(request),
    authoredOn: plan.source.receivedAt,
    lastModified: request.now,
    ...(requester === undefined ? {} : { requester }),
    ...(request.owner === undefined ? {} : { owner: request.owner }),
    ...(questions.length > 0 ? { input: questions.map(toTaskInput) } : {}),
    ...(outputs.length > 0 ? { output: outputs } : {}),
  };
}

/**
 * Questions about missing data leave the Task `received`; a hold for a contraindication or by policy is `on-hold`, so
 * that nobody at the hospital takes it for a mere formality (docs/answers.md).
 */
function eventFor({ plan, reasons }: AnswerRequest, event: AnswerEvent): AnswerEvent {
  if (event !== 'awaiting-information' || plan.status !== 'held') return event;
  const [first] = reasons;
  return first === undefined || first.startsWith('missing-') ? event : 'none';
}

function outputsOf({ plan, outcomes, summary }: AnswerRequest): TaskOutput[] {
  const entry = (code: string, reference: string): TaskOutput => ({
    type: parameter(code),
    valueReference: { reference },
  });
  const { sessions } = plan.dosage;
  const began = plan.status === 'in-progress' || plan.progress.delivered > 0 || outcomes.length > 0;
  return [
    ...outcomes.flatMap(({ procedure, observations }) => [
      entry('session', procedure),
      ...observations.map((observation) => entry('measurement', observation)),
    ]),
    ...(sessions === undefined || !began ? [] : [progress(plan.progress.delivered, sessions)]),
    ...(summary === undefined ? [] : [entry('summary', summary)]),
  ];
}

/** 4 of 10 sessions: https://build.fhir.org/ig/HL7/fhir-cow-ig/ (tracking progress). */
function progress(delivered: number, sessions: number): TaskOutput {
  const count = (value: number) => ({ value, unit: 'session', system: ucumSystem, code: '{session}' });
  return { type: parameter('progress'), valueRatio: { numerator: count(delivered), denominator: count(sessions) } };
}

function parameter(code: string) {
  return { coding: [{ system: taskParameterSystem, code }] };
}
