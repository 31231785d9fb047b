import { Fault, kindOf } from './fault.ts';
import { createAt, detached, type Prune, setAt } from './interpret-place.ts';
import { resultsOf } from './interpret-value.ts';
import type { GroupPlan, IdentityCase, RulePlan, TargetPlan, TransformPlan } from './plan.ts';
import { type Bound, bind, markBound, type Session } from './session.ts';
import { cloneValue } from './values.ts';

type CallGroup = (session: Session, group: GroupPlan, given: readonly (Bound | undefined)[]) => void;

/** Carry out one target of a rule. */
export function applyTarget(
  session: Session,
  rule: RulePlan,
  target: TargetPlan,
  made: Prune[],
  call: CallGroup,
): void {
  const { transform, place, variable } = target;
  if (transform.kind === 'create') {
    const bound =
      place === undefined
        ? detached(session, transform.type, transform.named)
        : createAt(session, rule, target, place, transform.type, made);
    if (variable !== undefined) bind(session, variable, bound);
    return;
  }
  if (transform.kind === 'identity') {
    applyIdentity(session, rule, target, transform, made, call);
    return;
  }
  const results = resultsOf(session, target, rule);
  const step = place?.last;
  if (results.length > 1 && (step === undefined || step.list === false))
    throw new Fault(
      'mapping-many-values',
      `"${target.text}" takes one value, but the expression gives ${results.length}.`,
    );
  if (variable !== undefined) bind(session, variable, undefined);
  for (const result of results) {
    const bound =
      place === undefined
        ? { value: result.value, type: result.type, path: result.sources[0] ?? '' }
        : setAt(session, rule, target, place, result, made);
    if (variable !== undefined) bind(session, variable, bound);
  }
}

function applyIdentity(
  session: Session,
  rule: RulePlan,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'identity' }>,
  made: Prune[],
  call: CallGroup,
): void {
  const source = session.frame[transform.source.slot];
  const { place } = target;
  if (source === undefined || place === undefined) return;
  const found = caseOf(transform.cases, source.type);
  if (found === undefined)
    throw new Fault('mapping-wrong-type', `"${target.text}" has no rule for ${source.type ?? kindOf(source.value)}.`);
  if (found.group === undefined) {
    markBound(session.log, source);
    setAt(
      session,
      rule,
      { ...target, transform: { kind: 'copy', argument: { kind: 'variable', variable: transform.source } } },
      place,
      { value: cloneValue(source.value), type: found.to?.name ?? source.type, sources: [source.path] },
      made,
    );
    return;
  }
  const create: TargetPlan = { ...target, transform: { kind: 'create', type: found.to, named: undefined } };
  call(session, found.group, [source, createAt(session, rule, create, place, found.to, made)]);
}

function caseOf(cases: readonly IdentityCase[], type: string | undefined): IdentityCase | undefined {
  return (
    cases.find((one) => one.from !== undefined && one.from.name === type) ??
    cases.find((one) => one.from === undefined) ??
    (cases.length === 1 || type === undefined ? cases[0] : undefined)
  );
}
