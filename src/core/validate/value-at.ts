import { isObject, own } from './json.ts';
import type { Path } from './path.ts';
import type { Scope } from './run.ts';

/** The value at a path inside the scope's resource, by JSON keys. */
export function valueAt(path: Path, scope: Scope): unknown {
  const steps: Path[] = [];
  for (let step: Path | undefined = path; step !== undefined && step !== scope.path; step = step.parent)
    steps.push(step);
  let value: unknown = scope.resource;
  for (const step of steps.reverse()) {
    const inner = isObject(value) ? own(value, step.key) : undefined;
    value = step.index !== undefined && Array.isArray(inner) ? inner[step.index] : inner;
  }
  return value;
}
