import { type Kysely, sql } from 'kysely';

/** What time may do to a plan, so that the plans whose time has come are found without reading the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table tactus.plan add column asked_at timestamptz, add column reminded boolean not null default false,
    add column last_day text`,
  // Early is harmless: the plan and its history decide, and the next change of the plan puts it right.
  `update tactus.plan set asked_at = (document ->> 'createdAt')::timestamptz where status = 'held'`,
  `update tactus.plan set last_day = case length(document -> 'plan' ->> 'validUntil')
      when 4 then (document -> 'plan' ->> 'validUntil') || '-12-31'
      when 7 then (document -> 'plan' ->> 'validUntil') || '-31'
      else document -> 'plan' ->> 'validUntil' end
    where status in ('held', 'accepted', 'invalid')`,
  'create index plan_unanswered on tactus.plan (partner, asked_at, id) where asked_at is not null',
  'create index plan_unreminded on tactus.plan (partner, asked_at, id) where asked_at is not null and not reminded',
  'create index plan_unused on tactus.plan (partner, last_day, id) where last_day is not null',
];
