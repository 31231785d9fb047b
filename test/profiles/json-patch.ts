/** The three operations of https://www.rfc-editor.org/rfc/rfc6902 that the broken examples use. */
export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** @returns A changed copy. @throws Error when a step changes what is not there, so no case can quietly do nothing. */
export function patched(document: unknown, steps: readonly PatchStep[]): unknown {
  const copy = structuredClone(document);
  for (const step of steps) apply(copy, step);
  return copy;
}

function apply(document: unknown, step: PatchStep): void {
  const names = step.path.split('/').slice(1);
  const last = names.pop() ?? '';
  const holder = names.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    document,
  );
  if (typeof holder !== 'object' || holder === null) throw new Error(`Nothing holds ${step.path}`);
  if (Array.isArray(holder)) applyToList(holder, last, step);
  else applyToRecord(holder as Record<string, unknown>, last, step);
}

function applyToRecord(record: Record<string, unknown>, last: string, step: PatchStep): void {
  if (step.op !== 'add' && !(last in record)) throw new Error(`There is no ${step.path} to ${step.op}`);
  if (step.op === 'remove') delete record[last];
  else record[last] = step.value;
}

function applyToList(list: unknown[], last: string, step: PatchStep): void {
  const at = last === '-' ? list.length : Number(last);
  if (step.op !== 'add' && !(at in list)) throw new Error(`There is no ${step.path} to ${step.op}`);
  if (step.op === 'remove') list.splice(at, 1);
  else list.splice(at, step.op === 'add' ? 0 : 1, step.value);
}
