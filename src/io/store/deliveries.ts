import type { Issue } from '../../core/fhir/issue.ts';
import type {
  DeliveredResource,
  Delivery,
  DeliveryKind,
  DeliveryState,
  DeliveryTurn,
  PlanRecord,
} from '../../flows/records.ts';
import type { LeasedDelivery, Settlement, Writes } from '../../flows/store.ts';
import { allPassed, conflictOf } from './commit.ts';
import { type Connection, Refused, type Row, type Statement } from './connection.ts';
import { StoreConflict } from './errors.ts';
import { addFollowers } from './followers.ts';
import { addPlan, closeIntake, planShape } from './guards.ts';
import { referralColumns, referralOf, sessionOf } from './read.ts';
import { buildStatement, type StatementBuilder } from './statement.ts';

const turnColumns = `id, kind, partner, plan_id, session_id, state, attempts, due_at, priority, wanted_version, issues,
  created_at, sent_at, lease`;

/**
 * One statement for a pack: leased, with the answers that may go along, and with what everything is made of (each plan
 * and referral once). skip locked: two workers with overlapping packs neither wait for each other nor deadlock.
 */
const leaseText = `with mine as (
    update tactus.delivery set lease = lease + 1, lease_until = $3, lease_owner = $4, attempts = attempts + 1
    where id in (select id from tactus.delivery
      where id = any($1::text[] || array(select answer.id from tactus.delivery one
          join tactus.delivery answer on answer.plan_id = one.plan_id and answer.kind = 'answer'
          where one.id = any($1::text[]) and one.kind <> 'answer'))
        and state = 'pending' and due_at <= $2 and (lease_until is null or lease_until <= $2)
      order by id for update skip locked)
    returning ${turnColumns})
  select mine.id as delivery_id, mine.kind, mine.partner as delivery_partner, mine.plan_id as delivery_plan, mine.session_id,
    mine.state, mine.attempts, mine.due_at, mine.priority, mine.wanted_version, mine.issues, mine.created_at, mine.sent_at,
    mine.lease, p.document as plan, ${referralColumns},
    s.document, s.plan_id, s.content_hash as session_hash, s.recorded_at
  from mine
    left join tactus.plan p on p.id = mine.plan_id and mine.id = (select min(id) from mine same where same.plan_id = mine.plan_id)
    left join tactus.referral r on r.id = p.referral_id
    left join tactus.referral_version v on v.referral_id = r.id and v.version = r.version
    left join tactus.session s on s.id = mine.session_id`;

export async function lease(
  connection: Connection,
  ids: readonly string[],
  now: string,
  leaseSeconds: number,
  owner: number | null,
): Promise<readonly LeasedDelivery[]> {
  const until = new Date(Date.parse(now) + leaseSeconds * 1000).toISOString();
  const rows = await connection.query({ name: 'lease', text: leaseText, values: [ids, now, until, owner] });
  const place = new Map(ids.map((id, index) => [id, index]));
  const placeOf = ({ delivery }: LeasedDelivery) => place.get(delivery.id) ?? ids.length;
  return rows.map(leasedOf).sort((a, b) => placeOf(a) - placeOf(b));
}

function leasedOf(row: Row): LeasedDelivery {
  const turn = { ...row, id: row.delivery_id, partner: row.delivery_partner, plan_id: row.delivery_plan };
  return {
    delivery: turnOf(turn),
    lease: row.lease as number,
    ...(row.plan === null ? {} : { plan: row.plan as PlanRecord }),
    ...(row.id === null ? {} : { referral: referralOf(row) }),
    ...(row.document === null ? {} : { session: sessionOf({ ...row, content_hash: row.session_hash }) }),
  };
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
  return { ...turnOf(row), body: row.body, proof: row.proof as readonly DeliveredResource[] };
}

function turnOf(row: Row): DeliveryTurn {
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
    issues: row.issues as readonly Issue[],
    createdAt: row.created_at as string,
    sentAt: row.sent_at as string | null,
  };
}
