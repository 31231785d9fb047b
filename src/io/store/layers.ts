import type { Referral } from '../../flows/records.ts';
import type { Connection } from './connection.ts';

/**
 * A referral with what came with its earlier versions. A first version has none and costs no statement; a Bundle that came
 * with several versions is read once, as that of the newest of them.
 */
export async function withEarlier(
  connection: Connection,
  referral: Referral | undefined,
): Promise<Referral | undefined> {
  if (referral === undefined || referral.version === 1) return referral;
  const digests = `md5(coalesce(context::text, '')), md5(coalesce((resource -> 'contained')::text, ''))`;
  const text = `select distinct on (${digests}) version, resource, context from tactus.referral_version
    where referral_id = $1 and version < $2 and (context is not null or (resource -> 'contained') is not null)
    order by ${digests}, version desc`;
  const values = [referral.id, referral.version];
  const rows = await connection.read({ name: 'referral-layers', text, values });
  if (rows.length === 0) return referral;
  const layers = rows.map((row) => ({
    version: row.version as number,
    resource: row.resource as Referral['resource'],
    context: row.context,
  }));
  return { ...referral, earlier: layers.sort((a, b) => a.version - b.version) };
}
