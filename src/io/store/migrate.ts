import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as start from './migrations/001-start.ts';
import * as process from './migrations/002-process.ts';
import * as deadlines from './migrations/003-deadlines.ts';
import * as refused from './migrations/004-refused.ts';
import * as sentId from './migrations/005-sent-id.ts';
import type { Tables } from './tables.ts';

/** In the order of their names; a migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '001-start': start,
  '002-process': process,
  '003-deadlines': deadlines,
  '004-refused': refused,
  '005-sent-id': sentId,
};

/**
 * Bring the schema `tactus` up to date. Several processes may start at once: an advisory lock lets one do the work.
 * @throws when a migration fails, or the schema is of a newer Tactus; nothing is changed then.
 */
export async function migrate(kysely: Kysely<Tables>): Promise<void> {
  await kysely.connection().execute(async (connection) => {
    // `create schema if not exists` may itself fail when two do it at once. The number is only ours: "tactus".
    await sql`select pg_advisory_lock(847326118)`.execute(connection);
    try {
      await sql`create schema if not exists tactus`.execute(connection);
    } finally {
      await sql`select pg_advisory_unlock(847326118)`.execute(connection);
    }
  });
  const provider = { getMigrations: async () => migrations };
  const { error } = await new Migrator({ db: kysely, provider, migrationTableSchema: 'tactus' }).migrateToLatest();
  if (!error) return;
  // Kysely's words for a migration in the database that it does not have.
  if (error instanceof Error && error.message.includes('is missing')) {
    throw new Error('The database was made by a newer version of Tactus. Start that version, or restore a backup.');
  }
  throw error;
}
