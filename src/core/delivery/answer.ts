import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { Issue, IssueType } from '../fhir/issue.ts';
import { retryAfterSeconds } from './retry.ts';

/**
 * What a hospital said to one call. answered: an HTTP status came, whatever it is; `body` is parsed JSON, undefined where
 * there is none. broken: no answer that can be used; the hospital may or may not have what was sent.
 */
export type Heard =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  | { readonly kind: 'broken'; readonly reason: 'timeout' | 'connection' | 'too-large' | 'redirect' | 'not-json' };

/**
 * What the answer means for the delivery.
 *
 * taken: the hospital has it. again: a repeat may help (and is safe, because every create is conditional).
 * refused: a repeat cannot change it; a person must look.
 */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'again'; readonly retryAfterSeconds?: number; readonly issue: Issue }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] };

/** Statuses that a repeat can change: 408, 425, 429 and the server's own trouble, but not 501 (never implemented). */
const transientStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

/**
 * OperationOutcome.issue.code of a 4xx that still is temporary, as NHS BaRS and others send it.
 * https://hl7.org/fhir/R4/valueset-issue-type.html: transient and its children.
 */
const transientTypes: ReadonlySet<string> = new Set([
  'transient',
  'lock-error',
  'no-store',
  'timeout',
  'incomplete',
  'throttled',
]);

/**
 * Decide what one answer means.
 *
 * A broken connection is never a refusal: the hospital may have it, so the same conditional create goes out again.
 * A redirect is not followed, since it would carry a patient's data to a host that nobody configured.
 *
 * @param now Milliseconds since 1970, UTC; only for a Retry-After that is a date.
 * @see https://hl7.org/fhir/R4/http.html#ccreate
 */
export function judge(heard: Heard, now: number): Verdict {
  if (heard.kind === 'broken') return judgeBroken(heard.reason);
  const { status } = heard;
  if (status >= 200 && status < 300) {
    // A 2xx with an OperationOutcome that holds errors, or with a login page, is no proof that anything was kept.
    const faults = issuesOf(heard.body).filter((issue) => issue.severity === 'error' || issue.severity === 'fatal');
    return faults.length > 0 ? { kind: 'refused', issues: faults } : { kind: 'taken' };
  }
  const told = issuesOf(heard.body);
  const saysTransient = told.some((issue) => transientTypes.has(issue.type));
  if (transientStatuses.has(status) || (status >= 400 && saysTransient)) {
    const seconds = retryAfterSeconds(heard.headers['retry-after'], now);
    const issue = told[0] ?? statusIssue(status);
    return { kind: 'again', issue, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
  }
  return { kind: 'refused', issues: [statusIssue(status), ...told] };
}

function judgeBroken(reason: Extract<Heard, { kind: 'broken' }>['reason']): Verdict {
  const said: Readonly<Record<typeof reason, string>> = {
    timeout: 'The hospital did not answer in time; it may or may not have taken the delivery.',
    connection: 'The connection to the hospital broke; it may or may not have taken the delivery.',
    'too-large': "The hospital's answer is larger than the limit and was not read.",
    redirect: 'The hospital answered with a redirect, which is not followed: correct the baseUrl in its partner file.',
    'not-json': "The hospital's answer is not JSON although the call succeeded; perhaps a login page stands before it.",
  };
  const issue = deliveryIssue(`hospital-${reason}`, 'transient', said[reason]);
  const final = reason === 'redirect' || reason === 'not-json';
  return final ? { kind: 'refused', issues: [issue] } : { kind: 'again', issue };
}

/** Issues as the hospital told them, without its free text: that may repeat what we sent. */
function issuesOf(body: unknown): Issue[] {
  if (!isOutcome(body)) return [];
  return (body.issue ?? []).slice(0, 20).map((issue) => ({
    severity: issue.severity ?? 'error',
    code: 'hospital-said',
    type: (issue.code ?? 'processing') as IssueType,
    expression: issue.expression?.[0] ?? '',
    message: `The hospital says ${issue.severity ?? 'error'} ${issue.code ?? ''}${codings(issue.details?.coding)}.`,
  }));
}

function codings(coding: readonly { readonly code?: string }[] | undefined): string {
  const codes = (coding ?? []).flatMap(({ code }) => (code !== undefined && /^[\w.-]{1,64}$/.test(code) ? [code] : []));
  return codes.length > 0 ? ` (${codes.join(', ')})` : '';
}

function isOutcome(body: unknown): body is OperationOutcome {
  return (body as Resource | undefined)?.resourceType === 'OperationOutcome';
}

function statusIssue(status: number): Issue {
  return deliveryIssue('hospital-refused', 'processing', `The hospital answered HTTP ${status}.`);
}

/** An issue about a delivery. */
export function deliveryIssue(code: string, type: IssueType, message: string): Issue {
  return { severity: 'error', code, type, expression: '', message };
}

/**
 * Read a transaction-response: entry by entry, in the order that was sent.
 *
 * @returns One status a request entry, or undefined when the body is no transaction-response of that many entries: then
 *   nobody knows what happened, and the delivery is repeated.
 * @see https://hl7.org/fhir/R4/http.html#transaction-response
 */
export function readTransactionResponse(
  body: unknown,
  sent: number,
): readonly { readonly status: number; readonly type: string; readonly id: string }[] | undefined {
  const bundle = body as Bundle | undefined;
  if (bundle?.resourceType !== 'Bundle' || bundle.type !== 'transaction-response') return undefined;
  if (bundle.entry?.length !== sent) return undefined;
  return bundle.entry.map(({ response, resource }) => {
    const [type = '', id = ''] = fromLocation(response?.location) ?? [resource?.resourceType, resource?.id];
    return { status: Number.parseInt(response?.status ?? '0', 10), type, id };
  });
}

/** `[base]/Procedure/17/_history/1` or `Procedure/17` as type and id. */
export function fromLocation(location: string | undefined): [string, string] | undefined {
  const parts = (location ?? '').split('/_history/')[0]?.split('/').filter(Boolean) ?? [];
  const [type, id] = parts.slice(-2);
  return type !== undefined && id !== undefined ? [type, id] : undefined;
}
