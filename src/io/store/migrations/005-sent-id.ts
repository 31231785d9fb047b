import { type Kysely, sql } from 'kysely';

/** Later orders name earlier ones by the id that those have at the hospital (ServiceRequest.replaces, basedOn). */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table tactus.referral add column sent_id text',
  `update tactus.referral r set sent_id = v.resource ->> 'id' from tactus.referral_version v
    where v.referral_id = r.id and v.version = r.version and v.resource ->> 'id' is not null`,
  'create index referral_sent_id on tactus.referral (partner, sent_id) where sent_id is not null',
];
