import { canonicalContent } from '../core/fhir/canonical-content.ts';
import { type Issue, isFault } from '../core/fhir/issue.ts';
import { checkSession } from '../core/plan/check.ts';
import type { Session } from '../core/plan/session.ts';
import { checkSessionAgainstPlan, reportsAtOnce } from '../core/plan/session-rules.ts';
import { next } from '../core/plan/states.ts';
import type { PlanStatus, TreatmentPlan } from '../core/plan/treatment-plan.ts';
import { openCancellation } from './cancellation.ts';
import { type Changed, type ChangeWorld, changeRead, type PlanChange, refused, type Step } from './change-plan.ts';
import type { Delivery, PlanRecord, SessionRecord } from './records.ts';
import type { Course, Store } from './store.ts';

export interface SessionWorld extends ChangeWorld {
  readonly store: ChangeWorld['store'] & Pick<Store, 'course' | 'deliveriesOfPlan'>;
  readonly newId: () => string;
  /** SHA-256 as hex. */
  readonly hash: (text: string) => string;
}

/** Lower goes first: what a doctor must hear at once overtakes ordinary reports. */
const priorities = { atOnce: 0, ordinary: 10 } as const;

/**
 * Record a session that the clinic tells: check it against itself and its plan, move the plan on, and send its outcome
 * on the way, in one commit. The same session again changes nothing; another content under its id is a conflict.
 *
 * @param value The session as it came, unchecked.
 * @param by Name of the clinic.
 */
export async function recordSession(
  world: SessionWorld,
  planId: string,
  value: unknown,
  by: string,
): Promise<Changed<SessionRecord>> {
  const shape = checkSession(value);
  if (shape.length > 0) return refused(400, ...shape);
  const session = value as Session;
  const record: SessionRecord = {
    session,
    planId,
    contentHash: world.hash(canonicalContent({ ...session })),
    recordedAt: world.now(),
  };
  let existing: SessionRecord | undefined;
  const read = () => world.store.course(planId, session.sessionId);
  const changed = await changeRead(world, planId, read, (course) => {
    existing = course.known;
    return decide(world, course, record, by);
  });
  if (changed.kind !== 'done') return changed;
  return changed.isNew
    ? { ...changed, value: record }
    : { kind: 'done', value: existing ?? record, isNew: false, issues: [] };
}

async function decide(world: SessionWorld, course: Course, record: SessionRecord, by: string): Promise<Step> {
  const { session } = record;
  const { record: plan, sessions, known } = course;
  if (known !== undefined) return sameAgain(known, record);
  const amended = sessions.find((one) => one.session.sessionId === session.amends);
  const before = amended === undefined ? [] : await outcomesOf(world, plan, amended);
  const issues = [
    ...checkSessionAgainstPlan(session, plan.plan),
    ...checkPlace(session, sessions),
    ...checkCorrectable(session, before),
    ...remarks(plan),
  ];
  if (issues.some(isFault)) return refused(422, ...issues);
  const valid = [...standing(sessions).filter((one) => one !== amended), record];
  const moved = moveOn(plan.plan, valid);
  const delivery = outcomeDelivery(world, plan, record);
  const change: PlanChange = {
    plan: moved,
    history: historyOf(plan, record, moved.status, by),
    also: {
      session: { record, ...(session.amends === undefined ? {} : { amends: session.amends }) },
      deliveries: [delivery],
      supersede: before.map(({ id }) => id),
      outbox: [{ queue: 'delivery', subject: delivery.id, dueAt: delivery.dueAt, priority: delivery.priority }],
    },
  };
  return { kind: 'change', change, issues };
}

function sameAgain(known: SessionRecord, record: SessionRecord): Step {
  if (known.planId === record.planId && known.contentHash === record.contentHash) return { kind: 'done' };
  const { sessionId } = record.session;
  const message = `Session ${sessionId} was recorded before with another content; to correct it, send a session with its own id that amends ${sessionId}.`;
  return refused(409, issue('session-conflict', 'conflict', 'Session.sessionId', message));
}

/** Which number of the series it is: each session has its own, and a correction takes the number of what it corrects. */
function checkPlace(session: Session, sessions: readonly SessionRecord[]): Issue[] {
  const { amends, seq } = session;
  const amended = sessions.find((one) => one.session.sessionId === amends);
  if (amends !== undefined && amended === undefined) {
    const message = `The session amends ${amends}, which is no session of this plan.`;
    return [issue('session-amends-unknown', 'business-rule', 'Session.amends', message)];
  }
  const replaced = sessions.find((one) => amends !== undefined && one.session.amends === amends);
  if (replaced !== undefined) {
    const message = `Session ${amends} was amended before by ${replaced.session.sessionId}; amend that one.`;
    return [issue('session-amended-before', 'business-rule', 'Session.amends', message)];
  }
  if (amended !== undefined && amended.session.seq !== seq) {
    const message = `The session has number ${seq}; it amends one with number ${amended.session.seq}, and both must be the same.`;
    return [issue('session-amends-other-number', 'business-rule', 'Session.seq', message)];
  }
  // The hospital knows a session by plan and number (mappings/outcome-procedure.map): two with one number would be one there.
  const taken = standing(sessions).find((one) => one !== amended && one.session.seq === seq);
  if (taken === undefined) return [];
  const free = 1 + Math.max(...sessions.map((one) => one.session.seq));
  const message = `Number ${seq} of the series is taken by session ${taken.session.sessionId}; the next free one is ${free}.`;
  return [issue('session-number-taken', 'business-rule', 'Session.seq', message)];
}

/** Sessions that no later one amends. */
function standing(sessions: readonly SessionRecord[]): SessionRecord[] {
  const amended = new Set(sessions.map((one) => one.session.amends));
  return sessions.filter((one) => !amended.has(one.session.sessionId));
}

/** A stopped session was begun: it uses up one of those prescribed. */
function isDone(record: SessionRecord): boolean {
  return record.session.status !== 'not-done';
}

/** The plan after these sessions. States: src/core/plan/states.ts; a correction never moves a plan back. */
function moveOn(plan: TreatmentPlan, sessions: readonly SessionRecord[]): TreatmentPlan {
  const done = sessions.filter(isDone);
  const last = done.map((one) => one.session.start).sort((a, b) => Date.parse(b) - Date.parse(a))[0];
  const { lastSessionAt: _, ...progress } = plan.progress;
  const delivered = done.length;
  let status: PlanStatus = plan.status;
  if (delivered > 0) status = next(status, 'begin') ?? status;
  if (plan.dosage.sessions !== undefined && delivered >= plan.dosage.sessions)
    status = next(status, 'complete') ?? status;
  return {
    ...plan,
    status,
    progress: {
      ...progress,
      delivered,
      notDone: sessions.length - delivered,
      ...(last === undefined ? {} : { lastSessionAt: last }),
    },
  };
}

function outcomeDelivery(world: SessionWorld, plan: PlanRecord, { session, recordedAt }: SessionRecord): Delivery {
  return {
    id: world.newId(),
    kind: 'outcome',
    partner: plan.partner,
    planId: plan.plan.planId,
    sessionId: session.sessionId,
    state: 'pending',
    attempts: 0,
    dueAt: recordedAt,
    priority: reportsAtOnce(session) ? priorities.atOnce : priorities.ordinary,
    wantedVersion: 0,
    body: null,
    proof: [],
    issues: [],
    createdAt: recordedAt,
    sentAt: null,
  };
}

async function outcomesOf(world: SessionWorld, plan: PlanRecord, { session }: SessionRecord): Promise<Delivery[]> {
  const deliveries = await world.store.deliveriesOfPlan(plan.plan.planId);
  return deliveries.filter(({ kind, sessionId }) => kind === 'outcome' && sessionId === session.sessionId);
}

/** What the hospital has is found there by its number and not written again, so a correction would never arrive. */
function checkCorrectable({ amends }: Session, outcomes: readonly Delivery[]): Issue[] {
  if (!outcomes.some(({ state }) => state === 'sent')) return [];
  const message = `The hospital has session ${amends} already; tell the prescriber of the correction directly.`;
  return [issue('session-amends-sent', 'business-rule', 'Session.amends', message)];
}

/** What took place is recorded; that the prescriber wants otherwise is said beside it. */
function remarks(record: PlanRecord): Issue[] {
  const { planId } = record.plan;
  const found: Issue[] = [];
  const warn = (code: string, message: string) =>
    found.push({ ...issue(code, 'business-rule', 'TreatmentPlan.status', message), severity: 'warning' });
  if (record.reasons.includes('order-on-hold')) {
    warn(
      'order-on-hold',
      `The prescriber has put the order of plan ${planId} on hold; give no more sessions until it is active.`,
    );
  }
  const open = record.plan.screening.findings.filter(
    ({ state, disposition }) => state === 'open' && disposition !== 'flag',
  );
  if (open.length > 0) {
    const rules = [...new Set(open.map(({ ruleId }) => ruleId))].join(', ');
    warn(
      'contraindication-open',
      `The order of plan ${planId} came again with what stops treatment (${rules}); give no more sessions until a named person has decided about it.`,
    );
  }
  if (openCancellation(record) !== undefined) {
    warn('cancellation-open', `The prescriber asks to cancel plan ${planId}; answer that before the next session.`);
  }
  return found;
}

function historyOf(plan: PlanRecord, record: SessionRecord, status: PlanStatus, by: string) {
  const { sessionId, seq, status: sessionStatus, amends } = record.session;
  const at = record.recordedAt;
  const detail = { planId: record.planId, seq, status: sessionStatus, ...(amends === undefined ? {} : { amends }) };
  const moved = { from: plan.plan.status, to: status, sessionId };
  return [
    { at, about: 'session' as const, id: sessionId, event: 'recorded', by, detail },
    { at, about: 'plan' as const, id: record.planId, event: 'session-recorded', by, detail: moved },
  ];
}

function issue(code: string, type: Issue['type'], expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
