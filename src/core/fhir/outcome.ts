import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { type Issue, worstFirst } from './issue.ts';

/** Our own issue codes; each is explained in docs/issues.md. */
export const issueCodeSystem = 'https://tactus.example/fhir/CodeSystem/issue';
const lineExtension = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line';
const columnExtension = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col';

/** More issues than this help nobody and would let a small body make a large answer. */
export const issueLimit = 200;

/**
 * Tell issues as FHIR does.
 *
 * @returns An OperationOutcome with the worst first, at most 200; how many were left out is its last issue. Without
 *   issues it says that all is well, because R4 demands at least one (OperationOutcome.issue 1..*).
 * @see https://hl7.org/fhir/R4/operationoutcome.html
 */
export function toOperationOutcome(issues: readonly Issue[]): OperationOutcome {
  const told = worstFirst(issues).slice(0, issueLimit).map(tell);
  if (issues.length > issueLimit) {
    told.push({
      severity: 'information',
      code: 'informational',
      diagnostics: `${issues.length - issueLimit} more issues are not listed.`,
    });
  }
  if (told.length === 0) told.push({ severity: 'information', code: 'informational', diagnostics: 'All is well.' });
  return { resourceType: 'OperationOutcome', issue: told };
}

function tell(issue: Issue): OperationOutcomeIssue {
  const position = [
    ...(issue.line === undefined ? [] : [{ url: lineExtension, valueInteger: issue.line }]),
    ...(issue.column === undefined ? [] : [{ url: columnExtension, valueInteger: issue.column }]),
  ];
  const broken = [issue.profile, issue.element].filter((part) => part !== undefined).join('#');
  // A message that names its invariant already need not be told it again.
  const named = issue.rule !== undefined && issue.message.includes(`(${issue.rule})`) ? undefined : issue.rule;
  const rule = [named, broken].filter((part) => part).join(', ');
  return {
    ...(position.length > 0 ? { extension: position } : {}),
    severity: issue.severity,
    code: issue.type,
    details: { coding: [{ system: issueCodeSystem, code: issue.code }], text: issue.message },
    diagnostics: rule ? `${issue.message} (${rule})` : issue.message,
    ...(issue.expression ? { expression: [issue.expression] } : {}),
  };
}
