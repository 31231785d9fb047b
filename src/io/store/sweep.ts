import type { Connection } from './connection.ts';

/** One sweep writes at most this many rows of each kind; the next one goes on. */
const sweepLimit = 5000;
/** A new version of a referral that has its plan is reminded this often; without a plan there is no end. */
const versionReminders = 20;

/**
 * Write outbox rows for what has no next step. What was swept is left alone for another `overdueSeconds`, so that a
 * slow worker is not flooded; a referral that no map can make a plan of is reminded ever more seldom, after six doublings
 * about once an hour.
 */
export async function sweep(connection: Connection, now: string, overdueSeconds: number): Promise<number> {
  const before = new Date(Date.parse(now) - overdueSeconds * 1000).toISOString();
  const rows = await connection.query({
    name: 'sweep',
    text: `with referrals as (
        update tactus.intake set since = $1, sweeps = sweeps + 1 where referral_id in (
          select referral_id from tactus.intake i where since <= $2
            and since <= $1::timestamptz - make_interval(secs => $3 * power(2, least(greatest(sweeps - 3, 0), 6)))
            and (sweeps < ${versionReminders}
            or not exists (select from tactus.plan p where p.referral_id = i.referral_id))
          order by since limit ${sweepLimit} for update skip locked)
        returning referral_id),
      deliveries as (
        update tactus.delivery set swept_at = $1 where id in (
          select id from tactus.delivery where state = 'pending' and due_at <= $2
            and (lease_until is null or lease_until <= $1) and (swept_at is null or swept_at <= $2)
          order by due_at limit ${sweepLimit} for update skip locked)
        returning id, priority),
      written as (insert into tactus.outbox (queue, subject, due_at, priority)
        select 'intake', referral_id, $1::timestamptz, 10 from referrals
        union all select 'delivery', id, $1::timestamptz, priority from deliveries returning 1)
      select count(*) as count from written`,
    values: [now, before, overdueSeconds],
  });
  return Number(rows[0]?.count ?? 0);
}
