import { type Issue, isFault } from '../core/fhir/issue.ts';
import type { Locate, Validator } from '../core/validate/validator.ts';
import { releaseHint } from './read-referral.ts';

type Json = Readonly<Record<string, unknown>>;

/** An issue of a resource, said of the Bundle that it stands in. */
export function placed(issue: Issue, { expression: prefix }: { readonly expression: string }, locate: Locate): Issue {
  const isOfPlan = /^[A-Z]/.test(issue.expression) && !issue.expression.startsWith('ServiceRequest');
  const expression = isOfPlan ? issue.expression : prefix + issue.expression.replace(/^ServiceRequest/, '');
  return { ...issue, expression, ...locate(expression) };
}

/** What is wrong with a Bundle as R4 has it, told by how much it matters here: see `matters`. */
export function bundleIssues(world: { readonly validator: Validator }, bundle: unknown, locate: Locate): Issue[] {
  if (world.validator.accepts(bundle)) return [];
  const resources = entryResources(bundle);
  const types = resources.map((resource) => String(resource?.resourceType ?? ''));
  const issues = world.validator
    .validate(bundle, { locate })
    .map((issue): Issue => (matters(issue, types) ? issue : { ...issue, severity: 'warning' }));
  return issues.some(isFault)
    ? [...issues, ...releaseHints(resources, (at) => `Bundle.entry[${at}].resource`, locate)]
    : issues;
}

/** Orders in the shape of another release, told once each beside the issues that it causes. */
export function releaseHints(
  resources: readonly (Json | undefined)[],
  expression: (index: number) => string,
  locate: Locate,
): Issue[] {
  return resources.flatMap((resource, index) => {
    const hint = resource?.resourceType === 'ServiceRequest' ? releaseHint(resource) : undefined;
    return hint === undefined ? [] : [placed(hint, { expression: expression(index) }, locate)];
  });
}

/** Resources that something is done with; the others are read for what they tell. */
const actedOn: ReadonlySet<string> = new Set(['ServiceRequest', 'Task', 'MessageHeader']);

/**
 * A code outside of a required value set in a Patient's languages is no reason to refuse an order. What cannot be read, and
 * any fault of what we act on, is.
 */
function matters(issue: Issue, resources: readonly string[]): boolean {
  // A name such as urn:uuid:patient is no UUID, and still leads to one entry: nothing is guessed by following it.
  if (/^Bundle\.entry\[\d+\]\.fullUrl$/.test(issue.expression) && issue.code === 'primitive-format') return false;
  const at = /^Bundle\.entry\[(\d+)\]\.resource/.exec(issue.expression)?.[1];
  if (!isFault(issue) || at === undefined) return true;
  return issue.type !== 'code-invalid' || actedOn.has(resources[Number(at)] ?? '');
}

function entryResources(bundle: unknown): readonly (Json | undefined)[] {
  const { entry } = bundle as { readonly entry?: unknown };
  if (!Array.isArray(entry)) return [];
  return entry.map((one: { readonly resource?: Json } | null) => one?.resource ?? undefined);
}
