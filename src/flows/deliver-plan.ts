import type { Bundle, Task } from '@medplum/fhirtypes';
import { deliveryIssue } from '../core/delivery/answer.ts';
import { type Issue, isFault } from '../core/fhir/issue.ts';
import type { OutcomeResult } from '../core/plan/outcome.ts';
import type { Session } from '../core/plan/session.ts';
import type { Validator } from '../core/validate/validator.ts';
import { isTold, taskEntry } from './answer.ts';
import type { CallEhr } from './ehr.ts';
import type { Gate } from './gate.ts';
import { knownPlacerTask, tellByPlacerTask } from './placer-task.ts';
import type { DeliveryTurn, PlanRecord, Referral, ToldOutcome } from './records.ts';
import { type Sending, type Sent, sendBundle } from './send.ts';
import {
  type DeliveredPartner,
  finish,
  type SettleWorld,
  settleFailure,
  settleSent,
  toldOutcome,
  wait,
} from './settle.ts';
import type { LeasedDelivery, Store } from './store.ts';
import { turnOfSummary } from './summary-turn.ts';

/** What delivering needs of the world. */
export interface DeliverWorld extends SettleWorld {
  readonly store: Pick<
    Store,
    'lease' | 'settle' | 'plan' | 'referral' | 'history' | 'sessionsOfPlan' | 'deliveriesOfPlan'
  >;
  readonly call: CallEhr;
  /** Keeps a hospital that hangs from holding what goes to others; without one everybody may go. */
  readonly gate?: Gate;
  readonly validator: Validator;
  readonly partner: (id: string) => DeliveredPartner | undefined;
  /** Session -> Procedure and Observations. */
  readonly makeOutcome: (session: Session, record: PlanRecord, referral: Referral) => OutcomeResult;
  /** Version of the mapping that makes outcomes, for the history. */
  readonly outcomeVersion: string;
  /** The series' summary of a plan that ended. */
  readonly makeSummary: (record: PlanRecord, referral: Referral, sessions: readonly Session[]) => OutcomeResult;
  /** The answer to a referral, as of this plan and with its outcomes. */
  readonly makeTask: (record: PlanRecord, referral: Referral) => Task;
  /** Wraps a Task for partners that are answered by messages; undefined where Tasks are written. */
  readonly makeMessage: (task: Task, referral: Referral, record: PlanRecord) => Bundle;
}

/** Deliveries of one plan, one after another; the answer goes along with the last of them where it can. */
export async function deliverPlan(world: DeliverWorld, group: readonly LeasedDelivery[]): Promise<void> {
  const inOrder = [...group].sort((a, b) => order(a.delivery) - order(b.delivery));
  const answer = inOrder.find(({ delivery }) => delivery.kind === 'answer');
  const others = inOrder.filter((leased) => leased !== answer);
  // What the lease read is true until the first delivery has changed the plan.
  let course: ReadCourse | undefined = group.find(({ plan }) => plan !== undefined);
  for (const [index, leased] of others.entries()) {
    const isLast = index === others.length - 1;
    const answered = await deliverOne(
      world,
      leased,
      course ?? (await readCourse(world, leased)),
      isLast ? answer : undefined,
    );
    if (answered) return;
    course = undefined;
  }
  if (answer !== undefined) await deliverAnswer(world, answer, course ?? (await readCourse(world, answer)));
}

function order({ priority, createdAt }: DeliveryTurn): number {
  return priority * 1e14 + Date.parse(createdAt);
}

type ReadCourse = Pick<LeasedDelivery, 'plan' | 'referral'>;

async function readCourse(world: DeliverWorld, { delivery }: LeasedDelivery): Promise<ReadCourse> {
  const plan = await world.store.plan(delivery.planId);
  const referral = plan && (await world.store.referral(plan.referralId));
  return { ...(plan === undefined ? {} : { plan }), ...(referral === undefined ? {} : { referral }) };
}

/** Everything that one delivery is made of. */
interface Material {
  readonly record: PlanRecord;
  readonly referral: Referral;
  readonly partner: DeliveredPartner;
}

function materialOf(world: DeliverWorld, delivery: DeliveryTurn, { plan, referral }: ReadCourse): Material | Issue {
  if (plan === undefined || referral === undefined) {
    return deliveryIssue('plan-missing', 'not-found', `Delivery ${delivery.id} belongs to a plan that is not here.`);
  }
  const partner = world.partner(delivery.partner);
  if (partner === undefined) {
    const message = `Partner ${delivery.partner} has no file in mappings/partners any more; put it back, then retry.`;
    return deliveryIssue('partner-unknown', 'not-found', message);
  }
  return { record: plan, referral, partner };
}

/** @returns whether the answer, when one was handed in, was in the same call and is settled with it. */
async function deliverOne(
  world: DeliverWorld,
  leased: LeasedDelivery,
  course: ReadCourse,
  answer: LeasedDelivery | undefined,
): Promise<boolean> {
  const { delivery } = leased;
  const material = materialOf(world, delivery, course);
  if ('severity' in material) return wait(world, leased, null, [material]);
  const dueAt = await turnOfSummary(world, delivery);
  if (dueAt !== undefined) {
    await finish(world, leased, { kind: 'again', dueAt, issues: [] });
    return false;
  }
  const made = await make(world, leased, material);
  if (!made.ok) return wait(world, leased, null, made.issues);
  const faults = faultsOf(world, made.bundle);
  if (faults.length > 0) return wait(world, leased, made.bundle, faults);
  const withTask = answer === undefined ? undefined : bundleWithTask(world, made.bundle, delivery, material);
  const sent = await send(world, delivery, material, withTask ?? made.bundle);
  if (sent.kind !== 'taken') {
    await settleFailure(world, leased, made.bundle, sent);
    if (sent.kind !== 'again' || withTask === undefined || answer === undefined) return false;
    // A hospital that is not well is not asked a second time for the Task: it was in the call that failed.
    await settleFailure(world, answer, null, sent);
    return true;
  }
  const own = made.bundle.entry?.length ?? 0;
  const wentAlong =
    withTask === undefined || answer === undefined
      ? {}
      : { answer: { leased: answer, task: withTask.entry?.at(-1)?.resource, proof: sent.proof.slice(own) } };
  const taken = { body: made.bundle, proof: sent.proof.slice(0, own), ...wentAlong };
  const settled = await settleSent(world, leased, { ...material, mappingVersion: world.outcomeVersion }, taken);
  return settled && withTask !== undefined;
}

/** The fast tier answers for what conforms; only a fault costs the thorough one, which can name it. */
function faultsOf({ validator }: DeliverWorld, resource: unknown): readonly Issue[] {
  return validator.accepts(resource) ? [] : validator.validate(resource).filter(isFault);
}

async function make(world: DeliverWorld, leased: LeasedDelivery, material: Material): Promise<OutcomeResult> {
  const { record, referral } = material;
  const { delivery } = leased;
  if (delivery.kind === 'summary') {
    const sessions = await world.store.sessionsOfPlan(delivery.planId);
    const done = sessions.map(({ session }) => session);
    return world.makeSummary(record, referral, done);
  }
  if (leased.session !== undefined) return world.makeOutcome(leased.session.session, record, referral);
  const message = `Delivery ${delivery.id} belongs to a session that is not here.`;
  return { ok: false, issues: [deliveryIssue('session-missing', 'not-found', message)] };
}

/** The outcome and the Task that tells of it in one transaction, or undefined where the hospital does not take that. */
function bundleWithTask(
  world: DeliverWorld,
  bundle: Bundle,
  delivery: DeliveryTurn,
  material: Material,
): Bundle | undefined {
  const { partner, record, referral } = material;
  if (partner.delivery !== 'transaction' || partner.answers !== 'push-task') return undefined;
  const own = toldOutcome(delivery, (bundle.entry ?? []).map(inThisBundle));
  const task = world.makeTask({ ...record, outcomes: [...(record.outcomes ?? []), own] }, referral);
  // A Task that does not conform is told by its own delivery, which then waits; the outcome goes without it.
  if (!world.validator.accepts(task)) return undefined;
  return { ...bundle, entry: [...(bundle.entry ?? []), taskEntry(task, record.plan.planId)] };
}

/** A resource that has no name there yet: urn:uuid, which the hospital replaces in the same transaction. */
function inThisBundle(entry: NonNullable<Bundle['entry']>[number]): ToldOutcome['resources'][number] {
  return { type: entry.resource?.resourceType ?? '', id: entry.fullUrl ?? '' };
}

async function deliverAnswer(world: DeliverWorld, leased: LeasedDelivery, course: ReadCourse): Promise<void> {
  const material = materialOf(world, leased.delivery, course);
  if ('severity' in material) return void (await wait(world, leased, null, [material]));
  const { record, referral, partner } = material;
  if (!isTold(partner)) return void (await finish(world, leased, { kind: 'superseded' }));
  const task = world.makeTask(record, referral);
  const faults = faultsOf(world, task);
  if (faults.length > 0) return void (await wait(world, leased, task, faults));
  const sent = await sendAnswer(world, leased.delivery, material, task);
  if (sent.kind !== 'taken') return settleFailure(world, leased, task, sent);
  await finish(world, leased, { kind: 'sent', body: task, proof: sent.proof, sentVersion: record.version });
}

/** A Task is written at the hospital, ours or its own, or wrapped in a message where the partner speaks messages. */
async function sendAnswer(world: DeliverWorld, delivery: DeliveryTurn, material: Material, task: Task): Promise<Sent> {
  const { partner, record, referral } = material;
  if (partner.answers === 'update-task') {
    const place = await knownPlacerTask(world.store, referral.id);
    const sent = place && (await tellByPlacerTask(world, { partner: partner.id, place, task, referral }));
    if (sent !== undefined && (sent.kind !== 'taken' || place?.isLate !== true)) return sent;
  }
  if (partner.answers === 'message') {
    return send(world, delivery, material, world.makeMessage(task, referral, record), 'message');
  }
  const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry: [taskEntry(task, record.plan.planId)] };
  return send(world, delivery, material, bundle);
}

function send(
  world: DeliverWorld,
  delivery: DeliveryTurn,
  { partner, referral }: Material,
  bundle: Bundle,
  how: Sending['how'] = partner.delivery,
): Promise<Sent> {
  const traced = referral.correlationId === null ? {} : { correlationId: referral.correlationId };
  const sending = { partner: partner.id, how, bundle, attempts: delivery.attempts, ...traced };
  return sendBundle(sending, world.call, Date.parse(world.now()));
}
