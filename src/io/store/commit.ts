import type { Delivery, HistoryEntry, NewReferral, OutboxEntry } from '../../flows/records.ts';
import type { CommitResult, Writes } from '../../flows/store.ts';
import { type Connection, isViolation, Refused } from './connection.ts';
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
    shape.push('new-referral');
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
    shape.push(writes.plan.expect === 0 ? 'new-plan' : 'plan');
    addPlan(builder, writes.plan);
    closeIntake(builder, writes.plan, writes.referral !== undefined);
    guards.push('plan');
  }
  return guards;
}

/** @param parts What the names of its parts begin with. */
function addReferral(
  builder: StatementBuilder,
  { record, expect }: NonNullable<Writes['referral']>,
  parts: '' | `more_${number}_` = '',
): void {
  const [id, version] = [builder.value(record.id), builder.value(record.version)];
  if (expect === 0) {
    const key = [record.partner, record.placer.system, record.placer.value].map(builder.value);
    builder.part(
      `${parts}referral_guard`,
      `insert into tactus.referral (id, partner, placer_system, placer_value, version)
       values (${id}, ${key.join(', ')}, ${version}) on conflict do nothing returning id`,
    );
  } else {
    builder.part(
      `${parts}referral_guard`,
      `update tactus.referral set version = ${version} where id = ${id} and version = ${builder.value(expect)} returning id`,
    );
  }
  const [bytesHash, contentHash] = [builder.value(record.bytesHash), builder.value(record.contentHash)];
  builder.follower(
    `${parts}referral_version_written`,
    `insert into tactus.referral_version
       (referral_id, version, resource, context, bytes, bytes_hash, content_hash, correlation_id, received_at, updated_at)
     select id, ${version}::int, ${builder.json(record.resource)}::json, ${optionalJson(builder, record.context)}::json,
       ${builder.value(Buffer.from(record.bytes))}::bytea, ${bytesHash}, ${contentHash}, ${builder.value(record.correlationId)},
       ${builder.value(record.receivedAt)}::timestamptz, ${builder.value(record.updatedAt)}::timestamptz from ${parts}referral_guard, ok`,
  );
}

/** The sweep finds the referral until its plan is written. */
function openIntake(builder: StatementBuilder, record: NewReferral, parts: '' | `more_${number}_` = ''): void {
  const [bytesHash, contentHash] = [builder.value(record.bytesHash), builder.value(record.contentHash)];
  builder.follower(
    `${parts}intake_opened`,
    `insert into tactus.intake (referral_id, bytes_hash, content_hash, since)
     select id, ${bytesHash}, ${contentHash}, ${builder.value(record.updatedAt)}::timestamptz from ${parts}referral_guard, ok
     on conflict (referral_id) do update set bytes_hash = excluded.bytes_hash, content_hash = excluded.content_hash,
       since = excluded.since, sweeps = 0`,
  );
}

/** @param onlyIf A further condition on an update, for settle. */
export function addPlan(
  builder: StatementBuilder,
  { record, expect }: NonNullable<Writes['plan']>,
  onlyIf = 'true',
): void {
  const { plan } = record;
  const id = builder.value(plan.planId);
  const [version, status] = [builder.value(record.version), builder.value(plan.status)];
  const patients = builder.value(plan.patient.identifiers.map((one) => `${one.system ?? ''}|${one.value ?? ''}`));
  const [document, updatedAt] = [builder.json(record), builder.value(record.updatedAt)];
  if (expect === 0) {
    builder.part(
      'plan_guard',
      `insert into tactus.plan (id, referral_id, partner, status, version, patients, document, updated_at)
       select ${id}, ${builder.value(record.referralId)}, ${builder.value(record.partner)}, ${status}, ${version}::int, ${patients}::text[],
         ${document}::json, ${updatedAt}::timestamptz where ${onlyIf} on conflict do nothing returning id`,
    );
  } else {
    builder.part(
      'plan_guard',
      `update tactus.plan set status = ${status}, version = ${version}, patients = ${patients}, document = ${document},
         updated_at = ${updatedAt}, change = nextval('tactus.plan_change')
       where id = ${id} and version = ${builder.value(expect)} and ${onlyIf} returning id`,
    );
  }
}

/** @param withReferral The plan comes with the referral that it was made from. */
export function closeIntake(
  builder: StatementBuilder,
  { record, expect }: NonNullable<Writes['plan']>,
  withReferral = false,
): void {
  const referralId = builder.value(record.referralId);
  // A change to a plan ends the waiting of a new version only when it was made from that version.
  const made =
    expect === 0 || withReferral
      ? 'true'
      : `${builder.value(record.plan.source.payloadHash)} in (bytes_hash, content_hash)`;
  builder.follower('intake_closed', `delete from tactus.intake using ok where referral_id = ${referralId} and ${made}`);
}

function addSession(builder: StatementBuilder, { record, amends }: NonNullable<Writes['session']>): void {
  const { session } = record;
  const values = [session.sessionId, record.planId, session.seq, amends ?? null, record.contentHash].map(builder.value);
  builder.part(
    'session_guard',
    `insert into tactus.session (id, plan_id, seq, amends, content_hash, document, recorded_at)
     values (${values.join(', ')}, ${builder.json(session)}, ${builder.value(record.recordedAt)})
     on conflict do nothing returning id`,
  );
}

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

function optionalJson(builder: StatementBuilder, value: unknown): string {
  return value === null || value === undefined ? builder.value(null) : builder.json(value);
}
