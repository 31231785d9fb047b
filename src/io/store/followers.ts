import type { Delivery, HistoryEntry, OutboxEntry } from '../../flows/records.ts';
import type { Writes } from '../../flows/store.ts';
import type { StatementBuilder } from './statement.ts';

type Followers = Pick<Writes, 'deliveries' | 'supersede' | 'history' | 'outbox'>;

/** Parts that no guard hangs on; each reads from `ok`, which has a row when all guards passed. */
export function addFollowers(builder: StatementBuilder, writes: Followers, shape: string[]): void {
  if (writes.deliveries?.length) {
    shape.push('deliveries');
    addDeliveries(builder, writes.deliveries);
  }
  if (writes.supersede?.length) {
    shape.push('supersede');
    builder.follower(
      'superseded',
      `update tactus.delivery set state = 'superseded' from ok
       where id = any(${builder.value(writes.supersede)}::text[]) and state in ('pending', 'waiting')`,
    );
  }
  if (writes.history.length > 0) {
    shape.push('history');
    addHistory(builder, writes.history);
  }
  if (writes.outbox.length > 0) {
    shape.push('outbox');
    addOutbox(builder, writes.outbox);
  }
}

function addDeliveries(builder: StatementBuilder, deliveries: readonly Delivery[]): void {
  const columns = `id text, kind text, partner text, "planId" text, "sessionId" text, state text, attempts int,
    "dueAt" timestamptz, priority int, "wantedVersion" int, body json, proof json, issues json, "createdAt" timestamptz,
    "sentAt" timestamptz`;
  // One answer row a plan: a later answer makes it wait for its turn again. The lease stays with who is sending now.
  builder.follower(
    'delivery_written',
    `insert into tactus.delivery as kept (id, kind, partner, plan_id, session_id, state, attempts, due_at, priority,
       wanted_version, body, proof, issues, created_at, sent_at)
     select id, kind, partner, "planId", "sessionId", state, attempts, "dueAt", priority, "wantedVersion",
       nullif(body::text, 'null')::json, proof, issues, "createdAt", "sentAt"
     from ok, json_to_recordset(${builder.json(deliveries)}::json) as given(${columns})
     on conflict (plan_id) where kind = 'answer' do update set
       state = 'pending', due_at = excluded.due_at, attempts = 0,
       priority = case when kept.state = 'pending' then least(kept.priority, excluded.priority) else excluded.priority end,
       wanted_version = greatest(kept.wanted_version, excluded.wanted_version)`,
  );
}

function addHistory(builder: StatementBuilder, history: readonly HistoryEntry[]): void {
  builder.follower(
    'history_written',
    `insert into tactus.history (at, about, subject, event, by, detail)
     select at, about, id, event, by, detail from ok, json_to_recordset(${builder.json(history)}::json)
       as given(at timestamptz, about text, id text, event text, by text, detail json)`,
  );
}

function addOutbox(builder: StatementBuilder, outbox: readonly OutboxEntry[]): void {
  builder.follower(
    'outbox_written',
    `insert into tactus.outbox (queue, subject, due_at, priority)
     select queue, subject, "dueAt", priority from ok, json_to_recordset(${builder.json(outbox)}::json)
       as given(queue text, subject text, "dueAt" timestamptz, priority int)`,
  );
}
