import type { ArgumentPlan, GroupPlan, RulePlan, TargetPlan, Variable } from './plan.ts';

/**
 * Whether anything after a target of a rule (its later targets, calls and nested rules) writes into a variable or hands
 * it on. Where nothing does, what the target makes need not be in its place before it is filled.
 */
export function isUsedAfter(rule: RulePlan, target: TargetPlan, variable: Variable): boolean {
  const after = rule.targets.slice(
    rule.targets.findIndex((candidate) => candidate.text === target.text && candidate.variable === target.variable) + 1,
  );
  return after.some((later) => targetUses(later, variable)) || innerUses(rule, variable);
}

function innerUses(rule: RulePlan, variable: Variable): boolean {
  const called = rule.calls.some((call) => call.arguments.some((argument) => argumentUses(argument, variable)));
  return called || rule.rules.some((inner) => ruleUses(inner, variable));
}

function ruleUses(rule: RulePlan, variable: Variable): boolean {
  const read = rule.sources.some(
    (source) =>
      source.from === variable ||
      [source.where, source.check, source.log, source.default].some((expression) =>
        expression?.variables.includes(variable),
      ),
  );
  return read || rule.targets.some((target) => targetUses(target, variable)) || innerUses(rule, variable);
}

function targetUses(target: TargetPlan, variable: Variable): boolean {
  const { transform } = target;
  if (target.place?.into === variable) return true;
  if (transform.kind === 'copy' || transform.kind === 'translate') return argumentUses(transform.argument, variable);
  if (transform.kind === 'call') return transform.arguments.some((argument) => argumentUses(argument, variable));
  if (transform.kind === 'evaluate')
    return transform.expression.variables.includes(variable) || transform.expression.focus === variable;
  return transform.kind === 'identity' && transform.source === variable;
}

function argumentUses(argument: ArgumentPlan, variable: Variable): boolean {
  if (argument.kind === 'variable') return argument.variable === variable;
  return argument.kind === 'expression' && argument.expression.variables.includes(variable);
}

/** How many keys are worth a look, and how many calls deep. */
const keyLimit = 3;
const callLimit = 2;

/** Keys that a rule, the rules in it and the groups that it calls may write into a variable: the first few. */
export function keysWritten(rule: RulePlan, variable: Variable): readonly string[] {
  const found = new Set<string>();
  collectKeys(rule, variable, found, 0);
  return [...found].slice(0, keyLimit);
}

function collectKeys(rule: RulePlan, variable: Variable, found: Set<string>, depth: number): void {
  for (const { place } of rule.targets) {
    const step = place?.path[0] ?? place?.last;
    if (place?.into === variable && step?.kind === 'key') found.add(step.key);
  }
  for (const inner of rule.rules) collectKeys(inner, variable, found, depth);
  if (depth < callLimit) for (const call of rule.calls) collectCall(call.group, call.arguments, variable, found, depth);
}

function collectCall(
  group: GroupPlan,
  given: readonly ArgumentPlan[],
  variable: Variable,
  found: Set<string>,
  depth: number,
): void {
  for (const [at, argument] of given.entries()) {
    const parameter = group.parameters[at];
    if (parameter === undefined || argument.kind !== 'variable' || argument.variable !== variable) continue;
    for (const rule of group.rules) collectKeys(rule, parameter, found, depth + 1);
  }
}
