import type { Referral } from '../../flows/records.ts';
import type { Connection } from './connection.ts';
import { withEarlier } from './layers.ts';
import { referralColumns, referralOf } from './read.ts';

/** Two are enough to see that the id does not tell which is meant. */
export async function referralsBySentId(
  connection: Connection,
  partner: string,
  id: string,
): Promise<readonly Referral[]> {
  const text = `select ${referralColumns} from tactus.referral r
    join tactus.referral_version v on v.referral_id = r.id and v.version = r.version
    where r.partner = $1 and r.sent_id = $2 order by r.id limit 2`;
  const rows = await connection.read({ name: 'referrals-by-sent-id', text, values: [partner, id] });
  const found = await Promise.all(rows.map((row) => withEarlier(connection, referralOf(row))));
  return found.flatMap((one) => one ?? []);
}
