import { type Kysely, sql } from 'kysely';

/** The tables of the loop. Unique keys carry the promises; see docs/store-and-queue.md. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Promise 2: the hospital's number makes two referrals the same one, however many arrive at once.
  `create table tactus.referral (
    id text primary key, partner text not null, placer_system text not null, placer_value text not null,
    version integer not null,
    constraint referral_placer unique (partner, placer_system, placer_value))`,

  // Rows up to a page stay uncompressed and in place: compressing cost more than the rest of the commit.
  `create table tactus.referral_version (
    referral_id text not null, version integer not null, resource json not null, context json, bytes bytea not null,
    bytes_hash text not null, content_hash text not null, correlation_id text,
    received_at timestamptz not null, updated_at timestamptz not null,
    primary key (referral_id, version)) with (toast_tuple_target = 8160)`,

  // Referrals (and new versions) that have no plan yet: what the sweep looks at. Small at all times.
  `create table tactus.intake (
    referral_id text primary key, bytes_hash text not null, content_hash text not null,
    since timestamptz not null, sweeps integer not null default 0)`,

  'create sequence tactus.plan_change',
  `create table tactus.plan (
    id text primary key, referral_id text not null, partner text not null, status text not null,
    version integer not null, patients text[] not null, document json not null, updated_at timestamptz not null,
    change bigint not null default nextval('tactus.plan_change'),
    constraint plan_referral unique (referral_id)) with (toast_tuple_target = 8160)`,
  'create unique index plan_order on tactus.plan (change)',
  'create index plan_status on tactus.plan (status, change)',
  'create index plan_patient on tactus.plan using gin (patients) with (fastupdate = off)',

  `create table tactus.session (
    id text primary key, plan_id text not null, seq integer not null, amends text, content_hash text not null,
    document json not null, recorded_at timestamptz not null) with (toast_tuple_target = 8160)`,
  'create index session_plan on tactus.session (plan_id, seq)',

  // lease is the fencing token: it rises with every lease and never falls.
  `create table tactus.delivery (
    id text primary key, kind text not null, partner text not null, plan_id text not null, session_id text,
    state text not null, attempts integer not null, due_at timestamptz not null, priority integer not null,
    wanted_version integer not null, sent_version integer not null default 0, body json, proof json not null,
    issues json not null, created_at timestamptz not null, sent_at timestamptz,
    lease bigint not null default 0, lease_until timestamptz, swept_at timestamptz)
    with (toast_tuple_target = 8160, fillfactor = 80)`,
  "create unique index delivery_outcome on tactus.delivery (session_id) where kind = 'outcome'",
  "create unique index delivery_answer on tactus.delivery (plan_id) where kind = 'answer'",
  'create index delivery_plan on tactus.delivery (plan_id)',
  "create index delivery_pending on tactus.delivery (due_at) where state = 'pending'",
  "create index delivery_waiting on tactus.delivery (created_at) where state = 'waiting'",

  `create table tactus.history (
    id bigint generated always as identity primary key, at timestamptz not null, about text not null,
    subject text not null, event text not null, by text not null, detail json not null)`,
  'create index history_subject on tactus.history (subject, about, id)',

  // Rows live for milliseconds: vacuum by count, not by share.
  `create table tactus.outbox (
    id bigint generated always as identity primary key, queue text not null, subject text not null,
    due_at timestamptz not null, priority integer not null)
    with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`,
  'create index outbox_due on tactus.outbox (priority, due_at)',

  `create table tactus.token (
    hash text primary key, audience text not null, owner text not null,
    created_at timestamptz not null, revoked_at timestamptz)`,
  'create index token_owner on tactus.token (audience, owner)',

  // Ends a statement whose guard found that somebody was first, with all that it has written.
  `create function tactus.refuse(which text) returns text language plpgsql as
    $$ begin raise exception '%', which using errcode = 'TC409'; end $$`,
];
