import type { Statement } from './connection.ts';

/** A statement of several parts (common table expressions) that is sent as one: one round trip, one transaction. */
export interface StatementBuilder {
  /** A value; gives its placeholder. */
  value(value: unknown): string;
  /** Rows as JSON; objects and arrays inside are kept as they are. */
  json(value: unknown): string;
  /** `with <name> as (<sql>)`. */
  part(name: string, sql: string): void;
  /** The same, but behind all parts: for what reads from parts that are added later. */
  follower(name: string, sql: string): void;
  build(select: string): Statement;
}

/** @param shape Names the set of parts: statements of one shape have one text, so that PostgreSQL plans it once. */
export function buildStatement(shape: () => string): StatementBuilder {
  const values: unknown[] = [];
  const parts: string[] = [];
  const followers: string[] = [];
  const value = (given: unknown) => {
    values.push(given);
    return `$${values.length}`;
  };
  return {
    value,
    json: (given) => value(JSON.stringify(given)),
    part: (name, sql) => parts.push(`${name} as (${sql})`),
    follower: (name, sql) => followers.push(`${name} as (${sql})`),
    build: (select) => ({
      name: nameOf(shape()),
      text: `with ${[...parts, ...followers].join(',\n')}\n${select}`,
      values,
    }),
  };
}

/** PostgreSQL cuts the names of statements at 63 characters, and two that begin alike would be taken for one. */
const names = new Map<string, string>();

function nameOf(shape: string): string {
  const known = names.get(shape);
  if (known) return known;
  const name = `${shape.slice(0, 50)}-${names.size}`;
  names.set(shape, name);
  return name;
}
