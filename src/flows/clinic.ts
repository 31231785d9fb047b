import { type Issue, isFault } from '../core/fhir/issue.ts';
import { checkTreatmentPlan } from '../core/plan/check.ts';
import { isFinal } from '../core/plan/states.ts';
import type { ScreeningFinding, TreatmentPlan } from '../core/plan/treatment-plan.ts';
import { type Changed, type ChangeWorld, changePlan, type PlanChange, refused, type Step } from './change-plan.ts';
import type { Drafting } from './plan.ts';
import { reconsider } from './reconsider.ts';
import type { PlanRecord } from './records.ts';
import type { Store } from './store.ts';

/** What the clinic does to a plan besides recording sessions (record-session.ts). */
export interface ClinicWorld extends ChangeWorld {
  readonly store: ChangeWorld['store'] & Pick<Store, 'referral' | 'delivery' | 'retry'>;
  /** The rules by which a new plan is screened and decided. */
  readonly drafting: Pick<Drafting, 'screen' | 'decide'>;
}

/** The version that the caller read; undefined: it did not say. */
export type ExpectedVersion = number | undefined;

export interface Assessing {
  readonly assessment?: NonNullable<TreatmentPlan['assessment']>;
  /** All goals: those that were there and are not here are dropped. */
  readonly goals?: TreatmentPlan['goals'];
}

/** Write down the assessment, the goals or both; the same again changes nothing. */
export function assess(
  world: ClinicWorld,
  planId: string,
  told: Assessing,
  by: string,
  expected: ExpectedVersion,
): Promise<Changed<PlanRecord>> {
  return changePlan(world, planId, (record) => {
    const stop = staleOrEnded(record, expected);
    if (stop !== undefined) return stop;
    const plan = { ...record.plan, ...told };
    if (isSame(plan, record.plan)) return { kind: 'done' };
    const detail = { assessment: told.assessment !== undefined, goals: told.goals?.length ?? plan.goals.length };
    return checkedChange({ plan, history: [entry(world, record, 'assessed', by, detail)] });
  });
}

export interface FindingDecision {
  readonly ruleId: string;
  /** Only the finding of this region, where one rule found several. */
  readonly region?: string;
  /** cleared: it does not hold any more. overridden: it holds, and treatment goes on in spite of it. open: back again. */
  readonly state: ScreeningFinding['state'];
  /** Who answers for it, by name. */
  readonly by: string;
  readonly reason: string;
}

/** A named person decides on a finding of the screening; the plan is then decided anew. */
export function decideFinding(
  world: ClinicWorld,
  planId: string,
  decision: FindingDecision,
  expected: ExpectedVersion,
): Promise<Changed<PlanRecord>> {
  return changePlan(world, planId, (record) => {
    const stop = staleOrEnded(record, expected);
    if (stop !== undefined) return stop;
    const { ruleId, region, state, by, reason } = decision;
    const isMeant = (one: ScreeningFinding) => one.ruleId === ruleId && (region === undefined || one.region === region);
    const { findings } = record.plan.screening;
    if (!findings.some(isMeant)) {
      const known = [...new Set(findings.map((one) => one.ruleId))].join(', ') || 'none';
      const message = `Plan ${planId} has no finding of rule ${ruleId}${region === undefined ? '' : ` for ${region}`}; it has ${known}.`;
      return refused(422, issue('finding-unknown', 'not-found', 'TreatmentPlan.screening.findings', message));
    }
    if (findings.filter(isMeant).every((one) => one.state === state && one.by === by && one.reason === reason)) {
      return { kind: 'done' };
    }
    const at = world.now();
    const decided = findings.map((one) => (isMeant(one) ? { ...one, state, by, at, reason } : one));
    const plan = { ...record.plan, screening: { ...record.plan.screening, findings: decided } };
    const detail = { ruleId, state, ...(region === undefined ? {} : { region }) };
    return decideAgain(world, record, { plan, history: [entry(world, record, `finding-${state}`, by, detail)] });
  });
}

/** What the clinic found out for a plan that waits: only what the order left open. */
export interface MissingData {
  readonly dosage?: TreatmentPlan['dosage'];
  readonly bodySites?: TreatmentPlan['bodySites'];
  readonly scope?: TreatmentPlan['scope'];
  readonly technique?: readonly string[];
  readonly screening?: { readonly completeness: TreatmentPlan['screening']['completeness'] };
  /** Who answered, by name: the prescriber on the telephone, or who asked. */
  readonly by: string;
}

/** Fill what an order left open. What the prescriber did say is never overwritten: that is a new order. */
export function answerMissing(
  world: ClinicWorld,
  planId: string,
  told: MissingData,
  expected: ExpectedVersion,
): Promise<Changed<PlanRecord>> {
  return changePlan(world, planId, (record) => {
    const stop = staleOrEnded(record, expected);
    if (stop !== undefined) return stop;
    const plan = filled(record.plan, told);
    const overwritten = contradictions(record.plan, plan, told.dosage ?? {});
    if (overwritten.length > 0) return refused(422, ...overwritten);
    if (isSame(plan, record.plan)) return { kind: 'done' };
    const detail = { filled: Object.keys(told).filter((name) => name !== 'by') };
    return decideAgain(world, record, { plan, history: [entry(world, record, 'answered', told.by, detail)] });
  });
}

/** A delivery that waits for a person is tried again. @returns false when it does not wait. */
export async function retryDelivery(
  world: ClinicWorld,
  id: string,
  by: string,
): Promise<'done' | 'unknown' | 'not-waiting'> {
  const delivery = await world.store.delivery(id);
  if (delivery === undefined) return 'unknown';
  return (await world.store.retry(id, world.now(), by)) ? 'done' : 'not-waiting';
}

/** The plan as changed must still be one. */
function checkedChange(change: PlanChange): Step {
  const faults = checkTreatmentPlan(change.plan).filter(isFault);
  return faults.length > 0 ? refused(422, ...faults) : { kind: 'change', change, issues: [] };
}

/** Before treatment began, a plan's state follows from what it says now: the same rules as for a new one. */
async function decideAgain(world: ClinicWorld, record: PlanRecord, change: PlanChange): Promise<Step> {
  const step = checkedChange(change);
  if (step.kind !== 'change' || record.plan.status === 'in-progress') return step;
  const referral = await world.store.referral(record.referralId);
  if (referral === undefined) throw new Error(`Plan ${record.plan.planId} has no referral.`);
  return { ...step, change: { ...change, ...reconsider(world.drafting, referral, change.plan) } };
}

/** Refuses a change that rests on an older version, or that comes after the end. */
export function staleOrEnded(record: PlanRecord, expected: ExpectedVersion): Step | undefined {
  const { planId, status } = record.plan;
  if (expected !== undefined && expected !== record.version) {
    const message = `Plan ${planId} has version ${record.version}, not ${expected}; read it again.`;
    return refused(412, issue('version-stale', 'conflict', '', message));
  }
  if (!isFinal(status)) return undefined;
  const message = `Plan ${planId} is ${status}; nothing can be changed in it any more.`;
  return refused(422, issue('plan-ended', 'business-rule', 'TreatmentPlan.status', message));
}

function filled(plan: TreatmentPlan, told: MissingData): TreatmentPlan {
  const { dosage, bodySites, scope, technique, screening } = told;
  return {
    ...plan,
    ...(dosage === undefined ? {} : { dosage: { ...dosage, ...plan.dosage } }),
    ...(bodySites === undefined ? {} : { bodySites }),
    ...(scope === undefined ? {} : { scope }),
    ...(technique === undefined ? {} : { service: { ...plan.service, technique: [...technique] } }),
    ...(screening === undefined ? {} : { screening: { ...plan.screening, ...screening } }),
  };
}

function contradictions(before: TreatmentPlan, after: TreatmentPlan, dosage: TreatmentPlan['dosage']): Issue[] {
  const prescribed = Object.entries(before.dosage).map(
    ([name, value]) =>
      [`dosage.${name}`, !(name in dosage), isSame(value, dosage[name as keyof typeof dosage])] as const,
  );
  const said: readonly (readonly [path: string, isOpen: boolean, isSame: boolean])[] = [
    ...prescribed,
    ['bodySites', before.bodySites.length === 0, isSame(before.bodySites, after.bodySites)],
    ['scope', before.scope === 'unknown', before.scope === after.scope],
    [
      'service.technique',
      before.service.technique.length === 0,
      isSame(before.service.technique, after.service.technique),
    ],
  ];
  return said
    .filter(([, isOpen, same]) => !isOpen && !same)
    .map(([path]) => {
      const message = `The order says what TreatmentPlan.${path} is; another value needs another order.`;
      return issue('answer-contradicts-order', 'business-rule', `TreatmentPlan.${path}`, message);
    });
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function entry(
  world: ClinicWorld,
  record: PlanRecord,
  event: string,
  by: string,
  detail: Readonly<Record<string, unknown>>,
) {
  return { at: world.now(), about: 'plan' as const, id: record.plan.planId, event, by, detail };
}

function issue(code: string, type: Issue['type'], expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
