import type { NewReferral } from '../../flows/records.ts';
import type { Writes } from '../../flows/store.ts';
import type { StatementBuilder } from './statement.ts';

/** The parts of a commit that write a row only if nobody was first: `<name>_guard` has a row when it did. */

/** @param parts What the names of its parts begin with. */
export function addReferral(
  builder: StatementBuilder,
  { record, expect }: NonNullable<Writes['referral']>,
  parts: '' | `more_${number}_` = '',
): void {
  const [id, version] = [builder.value(record.id), builder.value(record.version)];
  const sentId = builder.value(typeof record.resource.id === 'string' ? record.resource.id : null);
  if (expect === 0) {
    const key = [record.partner, record.placer.system, record.placer.value].map(builder.value);
    builder.part(
      `${parts}referral_guard`,
      `insert into tactus.referral (id, partner, placer_system, placer_value, version, sent_id)
       values (${id}, ${key.join(', ')}, ${version}, ${sentId}) on conflict do nothing returning id`,
    );
  } else {
    builder.part(
      `${parts}referral_guard`,
      `update tactus.referral set version = ${version}, sent_id = coalesce(${sentId}, sent_id)
       where id = ${id} and version = ${builder.value(expect)} returning id`,
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
export function openIntake(builder: StatementBuilder, record: NewReferral, parts: '' | `more_${number}_` = ''): void {
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
  const { askedAt = null, isReminded = false, lastDay = null } = record.deadlines ?? {};
  const [asked, reminded, day] = [askedAt, isReminded, lastDay].map(builder.value);
  const [document, updatedAt] = [builder.json(record), builder.value(record.updatedAt)];
  if (expect === 0) {
    builder.part(
      'plan_guard',
      `insert into tactus.plan (id, referral_id, partner, status, version, patients, document, updated_at,
         asked_at, reminded, last_day)
       select ${id}, ${builder.value(record.referralId)}, ${builder.value(record.partner)}, ${status}, ${version}::int, ${patients}::text[],
         ${document}::json, ${updatedAt}::timestamptz, ${asked}::timestamptz, ${reminded}::boolean, ${day}::text where ${onlyIf} on conflict do nothing returning id`,
    );
  } else {
    builder.part(
      'plan_guard',
      `update tactus.plan set status = ${status}, version = ${version}, patients = ${patients}, document = ${document},
         updated_at = ${updatedAt}, asked_at = ${asked}, reminded = ${reminded}, last_day = ${day}, change = nextval('tactus.plan_change')
       where id = ${id} and version = ${builder.value(expect)} and ${onlyIf} returning id`,
    );
  }
}

/** What the name of a statement says of its plan: one for each text that `closeIntake` and `addPlan` make. */
export function planShape({ record, expect }: NonNullable<Writes['plan']>): string {
  if (expect > 0) return 'plan';
  return record.referralVersion === undefined ? 'new-plan' : 'new-plan-of-version';
}

/** @param withReferral The plan comes with the referral that it was made from. */
export function closeIntake(
  builder: StatementBuilder,
  { record, expect }: NonNullable<Writes['plan']>,
  withReferral = false,
): void {
  const referralId = builder.value(record.referralId);
  // A plan ends the waiting of a version only when it was made from that version: an older one may be written late.
  const made =
    withReferral || (expect === 0 && record.referralVersion === undefined)
      ? 'true'
      : `${builder.value(record.plan.source.payloadHash)} in (bytes_hash, content_hash)`;
  builder.follower('intake_closed', `delete from tactus.intake using ok where referral_id = ${referralId} and ${made}`);
}

export function addSession(builder: StatementBuilder, { record, amends }: NonNullable<Writes['session']>): void {
  const { session } = record;
  const values = [session.sessionId, record.planId, session.seq, amends ?? null, record.contentHash].map(builder.value);
  builder.part(
    'session_guard',
    `insert into tactus.session (id, plan_id, seq, amends, content_hash, document, recorded_at)
     values (${values.join(', ')}, ${builder.json(session)}, ${builder.value(record.recordedAt)})
     on conflict do nothing returning id`,
  );
}

function optionalJson(builder: StatementBuilder, value: unknown): string {
  return value === null || value === undefined ? builder.value(null) : builder.json(value);
}
