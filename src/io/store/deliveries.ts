import type { Issue } from '../../core/fhir/issue.ts';
import type { DeliveredResource, Delivery, DeliveryKind, DeliveryState } from '../../flows/records.ts';
import type { LeasedDelivery, Settlement, Writes } from '../../flows/store.ts';
import { allPassed, conflictOf } from './commit.ts';
import { type Connection, Refused, type Row, type Statement } from './connection.ts';
import { StoreConflict } from './errors.ts';
import { addFollowers } from './followers.ts';
import { addPlan, closeIntake, planShape } from './guards.ts';
import { buildStatement, type StatementBuilder } from './statement.ts';

/** skip locked: two workers with overlapping packs neither wait for each other nor deadlock. */
export async function lease(
  connection: Connection,
  ids: readonly string[],
  now: string,
  leaseSeconds: number,
): Promise<readonly LeasedDelivery[]> {
  const until = new Date(Date.parse(now) + leaseSeconds * 1000).toISOString();
  const rows = await connection.query({
    name: 'lease',
    text: `update tactus.delivery set lease = lease + 1, lease_until = $3, attempts = attempts + 1
      where id in (select id from tactus.delivery where id = any($1::text[]) and state = 'pending' and due_at <= $2
        and (lease_until is null or lease_until <= $2) order by id for update skip locked)
      returning *`,
    values: [ids, now, until],
  });
  const leased = rows.map((row) => ({ delivery: deliveryOf(row), lease: row.lease as number }));
  const place = new Map(ids.map((id, index) => [id, index]));
  return leased.sort((a, b) => (place.get(a.delivery.id) ?? 0) - (place.get(b.delivery.id) ?? 0));
}

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
  addFollowers(builder, then, shape);
  addNextStep(builder, leased.delivery.id, then);
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
      return `due_at = ${builder.value(settlement.dueAt)}, issues = ${builder.json(settlement.issues)}`;
    case 'waiting':
      return `${unlessSuperseded("'waiting'")}, body = ${builder.json(settlement.body)}, issues = ${builder.json(settlement.issues)}`;
    case 'superseded':
      return "state = 'superseded'";
  }
}

/** What stays pending gets its next try from the outbox, unless the caller wrote that already. */
function addNextStep(builder: StatementBuilder, id: string, then: Pick<Writes, 'outbox'>): void {
  const told = then.outbox.some((entry) => entry.queue === 'delivery' && entry.subject === id);
  builder.follower(
    'next_step',
    `insert into tactus.outbox (queue, subject, due_at, priority)
     select 'delivery', id, due_at, priority from delivery_guard where state = 'pending' and not ${builder.value(told)}::boolean`,
  );
}

/** A person lets a waiting delivery be tried again; its attempts are counted anew. */
export async function retry(connection: Connection, id: string, now: string, by: string): Promise<boolean> {
  const rows = await connection.query({
    name: 'retry',
    text: `with again as (
        update tactus.delivery set state = 'pending', due_at = $2, attempts = 0, lease_until = null
        where id = $1 and state = 'waiting' returning id, priority),
      told as (insert into tactus.history (at, about, subject, event, by, detail)
        select $2, 'delivery', id, 'retried', $3, '{}'::json from again),
      next_step as (insert into tactus.outbox (queue, subject, due_at, priority)
        select 'delivery', id, $2, priority from again)
      select id from again`,
    values: [id, now, by],
  });
  return rows.length > 0;
}

export async function deliveryById(connection: Connection, id: string): Promise<Delivery | undefined> {
  const text = 'select * from tactus.delivery where id = $1';
  const [row] = await connection.read({ name: 'delivery', text, values: [id] });
  return row && deliveryOf(row);
}

export async function deliveriesOfPlan(connection: Connection, planId: string): Promise<readonly Delivery[]> {
  const text = 'select * from tactus.delivery where plan_id = $1 order by created_at, id';
  const rows = await connection.read({ name: 'deliveries', text, values: [planId] });
  return rows.map(deliveryOf);
}

export async function waitingDeliveries(connection: Connection, limit: number): Promise<readonly Delivery[]> {
  const text = "select * from tactus.delivery where state = 'waiting' order by created_at, id limit $1";
  const rows = await connection.read({ name: 'waiting', text, values: [limit] });
  return rows.map(deliveryOf);
}

function deliveryOf(row: Row): Delivery {
  return {
    id: row.id as string,
    kind: row.kind as DeliveryKind,
    partner: row.partner as string,
    planId: row.plan_id as string,
    sessionId: row.session_id as string | null,
    state: row.state as DeliveryState,
    attempts: row.attempts as number,
    dueAt: row.due_at as string,
    priority: row.priority as number,
    wantedVersion: row.wanted_version as number,
    body: row.body,
    proof: row.proof as readonly DeliveredResource[],
    issues: row.issues as readonly Issue[],
    createdAt: row.created_at as string,
    sentAt: row.sent_at as string | null,
  };
}
