import { sql } from 'kysely';
import type { Session } from '../../core/plan/session.ts';
import type { HistoryEntry, PlacerNumber, PlanRecord, Referral, SessionRecord } from '../../flows/records.ts';
import type { Course, Page, PlanQuery } from '../../flows/store.ts';
import type { Connection, Row } from './connection.ts';
import { UnknownCursor } from './errors.ts';

export const referralColumns = `r.id, r.partner, r.placer_system, r.placer_value, v.version, v.resource, v.context, v.bytes_hash,
  v.content_hash, v.correlation_id, v.received_at, v.updated_at`;

export async function referralById(connection: Connection, id: string): Promise<Referral | undefined> {
  const text = `select ${referralColumns} from tactus.referral r
    join tactus.referral_version v on v.referral_id = r.id and v.version = r.version where r.id = $1`;
  return firstReferral(await connection.read({ name: 'referral', text, values: [id] }));
}

export async function referralByPlacer(
  connection: Connection,
  partner: string,
  placer: PlacerNumber,
): Promise<Referral | undefined> {
  const text = `select ${referralColumns} from tactus.referral r
    join tactus.referral_version v on v.referral_id = r.id and v.version = r.version
    where r.partner = $1 and r.placer_system = $2 and r.placer_value = $3`;
  const values = [partner, placer.system, placer.value];
  return firstReferral(await connection.read({ name: 'referral-by-placer', text, values }));
}

export async function referralVersion(
  connection: Connection,
  id: string,
  version: number,
): Promise<Referral | undefined> {
  const text = `select ${referralColumns} from tactus.referral r
    join tactus.referral_version v on v.referral_id = r.id where r.id = $1 and v.version = $2`;
  return firstReferral(await connection.read({ name: 'referral-version', text, values: [id, version] }));
}

export async function referralText(connection: Connection, id: string, version: number): Promise<string | undefined> {
  const text = 'select bytes from tactus.referral_version where referral_id = $1 and version = $2';
  const [row] = await connection.read({ name: 'referral-text', text, values: [id, version] });
  return row && (row.bytes as Buffer).toString('utf8');
}

function firstReferral([row]: readonly Row[]): Referral | undefined {
  return row && referralOf(row);
}

export function referralOf(row: Row): Referral {
  return {
    id: row.id as string,
    partner: row.partner as string,
    placer: { system: row.placer_system as string, value: row.placer_value as string },
    version: row.version as number,
    resource: row.resource as Referral['resource'],
    context: row.context,
    bytesHash: row.bytes_hash as string,
    contentHash: row.content_hash as string,
    receivedAt: row.received_at as string,
    updatedAt: row.updated_at as string,
    correlationId: row.correlation_id as string | null,
  };
}

export async function planById(connection: Connection, id: string): Promise<PlanRecord | undefined> {
  const text = 'select document from tactus.plan where id = $1';
  const [row] = await connection.read({ name: 'plan', text, values: [id] });
  return row?.document as PlanRecord | undefined;
}

export async function planOfReferral(connection: Connection, referralId: string): Promise<PlanRecord | undefined> {
  const text = 'select document from tactus.plan where referral_id = $1';
  const [row] = await connection.read({ name: 'plan-of-referral', text, values: [referralId] });
  return row?.document as PlanRecord | undefined;
}

/**
 * Pages in the order of the last change, by a number that rises with every change: what changes while somebody turns
 * the pages moves behind him and is met again, and nothing is skipped.
 */
export async function plans(connection: Connection, query: PlanQuery): Promise<Page<PlanRecord>> {
  let select = connection.kysely.selectFrom('tactus.plan').select(['document', 'change']);
  if (query.statuses) select = select.where('status', 'in', [...query.statuses, '']);
  if (query.partner !== undefined) select = select.where('partner', '=', query.partner);
  if (query.referralIds) select = select.where('referral_id', 'in', [...query.referralIds, '']);
  if (query.updatedSince !== undefined) select = select.where('updated_at', '>=', query.updatedSince);
  if (query.patient !== undefined) select = select.where(sql<boolean>`patients @> array[${query.patient}]`);
  if (query.after !== undefined) select = select.where('change', '>', changeOf(query.after));
  const { sql: text, parameters } = select
    .orderBy('change')
    .limit(query.limit + 1)
    .compile();
  const rows = await connection.read({ text, values: parameters });
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  return { items: page.map((row) => row.document as PlanRecord), next: last ? String(last.change) : null };
}

function changeOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new UnknownCursor('The cursor is not one that a page of plans gave.');
  return Number(cursor);
}

export async function sessionById(connection: Connection, id: string): Promise<SessionRecord | undefined> {
  const text = 'select * from tactus.session where id = $1';
  const [row] = await connection.read({ name: 'session', text, values: [id] });
  return row && sessionOf(row);
}

export async function sessionsOfPlan(connection: Connection, planId: string): Promise<readonly SessionRecord[]> {
  const text = 'select * from tactus.session where plan_id = $1 order by seq, recorded_at, id';
  return (await connection.read({ name: 'sessions', text, values: [planId] })).map(sessionOf);
}

/** One statement, one snapshot: the plan is no older than its sessions. */
export async function course(connection: Connection, planId: string, sessionId: string): Promise<Course | undefined> {
  const text = `select null as id, document, null as plan_id, null as seq, null as content_hash, null as recorded_at
      from tactus.plan where id = $1
    union all select id, document, plan_id, seq, content_hash, recorded_at from tactus.session
      where plan_id = $1 or id = $2 order by seq, recorded_at, id`;
  const rows = await connection.read({ name: 'course', text, values: [planId, sessionId] });
  const record = rows.find((row) => row.id === null)?.document as PlanRecord | undefined;
  const sessions = rows.filter((row) => row.id !== null).map(sessionOf);
  return (
    record && {
      record,
      sessions: sessions.filter((one) => one.planId === planId),
      known: sessions.find((one) => one.session.sessionId === sessionId),
    }
  );
}

export function sessionOf(row: Row): SessionRecord {
  return {
    session: row.document as Session,
    planId: row.plan_id as string,
    contentHash: row.content_hash as string,
    recordedAt: row.recorded_at as string,
  };
}

export async function history(connection: Connection, about: string, id: string): Promise<readonly HistoryEntry[]> {
  const text = `select at, about, subject as id, event, by, detail from tactus.history
    where subject = $1 and about = $2 order by history.id`;
  const rows = await connection.read({ name: 'history', text, values: [id, about] });
  return rows as unknown as readonly HistoryEntry[];
}
