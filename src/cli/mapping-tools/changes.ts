/** One difference between what two versions of a mapping make of one input. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed' | 'refused' | 'accepted';
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly input: string;
}

/** Changes of one kind at one place, however many inputs show it. */
export interface GroupedChange {
  readonly kind: Change['kind'];
  /** Without indexes: `entry[].resource.code`. */
  readonly path: string;
  readonly count: number;
  readonly example: Change;
}

/** Most frequent first. */
export function groupChanges(changes: readonly Change[]): GroupedChange[] {
  const groups = new Map<string, { kind: Change['kind']; path: string; count: number; example: Change }>();
  for (const change of changes) {
    const path = change.path.replace(/\[\d+\]/g, '[]');
    const key = `${change.kind} ${path}`;
    const found = groups.get(key);
    if (found === undefined) groups.set(key, { kind: change.kind, path, count: 1, example: change });
    else found.count += 1;
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** The comparison as text. */
export function tellChanges(compared: {
  readonly inputs: number;
  readonly changed: number;
  readonly changes: readonly GroupedChange[];
  readonly invalid: readonly { readonly input: string; readonly fault: string }[];
  readonly unread: readonly { readonly input: string; readonly fault: string }[];
}): string {
  const lines = compared.changes.flatMap(({ kind, path, count, example }) => [
    `${String(count).padStart(5)}  ${kind.padEnd(8)}  ${path || '(the whole output)'}`,
    `       ${JSON.stringify(example.before) ?? 'nothing'} -> ${JSON.stringify(example.after) ?? 'nothing'}  (${example.input})`,
  ]);
  const listed = (what: string, found: typeof compared.invalid): string[] =>
    found.length === 0 ? [] : [`${found.length} ${what}:`, ...found.map(({ input, fault }) => `  ${input}: ${fault}`)];
  return [
    `${compared.changed} of ${compared.inputs} outputs change.`,
    ...lines,
    ...listed('outputs become invalid', compared.invalid),
    ...listed('files could not be compared', compared.unread),
    '',
  ].join('\n');
}
