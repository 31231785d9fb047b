import type { Issue, IssueType } from '../../core/fhir/issue.ts';

/** What a handler says; how it is written on the wire is in send.ts. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; absent: no body. */
  readonly body?: unknown;
  /** Why it was refused, where the body tells that in a form of its own (a message). */
  readonly issues?: readonly Issue[];
}

/** A request that cannot be served: its status and every reason, told in the door's own form. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, issues: readonly Issue[], headers: Readonly<Record<string, string>> = {}) {
    super(`Refused with ${status}.`);
    this.status = status;
    this.issues = issues;
    this.headers = headers;
  }
}

/** One issue that refuses; its code is listed in docs/issues.md. */
export function fault(code: string, type: IssueType, message: string, expression = ''): Issue {
  return { severity: 'error', code, type, expression, message };
}

/** The commonest refusal: one issue. */
export function refusal(
  status: number,
  code: string,
  type: IssueType,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(status, [fault(code, type, message)], headers);
}

/** The same words for what is not there and for what is another's, so that nothing can be learned from the difference. */
export function notFound(what: string): Refusal {
  return refusal(404, 'not-found', 'not-found', `There is no such ${what} here.`);
}
