import type { TSchema } from '@sinclair/typebox';
import type { Issue } from '../../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../../core/fhir/json.ts';
import { checker } from '../../core/plan/check.ts';
import { Refusal } from './answer.ts';

const checks = new WeakMap<TSchema, (value: unknown) => Issue[]>();

/**
 * Read a body of the clinic door through the JSON gate and its schema.
 *
 * @param name What paths of issues start with.
 * @throws Refusal 400 with every fault and its position in the text.
 */
export function readJson<T>(name: string, schema: TSchema, text: string): T {
  const parsed = parseJson(text, strangerLimits);
  if (!parsed.ok) throw new Refusal(400, parsed.issues);
  const issues = checkOf(name, schema)(parsed.value);
  if (issues.length > 0) throw new Refusal(400, placed(issues, name, parsed.locate));
  return parsed.value as T;
}

/** Compiled once a schema. */
function checkOf(name: string, schema: TSchema): (value: unknown) => Issue[] {
  const check = checks.get(schema) ?? checker(name, schema);
  checks.set(schema, check);
  return check;
}

/** Reads a body that a flow checks. */
export function readUnchecked(text: string) {
  const parsed = parseJson(text, strangerLimits);
  if (!parsed.ok) throw new Refusal(400, parsed.issues);
  return parsed;
}

export function placed(
  issues: readonly Issue[],
  name: string,
  locate: (expression: string) => { readonly line: number; readonly column: number } | undefined,
): Issue[] {
  return issues.map((issue) => (issue.expression.startsWith(name) ? { ...issue, ...locate(issue.expression) } : issue));
}
