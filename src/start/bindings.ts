import type { Task } from '@medplum/fhirtypes';
import type { AnswerEvent } from '../core/answer/anchor.ts';
import { fulfilmentTaskProfile, identifierTypeSystem } from '../core/answer/codes.ts';
import { decide } from '../core/answer/decide.ts';
import type { Partner } from '../core/answer/partner.ts';
import type { Question } from '../core/answer/question.ts';
import { taskFor } from '../core/answer/task.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { planFromReferral, type ReferralToPlan } from '../core/plan/from-referral.ts';
import { outcomeFromSession } from '../core/plan/outcome.ts';
import { factsOfPlan } from '../core/plan/screening/facts.ts';
import { screen } from '../core/plan/screening.ts';
import { isFinal } from '../core/plan/states.ts';
import type { DeliverWorld } from '../flows/deliver.ts';
import type { Drafting } from '../flows/plan.ts';
import type { PlanRecord, Referral } from '../flows/records.ts';
import type { Catalog } from './catalog.ts';

/** Core's functions, bound to the catalog: what the flows ask for as arguments. */
export interface Bindings extends Drafting, Pick<DeliverWorld, 'makeOutcome' | 'makeTask'> {
  /** The Task as it stands here, at our own door. */
  readonly taskHere: (partner: Partner, referral: Referral, record: PlanRecord | undefined) => Task;
  /** Why no plan can be made of a referral; empty when one can. */
  readonly planFaults: (referral: Referral) => readonly Issue[];
}

export interface BindingsWorld {
  readonly catalog: Catalog;
  readonly publicUrl: string;
  readonly now: () => string;
}

export function bind(world: BindingsWorld): Bindings {
  const { catalog } = world;
  const drafting = bindDrafting(world);
  return {
    ...drafting,
    makeOutcome: (session, record) =>
      outcomeFromSession({
        mapping: catalog.sessionToOutcome,
        session,
        plan: record.plan,
        measures: catalog.measures,
        partner: { id: record.partner, fhirBase: partnerOf(catalog, record.partner).baseUrl },
        now: world.now(),
      }),
    makeTask: (record, referral) => taskOf(world, partnerOf(catalog, record.partner), referral, record, 'hospital'),
    taskHere: (partner, referral, record) =>
      record === undefined ? receivedTask(referral) : taskOf(world, partner, referral, record, 'here'),
    planFaults: (referral) => {
      const made = drafting.makePlan(referral, 'draft');
      return made.ok ? [] : made.issues;
    },
  };
}

function bindDrafting(world: BindingsWorld): Drafting {
  const { catalog } = world;
  return {
    makePlan: (referral, planId) => planFromReferral(referralToPlanRequest(world, referral, planId)),
    screen: (referral, plan) =>
      screen({
        referral: referral.resource,
        ...(referral.context === null ? {} : { context: referral.context }),
        ...(referral.earlier === undefined ? {} : { earlier: referral.earlier }),
        facts: factsOfPlan(plan),
        rules: catalog.rules,
        now: world.now(),
        settings: partnerOf(catalog, referral.partner).screeningSettings ?? [],
      }),
    decide: (referral, plan, screening) =>
      decide({
        referral: referral.resource,
        plan,
        screening,
        policy: partnerOf(catalog, referral.partner).policy,
        rules: catalog.rules,
        now: world.now(),
      }),
  };
}

/** What the mapping of a referral is given. */
export function referralToPlanRequest(world: BindingsWorld, referral: Referral, planId: string): ReferralToPlan {
  const { catalog, publicUrl } = world;
  return {
    mapping: catalog.referralToPlan,
    referral: referral.resource,
    ...(referral.context === null ? {} : { context: referral.context }),
    ...(referral.earlier === undefined ? {} : { earlier: referral.earlier }),
    envelope: {
      planId,
      ruleSetVersion: catalog.rules.version,
      source: sourceOf(referral, partnerOf(catalog, referral.partner), publicUrl),
      reporting: partnerOf(catalog, referral.partner).reporting ?? { perSession: true, finalSummary: true },
      now: world.now(),
    },
  };
}

/** Where the order came from: its own id at the hospital, or ours when it came without one. */
function sourceOf(referral: Referral, partner: Partner, publicUrl: string) {
  const { id, meta } = referral.resource as { readonly id?: string; readonly meta?: { readonly versionId?: string } };
  return {
    serverBase: id === undefined ? `${publicUrl}/fhir` : partner.baseUrl,
    resourceId: id ?? referral.id,
    ...(meta?.versionId === undefined ? {} : { versionId: meta.versionId }),
    profile: partner.profile,
    payloadHash: referral.bytesHash,
    receivedAt: referral.receivedAt,
  };
}

function taskOf(
  { catalog }: BindingsWorld,
  partner: Partner,
  referral: Referral,
  record: PlanRecord,
  at: 'hospital' | 'here',
): Task {
  const anchor = catalog.anchors.get(partner.anchor);
  if (anchor === undefined) throw new Error(`Partner ${partner.id} has the unknown anchor "${partner.anchor}".`);
  const event = eventOf(record);
  const outcomes = record.outcomes ?? [];
  const summary = outcomes
    .find(({ kind }) => kind === 'summary')
    ?.resources.find(({ type }) => type === 'DiagnosticReport');
  const task = taskFor({
    plan: record.plan,
    referral,
    partner,
    anchor,
    reasons: record.reasons,
    questions: record.questions as readonly Question[],
    outcomes: outcomes.filter(({ kind }) => kind === 'outcome').map(reported),
    ...(summary === undefined ? {} : { summary: referenceTo(summary) }),
    at,
    ...(event === undefined ? {} : { event }),
    ...(begunAndEnded(record) ? { from: { status: 'in-progress' } } : {}),
    rules: catalog.rules,
    now: record.updatedAt,
  });
  if (at === 'hospital') return task;
  return { ...task, meta: { ...task.meta, versionId: String(record.version), lastUpdated: record.updatedAt } };
}

/** What happened last, where the plan's state does not tell it. */
function eventOf({ plan, reasons, cancellations }: PlanRecord): AnswerEvent | undefined {
  if (isFinal(plan.status)) return undefined;
  if (cancellations?.some(({ state }) => state === 'requested')) return 'cancellation-requested';
  return plan.status === 'in-progress' && reasons.includes('order-on-hold') ? 'order-on-hold' : undefined;
}

/** Its Task stood in progress before it ended: in some standards the ways from there are others. */
function begunAndEnded({ plan }: PlanRecord): boolean {
  return isFinal(plan.status) && plan.progress.delivered > 0;
}

function reported({ resources }: NonNullable<PlanRecord['outcomes']>[number]) {
  const named = (type: string) => resources.filter((one) => one.type === type).map(referenceTo);
  return { procedure: named('Procedure')[0] ?? '', observations: named('Observation') };
}

/** Inside a transaction a resource has no id yet: its urn:uuid stands for it. */
function referenceTo({ type, id }: { readonly type: string; readonly id: string }): string {
  return id.startsWith('urn:') ? id : `${type}/${id}`;
}

/** Before a worker has made the plan: the referral is here, that is all that is known. */
function receivedTask(referral: Referral): Task {
  const { subject, requester } = referral.resource as {
    readonly subject?: NonNullable<Task['for']>;
    readonly requester?: NonNullable<Task['requester']>;
  };
  const placer = { coding: [{ system: identifierTypeSystem, code: 'PLAC' }] };
  return {
    resourceType: 'Task',
    id: referral.id,
    meta: { profile: [fulfilmentTaskProfile], versionId: '0', lastUpdated: referral.updatedAt },
    identifier: [{ type: placer, ...referral.placer }],
    status: 'received',
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus: { reference: `ServiceRequest/${referral.id}` },
    ...(subject === undefined ? {} : { for: subject }),
    authoredOn: referral.receivedAt,
    lastModified: referral.updatedAt,
    ...(requester === undefined ? {} : { requester }),
  };
}

function partnerOf(catalog: Catalog, id: string): Partner {
  const partner = catalog.partners.get(id);
  if (partner === undefined) throw new Error(`Partner ${id} has no file in mappings/partners.`);
  return partner;
}
