import { type Kysely, sql } from 'kysely';

/** What was refused at the doors: which bytes (their hash only), when, how often and why. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table tactus.refused (
    audience text not null, owner text not null, route text not null, bytes_hash text not null, status integer not null,
    size integer not null, issues json not null, request_id text not null, correlation_id text,
    first_at timestamptz not null, last_at timestamptz not null, times integer not null default 1,
    primary key (audience, owner, route, bytes_hash, status))`,
  'create index refused_newest on tactus.refused (last_at)',
];
