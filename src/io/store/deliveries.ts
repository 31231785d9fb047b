import type { Issue } from '../../core/fhir/issue.ts';
import type { DeliveredResource, Delivery, DeliveryKind, DeliveryState, DeliveryTurn } from '../../flows/records.ts';
import type { Connection, Row } from './connection.ts';

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

export function turnOf(row: Row): DeliveryTurn {
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
