type Json = Readonly<Record<string, unknown>>;

/**
 * Which of two states of one order its author wrote later, by what the author's own server says of them: meta.versionId
 * where both are whole numbers, else meta.lastUpdated. Messages overtake each other, so the order of arrival says nothing.
 *
 * @returns Negative when `one` is older than `other`, positive when newer, 0 when equal; undefined when nothing tells, or
 *   when their ids say that they are two orders.
 */
export function compareVersions(one: Json, other: Json): number | undefined {
  if (typeof one.id === 'string' && typeof other.id === 'string' && one.id !== other.id) return undefined;
  return (
    compare(versionOf(one), versionOf(other)) ??
    compare(instantOf(metaOf(one).lastUpdated), instantOf(metaOf(other).lastUpdated))
  );
}

/** The same; where the server says nothing, by authoredOn. Only of orders that are known to be one. */
export function compareAuthored(one: Json, other: Json): number | undefined {
  return compareVersions(one, other) ?? compare(instantOf(one.authoredOn), instantOf(other.authoredOn));
}

function compare(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.sign(one - other);
}

/** Other version ids (hashes, UUIDs) have no order. */
function versionOf(resource: Json): number | undefined {
  const { versionId } = metaOf(resource);
  return typeof versionId === 'string' && /^\d{1,15}$/.test(versionId) ? Number(versionId) : undefined;
}

/** A date without time begins with its first instant in UTC. */
function instantOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function metaOf({ meta }: Json): Json {
  return typeof meta === 'object' && meta !== null ? (meta as Json) : {};
}
