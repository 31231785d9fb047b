import type { Connection } from './connection.ts';
import { ownerLockClass } from './owner.ts';

/**
 * Free the leases of processes that died, and queue their deliveries again. A process counts as dead when its lock was
 * found free twice, so many seconds apart: one whose connection broke takes it again meanwhile. The lease number rises, so
 * that a process that was taken for dead can settle nothing.
 *
 * @returns How many deliveries were queued again.
 */
export async function takeOver(connection: Connection, now: string, graceSeconds: number): Promise<number> {
  const before = new Date(Date.parse(now) - graceSeconds * 1000).toISOString();
  const rows = await connection.query({
    name: 'take-over',
    text: `with alive as (
        select objid::bigint as number from pg_locks where locktype = 'advisory' and classid = ${ownerLockClass}
          and objsubid = 2 and granted and database = (select oid from pg_database where datname = current_database())),
      seen as (
        update tactus.process set missing_since = case when missing_since is null then $1::timestamptz end
        where (missing_since is null) <> (number in (select number from alive))),
      dead as (
        delete from tactus.process where missing_since <= $2 and number not in (select number from alive)
        returning number),
      freed as (
        update tactus.delivery set lease = lease + 1, lease_until = null, swept_at = $1 where id in (
          select id from tactus.delivery where state = 'pending' and lease_until is not null
            and lease_owner in (select number from dead) for update skip locked)
        returning id, priority),
      written as (insert into tactus.outbox (queue, subject, due_at, priority)
        select 'delivery', id, $1::timestamptz, priority from freed returning 1)
      select count(*) as count from written`,
    values: [now, before],
  });
  return Number(rows[0]?.count ?? 0);
}
