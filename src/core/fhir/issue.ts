/**
 * What is wrong with something that somebody sent, as data. Checks return issues, all of them at once; only our own
 * faults throw. An issue carries no patient data: its `message` names elements, codes of value sets and limits, never
 * a name, a date of birth, a note or an identifier's value.
 */

/** https://hl7.org/fhir/R4/valueset-issue-severity.html */
export type Severity = 'fatal' | 'error' | 'warning' | 'information';

/** The part of https://hl7.org/fhir/R4/valueset-issue-type.html that we use: OperationOutcome.issue.code. */
export type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'unknown'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'not-found'
  | 'too-long'
  | 'too-costly'
  | 'code-invalid'
  | 'extension'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'throttled'
  | 'timeout'
  | 'exception'
  | 'informational';

/** One fault, warning or remark. */
export interface Issue {
  readonly severity: Severity;
  /** Our stable code, lower case with hyphens, for example `cardinality-min`; listed in docs/issues.md. */
  readonly code: string;
  readonly type: IssueType;
  /** FHIRPath to the element, for example `ServiceRequest.code.coding[0].system`; empty when no element is meant. */
  readonly expression: string;
  /** One sentence that a prescriber understands: which thing, what it has, what it should have, what to do. */
  readonly message: string;
  /** Position in the sender's text, both counted from 1. */
  readonly line?: number;
  readonly column?: number;
  /** Canonical URL of the profile that is broken and the id of its element. */
  readonly profile?: string;
  readonly element?: string;
  /** Key of the invariant, or the page of the standard that says so. */
  readonly rule?: string;
}

const rank: Readonly<Record<Severity, number>> = { fatal: 0, error: 1, warning: 2, information: 3 };

/** Whether the thing must be refused. */
export function isFault(issue: Issue): boolean {
  return issue.severity === 'fatal' || issue.severity === 'error';
}

/** Worst first; issues of one severity keep their order, which is that of the document. */
export function worstFirst(issues: readonly Issue[]): Issue[] {
  return [...issues].sort((a, b) => rank[a.severity] - rank[b.severity]);
}
