import type { PlanRecord } from '../../flows/records.ts';
import type { LeasedDelivery } from '../../flows/store.ts';
import type { Connection, Row } from './connection.ts';
import { turnOf } from './deliveries.ts';
import { referralColumns, referralOf, sessionOf } from './read.ts';

const turnColumns = `id, kind, partner, plan_id, session_id, state, attempts, due_at, priority, wanted_version, issues,
  created_at, sent_at, lease`;

/**
 * One statement for a pack: leased, with the answers that may go along, and with what everything is made of (each plan
 * and referral once). skip locked: two workers with overlapping packs neither wait for each other nor deadlock.
 */
const leaseText = `with mine as (
    update tactus.delivery set lease = lease + 1, lease_until = $3, lease_owner = $4, attempts = attempts + 1
    where id in (select id from tactus.delivery
      where id = any($1::text[] || array(select answer.id from tactus.delivery one
          join tactus.delivery answer on answer.plan_id = one.plan_id and answer.kind = 'answer'
          where one.id = any($1::text[]) and one.kind <> 'answer'))
        and state = 'pending' and due_at <= $2 and (lease_until is null or lease_until <= $2)
      order by id for update skip locked)
    returning ${turnColumns})
  select mine.id as delivery_id, mine.kind, mine.partner as delivery_partner, mine.plan_id as delivery_plan, mine.session_id,
    mine.state, mine.attempts, mine.due_at, mine.priority, mine.wanted_version, mine.issues, mine.created_at, mine.sent_at,
    mine.lease, p.document as plan, ${referralColumns},
    s.document, s.plan_id, s.content_hash as session_hash, s.recorded_at
  from mine
    left join tactus.plan p on p.id = mine.plan_id and mine.id = (select min(id) from mine same where same.plan_id = mine.plan_id)
    left join tactus.referral r on r.id = p.referral_id
    left join tactus.referral_version v on v.referral_id = r.id and v.version = r.version
    left join tactus.session s on s.id = mine.session_id`;

export async function lease(
  connection: Connection,
  ids: readonly string[],
  now: string,
  leaseSeconds: number,
  owner: number | null,
): Promise<readonly LeasedDelivery[]> {
  const until = new Date(Date.parse(now) + leaseSeconds * 1000).toISOString();
  const rows = await connection.query({ name: 'lease', text: leaseText, values: [ids, now, until, owner] });
  const place = new Map(ids.map((id, index) => [id, index]));
  const placeOf = ({ delivery }: LeasedDelivery) => place.get(delivery.id) ?? ids.length;
  return rows.map(leasedOf).sort((a, b) => placeOf(a) - placeOf(b));
}

function leasedOf(row: Row): LeasedDelivery {
  const turn = { ...row, id: row.delivery_id, partner: row.delivery_partner, plan_id: row.delivery_plan };
  return {
    delivery: turnOf(turn),
    lease: row.lease as number,
    ...(row.plan === null ? {} : { plan: row.plan as PlanRecord }),
    ...(row.id === null ? {} : { referral: referralOf(row) }),
    ...(row.document === null ? {} : { session: sessionOf({ ...row, content_hash: row.session_hash }) }),
  };
}
