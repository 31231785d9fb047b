import type { ArgumentPlan, GroupPlan, MapPlan, RulePlan, Variable } from './plan.ts';

/**
 * The variables that hold parts of an input, which nothing changes while a map runs. A group may also be called with
 * something that is still being made; its parameter, and what is read from that, may change between two reads.
 */
export function inputVariables(plan: MapPlan): ReadonlySet<Variable> {
  const changing = new Set<Variable>();
  for (let before = -1; before !== changing.size; ) {
    before = changing.size;
    for (const group of plan.reached) for (const rule of group.rules) walkRule(rule, changing);
  }
  const found = new Set<Variable>();
  for (const group of plan.reached) {
    for (const parameter of group.parameters) if (isInput(parameter, changing)) found.add(parameter);
    for (const rule of group.rules) collect(rule, changing, found);
  }
  return found;
}

function isInput(variable: Variable, changing: ReadonlySet<Variable>): boolean {
  return variable.mode === 'source' && variable.form === 'value' && !changing.has(variable);
}

function walkRule(rule: RulePlan, changing: Set<Variable>): void {
  for (const { from, variable } of rule.sources) if (!isInput(from, changing)) changing.add(variable);
  for (const { group, arguments: given } of rule.calls) pass(group, given, changing);
  for (const { transform } of rule.targets) {
    if (transform.kind !== 'identity') continue;
    for (const { group } of transform.cases)
      if (group !== undefined) pass(group, [{ kind: 'variable', variable: transform.source }], changing);
  }
  for (const inner of rule.rules) walkRule(inner, changing);
}

function pass(group: GroupPlan, given: readonly ArgumentPlan[], changing: Set<Variable>): void {
  for (const [at, argument] of given.entries()) {
    const parameter = group.parameters[at];
    if (parameter !== undefined && argument.kind === 'variable' && !isInput(argument.variable, changing))
      changing.add(parameter);
  }
}

function collect(rule: RulePlan, changing: ReadonlySet<Variable>, found: Set<Variable>): void {
  for (const { variable } of rule.sources) if (isInput(variable, changing)) found.add(variable);
  for (const inner of rule.rules) collect(inner, changing, found);
}
