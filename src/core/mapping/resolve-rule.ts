import type { TypeModel } from './models.ts';
import type { ArgumentPlan, CallPlan, RuleInfo, RulePlan, SourcePlan, TargetPlan, Variable } from './plan.ts';
import { suggestion } from './problems.ts';
import { planIdentity } from './resolve-identity.ts';
import type { RuleAround, Scope } from './resolve-scope.ts';
import { planSource } from './resolve-source.ts';
import { planTarget } from './resolve-target.ts';
import { argumentsOf, typesOfArgument } from './resolve-transform.ts';
import type { CallSyntax, RuleSyntax } from './syntax.ts';
import { fits, typeNames } from './type-check.ts';

/** Plan the rules of a group, or those nested in a rule. A rule with an error is left out: the map will not run. */
export function planRules(
  scope: Scope,
  rules: readonly RuleSyntax[],
  fresh: ReadonlySet<Variable> = new Set(),
  repeats = false,
): readonly RulePlan[] {
  return rules.flatMap((rule) => planRule(scope, rule, fresh, repeats) ?? []);
}

function planRule(
  outer: Scope,
  rule: RuleSyntax,
  fresh: ReadonlySet<Variable>,
  outerRepeats: boolean,
): RulePlan | undefined {
  let scope = outer;
  const sources: SourcePlan[] = [];
  for (const syntax of rule.sources) {
    const planned = planSource(scope, syntax);
    if (planned === undefined) return undefined;
    scope = planned.scope;
    sources.push(planned.plan);
  }
  const info = infoOf(scope, rule);
  const repeats = outerRepeats || sources.some(isRepeating);
  const targets: TargetPlan[] = [];
  const made = new Set(fresh);
  const goesOn = rule.calls.length > 0 || rule.rules.length > 0;
  const around: RuleAround = { sources, fresh: made, repeats, goesOn };
  for (const syntax of rule.targets) {
    const simple = rule.simple ? { ...syntax, variable: { name: '', span: syntax.span } } : syntax;
    const planned = rule.simple ? planSimple(scope, rule, sources) : planTarget(scope, simple, around);
    scope = planned.scope;
    if (planned.plan === undefined) continue;
    targets.push(planned.plan);
    if (planned.plan.variable !== undefined) made.add(planned.plan.variable);
  }
  const calls = rule.calls.flatMap((call) => planCall(scope, call) ?? []);
  return { info, sources, targets, calls, rules: planRules(scope, rule.rules, made, repeats) };
}

function isRepeating(source: SourcePlan): boolean {
  const narrowed =
    source.where !== undefined || source.max === 1 || ['first', 'last', 'only_one'].includes(source.listMode ?? '');
  return !narrowed && source.steps.some((step) => step.list === true);
}

/** The identity form: the place is planned as for any target, the transform by the types on both sides. */
function planSimple(
  scope: Scope,
  rule: RuleSyntax,
  sources: readonly SourcePlan[],
): { scope: Scope; plan?: TargetPlan } {
  const [syntax] = rule.targets;
  const [source] = sources;
  if (syntax === undefined || source === undefined) return { scope };
  // Planned with a copy, so that place, names and repetition are checked; the copy itself may not fit.
  const quiet: Scope = {
    ...scope,
    problems: {
      ...scope.problems,
      error: (code, span, message, type) =>
        code === 'mapping-wrong-type' ? undefined : scope.problems.error(code, span, message, type),
    },
  };
  const hidden = new Map(scope.variables).set('$source', { ...source.variable, types: [] });
  const transform = {
    code: 'copy',
    parameters: [{ kind: 'variable', name: '$source', span: rule.span } as const],
    span: rule.span,
  };
  const planned = planTarget(
    { ...quiet, variables: hidden },
    { ...syntax, transform },
    { sources, fresh: new Set(), repeats: isRepeating(source) },
  );
  const { place } = planned.plan ?? {};
  if (planned.plan === undefined || place === undefined) return { scope };
  return { scope, plan: { ...planned.plan, transform: planIdentity(scope, rule, source, place) } };
}

/** One number a rule as written, however many plans come from it. */
function infoOf(scope: Scope, rule: RuleSyntax): RuleInfo {
  const { shop, map, group } = scope;
  const found = shop.ruleOf.get(rule);
  if (found !== undefined) return found;
  const place = { map: map.url, group: group.name, rule: rule.name, line: rule.span.line };
  const info: RuleInfo = { index: shop.rules.length, place, file: map.file, column: rule.span.column };
  shop.ruleOf.set(rule, info);
  shop.rules.push(info);
  return info;
}

function planCall(scope: Scope, call: CallSyntax): CallPlan | undefined {
  const { problems, shop, map } = scope;
  const found = shop.linked.group(map, call.group.name);
  if (found === undefined) {
    problems.error(
      'mapping-unknown-group',
      call.group.span,
      `There is no group "${call.group.name}".${suggestion(call.group.name, shop.linked.groupNames(map))}`,
      'not-found',
    );
    return undefined;
  }
  const given = argumentsOf(scope, { parameters: call.arguments });
  if (given === undefined) return undefined;
  const { parameters } = found.group;
  if (given.length !== parameters.length) {
    problems.error(
      'mapping-arguments',
      call.group.span,
      `The group "${call.group.name}" takes ${parameters.length} arguments (${parameters.map((parameter) => parameter.name).join(', ')}), not ${given.length}.`,
    );
    return undefined;
  }
  const fitting = given.map((argument, at) =>
    fitArgument(scope, call, at, argument, parameters[at]?.mode === 'target'),
  );
  if (!fitting.every((argument) => argument !== undefined)) return undefined;
  const group = shop.planGroup(
    found,
    fitting.map((argument) => typesOfArgument(scope, argument)),
  );
  for (const [at, argument] of fitting.entries()) checkArgument(scope, call, group.parameters[at], argument);
  return { group, arguments: fitting };
}

/** A target parameter needs a target: what is filled must be part of an output. */
function fitArgument(
  scope: Scope,
  call: CallSyntax,
  at: number,
  argument: ArgumentPlan,
  target: boolean,
): ArgumentPlan | undefined {
  if (!target || (argument.kind === 'variable' && argument.variable.mode === 'target')) return argument;
  const { span } = call.arguments[at] ?? call.group;
  scope.problems.error(
    'mapping-arguments',
    span,
    `Argument ${at + 1} of "${call.group.name}" must be a target variable, since the group writes into it.`,
  );
  return undefined;
}

function checkArgument(scope: Scope, call: CallSyntax, parameter: Variable | undefined, argument: ArgumentPlan): void {
  const given: readonly TypeModel[] = typesOfArgument(scope, argument);
  const wanted = parameter?.types ?? [];
  if (given.length === 0 || wanted.length === 0) return;
  if (given.some((type) => wanted.some((expected) => fits(type, expected, scope.shop.library)))) return;
  scope.problems.error(
    'mapping-wrong-type',
    call.group.span,
    `"${parameter?.name}" of the group "${call.group.name}" is ${typeNames(wanted)}, but gets ${typeNames(given)}.`,
    'value',
  );
}
