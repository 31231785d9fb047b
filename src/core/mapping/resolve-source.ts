import type { TypeModel } from './models.ts';
import type { ExpressionPlan, SourcePlan, StepPlan, Variable } from './plan.ts';
import { expressionIn, lookUp, type Scope, stepTo, typeNamed, withVariable } from './resolve-scope.ts';
import type { ExpressionSyntax, SourceSyntax } from './syntax.ts';
import { descends, typeNames } from './type-check.ts';

/** Plan one source of a rule; the scope that comes back knows its variable. Undefined when it names nothing. */
export function planSource(
  scope: Scope,
  syntax: SourceSyntax,
): { readonly scope: Scope; readonly plan: SourcePlan } | undefined {
  const from = lookUp(scope, syntax.context);
  if (from === undefined) return undefined;
  const steps: StepPlan[] = [];
  let types: readonly TypeModel[] = from.types;
  for (const name of syntax.path) {
    // In JSON a primitive is its own value.
    if (name.name === 'value' && types.length > 0 && types.every((type) => type.kind === 'primitive')) continue;
    const step = stepTo(scope, types, name);
    steps.push(step);
    types = step.types;
  }
  const filtered = filterTypes(scope, syntax, steps, types);
  const name = syntax.variable?.name ?? '';
  const added = withVariable(scope, name, { mode: from.mode, types: filtered.types, form: 'value' });
  const plan: Draft = { from, steps: filtered.steps, variable: added.variable, text: textOf(syntax) };
  if (filtered.filter !== undefined) plan.filter = filtered.filter;
  if (syntax.min !== undefined) plan.min = syntax.min;
  if (syntax.max !== undefined) plan.max = syntax.max;
  if (syntax.listMode !== undefined) plan.listMode = syntax.listMode;
  checkCardinality(scope, syntax, steps);
  const expression = (part: ExpressionSyntax | undefined, focus?: Variable): ExpressionPlan | undefined =>
    part === undefined ? undefined : expressionIn(focus === undefined ? scope : added.scope, part, focus);
  const fallback = expression(syntax.default);
  if (fallback !== undefined) plan.default = fallback;
  for (const clause of ['where', 'check', 'log'] as const) {
    if (clause !== 'log') checkCondition(scope, clause, syntax[clause]);
    const planned = expression(syntax[clause], added.variable);
    if (planned !== undefined) plan[clause] = planned;
  }
  return { scope: added.scope, plan };
}

type Draft = { -readonly [K in keyof SourcePlan]: SourcePlan[K] };

/** Maps of before 2021 write conditions as texts. In FHIRPath a text alone is always true, so they would choose nothing. */
function checkCondition(scope: Scope, clause: 'where' | 'check', condition: ExpressionSyntax | undefined): void {
  if (condition === undefined) return;
  const bare = condition.text.trim().replace(/^\(\s*([^()]*?)\s*\)$/, '$1');
  const quoted = /^"((?:[^"\\]|\\.)*)"$|^'((?:[^'\\]|\\.)*)'$/.exec(bare);
  if (quoted !== null)
    scope.problems.error(
      'mapping-expression',
      condition.span,
      `This condition is a text, which says nothing: write ${clause} (${quoted[1] ?? quoted[2] ?? ''}).`,
    );
  if (clause === 'where' && bare === 'false')
    scope.problems.warning(
      'mapping-unreachable-rule',
      condition.span,
      'where (false) never holds: this rule never runs.',
    );
}

/** `src.value`, as errors show it. */
export function textOf(syntax: Pick<SourceSyntax, 'context' | 'path'>): string {
  return [syntax.context, ...syntax.path].map((part) => part.name).join('.');
}

function checkCardinality(scope: Scope, syntax: SourceSyntax, steps: readonly StepPlan[]): void {
  const { min, max, span } = syntax;
  if (min !== undefined && max !== undefined && min > max)
    scope.problems.error(
      'mapping-cardinality',
      span,
      `A cardinality of ${min}..${max} can never be met: the first number is the smaller.`,
    );
  const single = steps.length > 0 && steps.every((step) => step.list === false);
  if (single && ((min ?? 0) > 1 || syntax.listMode === 'not_first' || syntax.listMode === 'not_last'))
    scope.problems.warning(
      'mapping-unreachable-rule',
      span,
      `"${textOf(syntax)}" does not repeat, so this rule can never apply.`,
    );
}

/** `: type` chooses among the types of a choice; elsewhere it becomes a test when the map runs. */
function filterTypes(
  scope: Scope,
  syntax: SourceSyntax,
  steps: readonly StepPlan[],
  types: readonly TypeModel[],
): {
  readonly steps: readonly StepPlan[];
  readonly types: readonly TypeModel[];
  readonly filter?: SourcePlan['filter'];
} {
  if (syntax.type === undefined) return { steps, types };
  const { name } = syntax.type;
  const wanted = typeNamed(scope, syntax.type);
  const last = steps.at(-1);
  if (last?.kind === 'choice') {
    const chosen = last.choices.filter((choice) => choice.type.name === (wanted?.name ?? name));
    const [only] = chosen;
    if (only !== undefined)
      return {
        steps: [...steps.slice(0, -1), { ...last, kind: 'key', key: only.key, choices: chosen, types: [only.type] }],
        types: [only.type],
      };
  }
  const { library } = scope.shop;
  const possible =
    wanted === undefined ||
    types.length === 0 ||
    types.some((type) => type.open || descends(type, wanted, library) || descends(wanted, type, library));
  if (!possible)
    scope.problems.warning(
      'mapping-unreachable-rule',
      syntax.type.span,
      `"${textOf(syntax)}" is ${typeNames(types)}, never ${name}, so this rule can never apply.`,
    );
  const settled =
    possible &&
    wanted !== undefined &&
    types.length === 1 &&
    !types[0]?.open &&
    descends(types[0] ?? wanted, wanted, library);
  if (settled) return { steps, types };
  const by = wanted?.kind === 'resource' ? 'resource' : wanted?.kind === 'primitive' ? 'value' : 'type';
  return { steps, types: wanted === undefined ? [] : [wanted], filter: { name: wanted?.name ?? name, by } };
}
