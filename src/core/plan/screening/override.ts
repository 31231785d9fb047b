import type { Issue } from '../../fhir/issue.ts';
import { inVersion, versionNamed } from '../order-layers.ts';
import type { ScreeningFinding } from '../treatment-plan.ts';

/** Who decides on a finding, when and why. */
export interface FindingDecision {
  /** A person's name. */
  readonly by: string;
  /** An instant. */
  readonly at: string;
  readonly reason: string;
}

export type Overridden<Finding extends ScreeningFinding> =
  | { readonly ok: true; readonly finding: Finding; readonly before: Finding }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Shorter ones ("ok", "see above") tell the next reader nothing. */
const shortestReason = 10;

/**
 * Let treatment go on in spite of a finding. The finding stays: it travels with the plan as a flag, with its
 * modifications, and says who overrode it, when and why.
 *
 * @returns The finding as overridden and as it was, for the history; or issues `override-incomplete`, one for each thing
 *   that is missing.
 */
export function override<Finding extends ScreeningFinding>(
  finding: Finding,
  decision: FindingDecision,
): Overridden<Finding> {
  return decided(finding, decision, 'overridden');
}

/** The finding does not hold any more: the fever is over, the clearance has come. */
export function clear<Finding extends ScreeningFinding>(
  finding: Finding,
  decision: FindingDecision,
): Overridden<Finding> {
  return decided(finding, decision, 'cleared');
}

function decided<Finding extends ScreeningFinding>(
  finding: Finding,
  { by, at, reason }: FindingDecision,
  state: ScreeningFinding['state'],
): Overridden<Finding> {
  const issues: Issue[] = [];
  const missing = (element: string, sentence: string) => {
    const expression = `TreatmentPlan.screening.findings.${element}`;
    issues.push({ severity: 'error', code: 'override-incomplete', type: 'required', expression, message: sentence });
  };
  if (by.trim() === '') missing('by', `A finding of ${finding.ruleId} is decided on by a person; name who.`);
  if (Number.isNaN(Date.parse(at))) missing('at', `The decision on a finding of ${finding.ruleId} needs its instant.`);
  if (reason.trim().length < shortestReason) {
    missing('reason', `Say in a sentence why the finding of ${finding.ruleId} does not stop the treatment.`);
  }
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, finding: { ...finding, state, by, at, reason }, before: finding };
}

/**
 * Take decisions over to a new screening of the same plan. A decision holds for what it was made on: the same rule with
 * the same disposition at the same region, and no evidence that was not there. Anything new stands open again.
 */
export function carryDecisions<Finding extends ScreeningFinding>(
  before: readonly ScreeningFinding[],
  after: readonly Finding[],
): Finding[] {
  return after.map((finding) => {
    const known = before.find(
      ({ ruleId, disposition, region, state, evidence }) =>
        state !== 'open' &&
        ruleId === finding.ruleId &&
        disposition === finding.disposition &&
        region === finding.region &&
        finding.evidence.every((path) => evidence.includes(path)),
    );
    if (known === undefined) return finding;
    const { state, by, at, reason } = known;
    return {
      ...finding,
      state,
      ...(by === undefined ? {} : { by }),
      ...(at === undefined ? {} : { at }),
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

/**
 * Findings with what their decisions were made on, named as a newer version of the order names it: in the earlier version
 * by its number, and in the same place where that still says what it said. After an order was changed another code may
 * stand there, and nobody decided about that one.
 *
 * @param version The version that the decisions were made on.
 * @param changed FHIRPaths at which the order, or what came with it, differs from that version.
 */
export function decidedInVersion<Finding extends ScreeningFinding>(
  findings: readonly Finding[],
  version: number,
  changed: readonly string[],
): Finding[] {
  const isUnchanged = (path: string) => changed.every((other) => !isWithin(other, path) && !isWithin(path, other));
  return findings.map((finding) => ({
    ...finding,
    evidence: finding.evidence.flatMap((path) => {
      if (versionNamed(path) !== undefined) return [path];
      return [inVersion(version, path), ...(isUnchanged(path) ? [path] : [])];
    }),
  }));
}

function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(outer) && (inner.length === outer.length || /[.[]/.test(inner.charAt(outer.length)));
}
