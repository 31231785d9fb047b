import type { PlanRecord } from '../../flows/records.ts';
import type { DuePlans, Page } from '../../flows/store.ts';
import type { Connection } from './connection.ts';

/** By what plans are found, and in which order; each has an index of its own (migrations/003-deadlines.ts). */
const kinds = {
  unanswered: { column: 'asked_at', type: 'timestamptz', first: '-infinity', is: '<=', more: 'asked_at is not null' },
  unreminded: {
    column: 'asked_at',
    type: 'timestamptz',
    first: '-infinity',
    is: '<=',
    more: 'asked_at is not null and not reminded',
  },
  unused: { column: 'last_day', type: 'text', first: '', is: '<', more: 'last_day is not null' },
} as const;

/** One page of a partner's plans whose time has come, the longest due first. */
export async function duePlans(connection: Connection, query: DuePlans): Promise<Page<PlanRecord>> {
  const { column, type, first, is, more } = kinds[query.kind];
  const [after, id] = query.after === undefined ? [first, ''] : cursorParts(query.after);
  const rows = await connection.read({
    name: `due-${query.kind}`,
    text: `select document, ${column}::text as place, id from tactus.plan
      where partner = $1 and ${more} and ${column} ${is} $2::${type} and (${column}, id) > ($3::${type}, $4)
      order by ${column}, id limit $5`,
    values: [query.partner, query.before, after, id, query.limit + 1],
  });
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  return {
    items: page.map((row) => row.document as PlanRecord),
    next: last === undefined ? null : JSON.stringify([last.place, last.id]),
  };
}

/** Cursors do not leave this process. */
function cursorParts(cursor: string): readonly [string, string] {
  return JSON.parse(cursor) as [string, string];
}
