import { planStatuses } from '../../core/plan/treatment-plan.ts';
import type { Briefing } from '../../flows/brief-therapist.ts';
import type { Changed, Refused } from '../../flows/change-plan.ts';
import type { Assessing, FindingDecision, MissingData } from '../../flows/clinic.ts';
import type { PlanRecord } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, notFound, Refusal, refusal } from './answer.ts';
import { readJson } from './clinic-body.ts';
import * as schemas from './clinic-schemas.ts';
import type { Call } from './door.ts';
import { isId } from './request.ts';
import { pageSize } from './search-parameters.ts';

/** The flows of src/flows/clinic.ts, bound to the world by main.ts. */
export interface PlansWorld {
  readonly store: Pick<Store, 'plan' | 'plans' | 'history'>;
  readonly assess: (
    planId: string,
    told: Assessing,
    by: string,
    expected: number | undefined,
  ) => Promise<Changed<PlanRecord>>;
  readonly decideFinding: (
    planId: string,
    decision: FindingDecision,
    expected: number | undefined,
  ) => Promise<Changed<PlanRecord>>;
  /** src/flows/brief-therapist.ts */
  readonly briefing: (record: PlanRecord) => Promise<Briefing>;
  readonly answerMissing: (
    planId: string,
    told: MissingData,
    expected: number | undefined,
  ) => Promise<Changed<PlanRecord>>;
}

export async function listPlans(world: PlansWorld, call: Call): Promise<Answer> {
  const { query } = call;
  const statuses = query
    .getAll('status')
    .flatMap((value) => value.split(','))
    .filter((one) => one !== '');
  const known: readonly string[] = planStatuses;
  if (statuses.some((one) => !known.includes(one))) throw badParameter(`status must be one of ${known.join(', ')}.`);
  const [partner, after, updatedSince] = ['partner', 'after', 'updatedSince'].map(
    (name) => query.get(name) ?? undefined,
  );
  if (updatedSince !== undefined && Number.isNaN(Date.parse(updatedSince))) {
    throw badParameter('updatedSince must be an instant such as 2026-11-26T09:30:00Z.');
  }
  const page = await world.store.plans({
    limit: limitOf(query),
    ...(statuses.length === 0 ? {} : { statuses }),
    ...(partner === undefined ? {} : { partner }),
    ...(after === undefined ? {} : { after }),
    ...(updatedSince === undefined ? {} : { updatedSince: new Date(updatedSince).toISOString() }),
  });
  return { status: 200, body: page };
}

export async function readPlan(world: PlansWorld, call: Call): Promise<Answer> {
  return planAnswer(await planOf(world.store, call));
}

export async function readHistory(world: PlansWorld, call: Call): Promise<Answer> {
  const { plan } = await planOf(world.store, call);
  return { status: 200, body: { items: await world.store.history('plan', plan.planId) } };
}

export async function readBriefing(world: PlansWorld, call: Call): Promise<Answer> {
  return { status: 200, body: await world.briefing(await planOf(world.store, call)) };
}

export async function putAssessment(world: PlansWorld, call: Call): Promise<Answer> {
  const told = readJson<Assessing>('Assessment', schemas.AssessmentSchema, call.body.text);
  return changedPlan(await world.assess(idOf(call), told, call.caller, expectedVersion(call)));
}

export async function putGoals(world: PlansWorld, call: Call): Promise<Answer> {
  const told = readJson<Assessing>('Goals', schemas.GoalsSchema, call.body.text);
  return changedPlan(await world.assess(idOf(call), told, call.caller, expectedVersion(call)));
}

export async function postAnswers(world: PlansWorld, call: Call): Promise<Answer> {
  const told = readJson<MissingData>('Answers', schemas.MissingDataSchema, call.body.text);
  return changedPlan(await world.answerMissing(idOf(call), told, expectedVersion(call)));
}

export async function putFinding(world: PlansWorld, call: Call): Promise<Answer> {
  const told = readJson<Omit<FindingDecision, 'ruleId'>>(
    'FindingDecision',
    schemas.FindingDecisionSchema,
    call.body.text,
  );
  const { ruleId = '' } = call.params;
  if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(ruleId)) throw notFound('finding');
  return changedPlan(await world.decideFinding(idOf(call), { ...told, ruleId }, expectedVersion(call)));
}

/** The plan of the address. */
export async function planOf(store: Pick<Store, 'plan'>, call: Call): Promise<PlanRecord> {
  const record = await store.plan(idOf(call));
  if (record === undefined) throw notFound('plan');
  return record;
}

export function idOf(call: Call): string {
  const { planId } = call.params;
  if (!isId(planId)) throw notFound('plan');
  return planId;
}

/** @returns What was done; a change that could not be made is thrown as its refusal. */
export function done<T>(changed: Changed<T>): Extract<Changed<T>, { kind: 'done' }> {
  if (changed.kind === 'unknown') throw notFound('plan');
  if (changed.kind === 'refused') throw flowRefusal(changed);
  return changed;
}

/** The refusal of a flow; what passes by itself says when to come again. */
export function flowRefusal({ status, issues }: Refused): Refusal {
  return new Refusal(status, issues, status === 503 ? { 'Retry-After': '1' } : {});
}

/** `limit` of a listing. */
export function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? pageSize.usual);
  if (Number.isInteger(limit) && limit >= 1 && limit <= pageSize.most) return limit;
  throw badParameter(`limit must be a whole number from 1 to ${pageSize.most}.`);
}

export function changedPlan(changed: Changed<PlanRecord>): Answer {
  return planAnswer(done(changed).value);
}

function planAnswer(record: PlanRecord): Answer {
  return { status: 200, headers: { ETag: `"${record.version}"` }, body: record };
}

/** If-Match with the version that the caller read; `*` is any. */
export function expectedVersion(call: Call): number | undefined {
  const header = call.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw refusal(400, 'if-match', 'value', 'If-Match must be the ETag of the plan as it was read, for example "3".');
}

function badParameter(message: string): Refusal {
  return refusal(400, 'bad-parameter', 'value', message);
}
