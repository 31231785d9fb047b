import { layersOfBefore, type OrderLayer } from '../../core/plan/order-layers.ts';
import type { Referral } from '../../flows/records.ts';
import type { Connection } from './connection.ts';
import { referralById } from './read.ts';

/** An order that replaces one that replaces one ...: so far back what was told is read. */
const longestChain = 5;

/**
 * A referral with what came with its earlier versions, and with the orders before it that its plan is screened with. A
 * first version that names no order costs no statement; a Bundle that came with several versions is read once, as that of
 * the newest of them.
 */
export async function withEarlier(
  connection: Connection,
  referral: Referral | undefined,
  depth = 0,
): Promise<Referral | undefined> {
  if (referral === undefined) return undefined;
  const own = referral.version === 1 ? [] : await earlierVersions(connection, referral);
  const before = await ordersBefore(connection, referral, depth);
  return own.length + before.length === 0 ? referral : { ...referral, earlier: [...before, ...own] };
}

async function earlierVersions(connection: Connection, referral: Referral): Promise<readonly OrderLayer[]> {
  const digests = `md5(coalesce(context::text, '')), md5(coalesce((resource -> 'contained')::text, ''))`;
  const text = `select distinct on (${digests}) version, resource, context from tactus.referral_version
    where referral_id = $1 and version < $2 and (context is not null or (resource -> 'contained') is not null)
    order by ${digests}, version desc`;
  const values = [referral.id, referral.version];
  const rows = await connection.read({ name: 'referral-layers', text, values });
  const layers = rows.map((row) => ({
    version: row.version as number,
    resource: row.resource as Referral['resource'],
    context: row.context,
  }));
  return layers.sort((a, b) => a.version - b.version);
}

/** Asked for only where a version of the order can have named one before it. */
async function ordersBefore(connection: Connection, referral: Referral, depth: number): Promise<readonly OrderLayer[]> {
  const { version, resource } = referral;
  const mayHave = version > 1 || resource.replaces !== undefined || resource.basedOn !== undefined;
  if (!mayHave || depth >= longestChain) return [];
  const text = `select document -> 'screensWith' as ids from tactus.plan where referral_id = $1`;
  const [row] = await connection.read({ name: 'orders-before', text, values: [referral.id] });
  const layers: OrderLayer[] = [];
  for (const id of (row?.ids as readonly string[] | null | undefined) ?? []) {
    const before = await withEarlier(connection, await referralById(connection, id), depth + 1);
    if (before !== undefined) layers.push(...layersOfBefore(before));
  }
  return layers;
}
