import type { LeasedDelivery, Settlement, Writes } from '../../flows/store.ts';
import { allPassed, conflictOf } from './commit.ts';
import { type Connection, Refused, type Statement } from './connection.ts';
import { StoreConflict } from './errors.ts';
import { addFollowers } from './followers.ts';
import { addPlan, closeIntake, planShape } from './guards.ts';
import { buildStatement, type StatementBuilder } from './statement.ts';

/**
 * One statement. The plan's row is locked before the delivery's, in the order that commit locks them, so the two
 * cannot deadlock.
 */
export async function settle(
  connection: Connection,
  leased: LeasedDelivery,
  settlement: Settlement,
  now: string,
  then: Pick<Writes, 'plan' | 'deliveries' | 'history' | 'outbox'>,
): Promise<boolean> {
  const shape = ['settle', settlement.kind];
  if (settlement.kind === 'again' && settlement.isUntried) shape.push('untried');
  const builder = buildStatement(() => shape.join('-'));
  const mine = `id = ${builder.value(leased.delivery.id)} and lease = ${builder.value(leased.lease)} and lease_until is not null`;
  if (then.plan) {
    shape.push(planShape(then.plan));
    closeIntake(builder, then.plan);
    addPlan(builder, then.plan, `exists (select from tactus.delivery where ${mine})`);
  }
  const planned = then.plan ? 'exists (select from plan_guard)' : 'true';
  builder.part(
    'delivery_guard',
    `update tactus.delivery set lease_until = null, ${changes(builder, settlement, now)}
     where ${mine} and ${planned} returning id, state, due_at, priority`,
  );
  builder.part('ok', `select 1 ${allPassed(['delivery'])}`);
  const answer = settlement.kind === 'sent' ? settlement.answer : undefined;
  if (answer !== undefined) {
    shape.push('answer');
    settleAnswer(builder, answer, then.plan?.record.version ?? 0, now);
  }
  addFollowers(builder, then, shape);
  addNextStep(builder, leased.delivery.id, then, answer !== undefined);
  const lost = then.plan
    ? `case when exists (select from delivery_guard) then null
         when exists (select from tactus.delivery where ${mine}) then tactus.refuse('plan') else tactus.refuse('lease') end`
    : "case when exists (select from delivery_guard) then null else 'lease' end";
  return settled(connection, builder.build(`select ${lost} as lost`));
}

async function settled(connection: Connection, statement: Statement): Promise<boolean> {
  try {
    const [row] = await connection.query(statement);
    return row?.lost === null;
  } catch (error) {
    if (error instanceof Refused && error.which === 'lease') return false;
    if (conflictOf(error)) throw new StoreConflict('The plan has changed since it was read; nothing was written.');
    throw error;
  }
}

function changes(builder: StatementBuilder, settlement: Settlement, now: string): string {
  // What was superseded while it was on its way stays so, unless the hospital has it: then that is the truth.
  const unlessSuperseded = (state: string) => `state = case when state = 'superseded' then state else ${state} end`;
  switch (settlement.kind) {
    case 'sent': {
      const told = builder.value(settlement.sentVersion);
      const moved = `(kind = 'answer' and wanted_version > ${told}::int and state = 'pending')`;
      const at = builder.value(now);
      return `state = case when ${moved} then 'pending' else 'sent' end, sent_at = ${at}::timestamptz,
        due_at = case when ${moved} then ${at}::timestamptz else due_at end,
        attempts = case when ${moved} then 0 else attempts end,
        sent_version = greatest(sent_version, ${told}::int), body = ${builder.json(settlement.body)}::json,
        proof = ${builder.json(settlement.proof)}::json, issues = '[]'`;
    }
    case 'again':
      return `due_at = ${builder.value(settlement.dueAt)}, issues = ${builder.json(settlement.issues)}${
        settlement.isUntried ? ', attempts = greatest(attempts - 1, 0)' : ''
      }`;
    case 'waiting':
      return `${unlessSuperseded("'waiting'")}, body = ${builder.json(settlement.body)}, issues = ${builder.json(settlement.issues)}`;
    case 'superseded':
      return "state = 'superseded'";
  }
}

/**
 * The answer that went along has told one version; the plan that is written beside it may have a higher one. Where its
 * lease was lost, somebody else has it in hand: then it only comes to know what it must tell.
 */
function settleAnswer(
  builder: StatementBuilder,
  answer: NonNullable<Extract<Settlement, { kind: 'sent' }>['answer']>,
  version: number,
  now: string,
): void {
  const wanted = `greatest(wanted_version, ${builder.value(version)}::int)`;
  const told = `${builder.value(answer.sentVersion)}::int`;
  const held = `(lease = ${builder.value(answer.leased.lease)} and lease_until is not null)`;
  const done = `(${held} and ${wanted} <= ${told})`;
  const at = `${builder.value(now)}::timestamptz`;
  builder.follower(
    'answer_settled',
    `update tactus.delivery set wanted_version = ${wanted}, state = case when ${done} then 'sent' else 'pending' end,
       lease_until = case when ${held} then null else lease_until end,
       due_at = case when ${done} then due_at else ${at} end, attempts = case when ${done} then attempts else 0 end,
       sent_at = case when ${held} then ${at} else sent_at end,
       sent_version = case when ${held} then greatest(sent_version, ${told}) else sent_version end,
       body = case when ${held} then ${builder.json(answer.body)}::json else body end,
       proof = case when ${held} then ${builder.json(answer.proof)}::json else proof end, issues = '[]'
     from ok where id = ${builder.value(answer.leased.delivery.id)} returning id, state, due_at, priority`,
  );
}

/** What stays pending gets its next try from the outbox, unless the caller wrote that already. */
function addNextStep(builder: StatementBuilder, id: string, then: Pick<Writes, 'outbox'>, withAnswer: boolean): void {
  const told = then.outbox.some((entry) => entry.queue === 'delivery' && entry.subject === id);
  const answer = withAnswer
    ? "union all select 'delivery', id, due_at, priority from answer_settled where state = 'pending'"
    : '';
  builder.follower(
    'next_step',
    `insert into tactus.outbox (queue, subject, due_at, priority)
     select 'delivery', id, due_at, priority from delivery_guard where state = 'pending' and not ${builder.value(told)}::boolean ${answer}`,
  );
}
