import type { ArgumentPlan, RulePlan, TargetPlan, Variable } from './plan.ts';

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
