import { type Kysely, sql } from 'kysely';

/** Which process holds a lease, so that the leases of one that died need not wait for their time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'create sequence tactus.process_number as integer cycle',
  // missing_since: its lock was free then, and nobody has seen it held since.
  `create table tactus.process (
    number integer primary key, started_at timestamptz not null default now(), missing_since timestamptz)`,
  // No index: it would cost every lease, and is read only when a process died.
  'alter table tactus.delivery add column lease_owner integer',
];
