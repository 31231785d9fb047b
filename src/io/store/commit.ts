import type { CommitResult, Writes } from '../../flows/store.ts';
import { type Connection, isViolation, Refused } from './connection.ts';
import { addFollowers } from './followers.ts';
import { addPlan, addReferral, addSession, closeIntake, openIntake, planShape } from './guards.ts';
import { buildStatement, type StatementBuilder } from './statement.ts';

/** What a guard may find. */
export type Guard = 'referral' | 'plan' | 'session';
/** A guard's part is called `<name>_guard`; each further referral of a transaction has a guard of its own. */
type GuardName = Guard | `more_${number}_referral`;

/**
 * Write everything in one statement. A guard (referral, plan, session) writes its row only if nobody was first; all
 * other parts hang on the guards, so a conflict writes nothing.
 */
export async function commit(connection: Connection, writes: Writes): Promise<CommitResult> {
  const shape: string[] = ['commit'];
  const builder = buildStatement(() => shape.join('-'));
  const guards = addGuards(builder, writes, shape);
  builder.part('ok', `select 1 ${allPassed(guards)}`);
  addFollowers(builder, writes, shape);
  const statement = builder.build(`select ${verdict(guards)} as conflict`);
  try {
    const [row] = await connection.query(statement, isRepeatable(writes) ? 'repeatable' : 'once');
    const which = row?.conflict as Guard | null | undefined;
    return which ? { kind: 'conflict', which } : { kind: 'done' };
  } catch (error) {
    const which = conflictOf(error);
    if (which) return { kind: 'conflict', which };
    throw error;
  }
}

/**
 * Whoever reads again after a conflict finds his own new referral, plan or session and knows that it was written. Of a
 * change to a plan alone he cannot tell whose it is.
 */
function isRepeatable(writes: Writes): boolean {
  return writes.referral !== undefined || writes.session !== undefined || writes.plan?.expect === 0;
}

function addGuards(builder: StatementBuilder, writes: Writes, shape: string[]): GuardName[] {
  const guards: GuardName[] = [];
  if (writes.referral) {
    shape.push(writes.referral.expect === 0 ? 'new-referral' : 'referral');
    addReferral(builder, writes.referral);
    // With its plan in the same commit there is nothing to wait for.
    if (!writes.plan) openIntake(builder, writes.referral.record);
    guards.push('referral');
  }
  writes.moreReferrals?.forEach((record, at) => {
    // The name of a statement stands for its text, which has one set of parts a referral.
    shape.push('more-referral');
    const parts = `more_${at}_` as const;
    addReferral(builder, { record, expect: 0 }, parts);
    openIntake(builder, record, parts);
    guards.push(`${parts}referral`);
  });
  // Before the plan: "this session is there already" says more than "the plan has changed".
  if (writes.session) {
    shape.push('session');
    addSession(builder, writes.session);
    guards.push('session');
  }
  if (writes.plan) {
    shape.push(planShape(writes.plan));
    addPlan(builder, writes.plan);
    closeIntake(builder, writes.plan, writes.referral !== undefined);
    guards.push('plan');
  }
  return guards;
}

export function allPassed(guards: readonly string[]): string {
  return guards.length === 0
    ? ''
    : `where ${guards.map((guard) => `exists (select from ${guard}_guard)`).join(' and ')}`;
}

/** Null, or the guard that failed. With several guards the others may have written: refuse() takes that back. */
function verdict(guards: readonly GuardName[]): string {
  const cases = guards.map((guard) => {
    const which = guard.startsWith('more_') ? 'referral' : guard;
    const failed = guards.length === 1 ? `'${which}'` : `tactus.refuse('${which}')`;
    return `when not exists (select from ${guard}_guard) then ${failed}`;
  });
  return cases.length === 0 ? 'null' : `case ${cases.join(' ')} end`;
}

export function conflictOf(error: unknown): Guard | undefined {
  if (error instanceof Refused) return error.which as Guard;
  if (!isViolation(error)) return undefined;
  // The rows that no guard watches: a second outcome of one session, a version or a delivery that is there already.
  const { constraint = '' } = error;
  if (constraint.startsWith('referral')) return 'referral';
  if (constraint === 'delivery_outcome' || constraint.startsWith('session')) return 'session';
  return constraint.startsWith('plan') || constraint.startsWith('delivery') ? 'plan' : undefined;
}
