import type { RefusedItem } from '../../flows/records.ts';
import type { RefusedQuery } from '../../flows/store.ts';
import type { Connection } from './connection.ts';

/** The same bytes refused again with the same status are counted; the newest reasons stand. */
export async function keepRefused(connection: Connection, item: Omit<RefusedItem, 'lastAt' | 'times'>): Promise<void> {
  const { audience, owner, route, bytesHash, status, size, issues, requestId, correlationId, firstAt } = item;
  await connection.query({
    name: 'keep-refused',
    text: `insert into tactus.refused as kept (audience, owner, route, bytes_hash, status, size, issues, request_id,
        correlation_id, first_at, last_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
      on conflict (audience, owner, route, bytes_hash, status) do update set issues = excluded.issues,
        request_id = excluded.request_id, correlation_id = excluded.correlation_id,
        last_at = greatest(kept.last_at, excluded.last_at), times = kept.times + 1`,
    values: [
      audience,
      owner,
      route,
      bytesHash,
      status,
      size,
      JSON.stringify(issues),
      requestId,
      correlationId,
      firstAt,
    ],
  });
}

export async function refusedItems(connection: Connection, query: RefusedQuery): Promise<readonly RefusedItem[]> {
  const text = `select audience, owner, route, bytes_hash as "bytesHash", status, size, issues, request_id as "requestId",
      correlation_id as "correlationId", first_at as "firstAt", last_at as "lastAt", times
    from tactus.refused where ($1::text is null or owner = $1) order by last_at desc limit $2`;
  const rows = await connection.read({ name: 'refused', text, values: [query.owner ?? null, query.limit] });
  return rows as unknown as readonly RefusedItem[];
}

export async function forgetRefused(connection: Connection, before: string): Promise<number> {
  const text =
    'with gone as (delete from tactus.refused where last_at < $1 returning 1) select count(*) as count from gone';
  const rows = await connection.query({ name: 'forget-refused', text, values: [before] });
  return Number(rows[0]?.count ?? 0);
}
