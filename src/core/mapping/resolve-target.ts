import { checkConstant } from './check-constant.ts';
import type { ConceptTable } from './concept-table.ts';
import type { ElementModel, TypeModel } from './models.ts';
import { elementOf } from './models.ts';
import type { PlacePlan, StepPlan, TargetPlan, TransformPlan, Variable } from './plan.ts';
import { lookUp, make, type RuleAround, type Scope, stepTo, withVariable } from './resolve-scope.ts';
import { textOf } from './resolve-source.ts';
import { planTransform } from './resolve-transform.ts';
import { checkValueSet } from './resolve-translate.ts';
import type { TargetSyntax } from './syntax.ts';
import { fits, typeNames } from './type-check.ts';

/** Plan one target of a rule; the scope that comes back knows its variable. */
export function planTarget(
  scope: Scope,
  syntax: TargetSyntax,
  around: RuleAround,
): { readonly scope: Scope; readonly plan?: TargetPlan } {
  const context = syntax.context === undefined ? undefined : lookUp(scope, syntax.context);
  if (syntax.context !== undefined && context === undefined) return unplanned(scope, syntax);
  if (context !== undefined && syntax.path.length === 0 && syntax.transform === undefined)
    return renamed(scope, syntax, context, around);
  const place = context === undefined ? undefined : planPlace(scope, syntax, context);
  if (context !== undefined && place === undefined) return unplanned(scope, syntax);
  const expected = place === undefined ? undefined : (place.last?.types ?? place.into.types);
  const planned = planTransform(scope, syntax, expected, around);
  if (planned === undefined) return unplanned(scope, syntax);
  const types = checkedTypes(scope, syntax, place, planned.types);
  const last = place?.last === undefined ? undefined : settled(place.last, types);
  if (place !== undefined) checkRepetition(scope, syntax, place, around);
  if (place !== undefined && planned.plan.kind === 'translate') checkBinding(scope, syntax, place, planned.plan.table);
  if (place !== undefined && planned.plan.kind === 'copy') {
    const { span } = syntax.transform ?? syntax;
    checkConstant(scope, { text: targetText(syntax), types, element: elementAt(place), span }, planned.plan.argument);
  }
  const plan: Draft = { transform: planned.plan, text: targetText(syntax) };
  if (place !== undefined) plan.place = { ...place, ...(last === undefined ? {} : { last }) };
  if (syntax.listMode !== undefined) plan.listMode = syntax.listMode;
  if (syntax.shareId !== undefined) plan.shareId = syntax.shareId;
  if (syntax.variable === undefined) return { scope, plan };
  const form = place !== undefined && isPrimitive(types) ? 'cell' : 'value';
  const added = withVariable(scope, syntax.variable.name, {
    mode: place === undefined && !isMade(planned.plan) ? 'source' : 'target',
    types,
    form,
  });
  return { scope: added.scope, plan: { ...plan, variable: added.variable } };
}

/** A target with an error, which is told: its variable is known all the same, so that no error follows from it. */
function unplanned(scope: Scope, { variable }: TargetSyntax): { readonly scope: Scope } {
  if (variable === undefined) return { scope };
  return { scope: withVariable(scope, variable.name, { mode: 'target', types: [], form: 'value' }).scope };
}

type Draft = { -readonly [K in keyof TargetPlan]: TargetPlan[K] };

function targetText(syntax: TargetSyntax): string {
  return syntax.context === undefined
    ? (syntax.variable?.name ?? '')
    : textOf({ context: syntax.context, path: syntax.path });
}

/** `tgt as patient`: another name for the same thing. */
function renamed(scope: Scope, syntax: TargetSyntax, context: Variable, around: RuleAround): { readonly scope: Scope } {
  if (syntax.variable === undefined) {
    // `src.code as c -> tgt then { … }` is how many write that what follows is about tgt.
    if (around.goesOn === true) return { scope };
    scope.problems.warning(
      'mapping-no-effect',
      syntax.span,
      `This target says nothing about "${context.name}": give it an element, a value or a new name.`,
    );
    return { scope };
  }
  return { scope: { ...scope, variables: new Map(scope.variables).set(syntax.variable.name, context) } };
}

/** Whether a transform makes something new that later rules may fill. */
function isMade(plan: TransformPlan): boolean {
  return plan.kind === 'create' || plan.kind === 'translate' || plan.kind === 'call';
}

function isPrimitive(types: readonly TypeModel[]): boolean {
  return types.length > 0 && types.every((type) => type.kind === 'primitive');
}

function planPlace(scope: Scope, syntax: TargetSyntax, into: Variable): PlacePlan | undefined {
  if (into.mode === 'source') {
    scope.problems.error(
      'mapping-source-changed',
      syntax.span,
      `"${into.name}" is a source, and sources are never changed: write into a target.`,
    );
    return undefined;
  }
  let types = into.types;
  const steps: StepPlan[] = [];
  for (const [at, name] of syntax.path.entries()) {
    // The value of a primitive is the primitive itself.
    if (name.name === 'value' && isPrimitive(types)) continue;
    const step = stepTo(scope, types, name);
    note(scope, types, step.name);
    if (at < syntax.path.length - 1 && step.kind === 'choice') {
      scope.problems.error(
        'mapping-choice-unsettled',
        name.span,
        `"${name.name}" may be ${typeNames(step.types)}: create it with a type before going into it.`,
      );
      return undefined;
    }
    if (at < syntax.path.length - 1) make(scope, syntax, step.types);
    steps.push(step);
    types = step.types;
  }
  const last = steps.pop();
  if (last !== undefined) return { into, path: steps, last };
  if (into.form === 'cell' || into.types.length === 0) return { into, path: [] };
  scope.problems.error(
    'mapping-whole-target',
    syntax.span,
    `"${into.name}" is ${typeNames(into.types)}: set its elements, it has no value of its own.`,
  );
  return undefined;
}

function note(scope: Scope, types: readonly TypeModel[], element: string): void {
  for (const type of types) {
    const set = scope.shop.sets.get(type) ?? new Set<string>();
    scope.shop.sets.set(type, set.add(element));
  }
}

/** The types that can arrive, after checking that they may. */
function checkedTypes(
  scope: Scope,
  syntax: TargetSyntax,
  place: PlacePlan | undefined,
  given: readonly TypeModel[],
): readonly TypeModel[] {
  const expected = place === undefined ? [] : (place.last?.types ?? place.into.types);
  if (expected.length === 0) return given;
  if (given.length === 0) return expected;
  const { library } = scope.shop;
  const fitting = given.filter((type) => expected.some((wanted) => fits(type, wanted, library)));
  if (fitting.length > 0) {
    const exact = fitting.filter((type) => expected.some((wanted) => wanted.name === type.name));
    // Where any resource may stand, it is the one that was made or copied.
    if (expected.every((type) => type.open)) return fitting;
    return expected.length === 1 && !expected[0]?.open
      ? given.length === 1 && exact.length === 0 && given[0]?.kind !== 'primitive'
        ? given
        : expected
      : exact.length > 0
        ? exact
        : expected;
  }
  const [from] = given;
  const reference =
    expected.some((type) => type.name === 'Reference') &&
    given.length === 1 &&
    from?.kind === 'primitive' &&
    syntax.transform?.code === 'reference';
  if (!reference) {
    const cast = given.every((type) => type.kind === 'primitive') && isPrimitive(expected) ? ' Use cast().' : '';
    scope.problems.error(
      'mapping-wrong-type',
      syntax.span,
      `"${targetText(syntax)}" takes ${typeNames(expected)}, but gets ${typeNames(given)}.${cast}`,
      'value',
    );
  }
  return expected.filter((type) => !reference || type.name === 'Reference');
}

/** A choice whose type is known before the map runs has one key. */
function settled(step: StepPlan, types: readonly TypeModel[]): StepPlan {
  const [type] = types;
  if (step.kind !== 'choice' || types.length !== 1 || type === undefined) return step;
  const found =
    step.choices.find((choice) => choice.type.name === type.name) ??
    step.choices.find((choice) => choice.type.kind === type.kind && type.name.startsWith(choice.type.name));
  return found === undefined ? step : { ...step, kind: 'key', key: found.key, choices: [found], types: [found.type] };
}

/** Several values for an element that holds one: at least worth a warning, since only a run can tell. */
function checkRepetition(scope: Scope, syntax: TargetSyntax, place: PlacePlan, around: RuleAround): void {
  const { last, path, into } = place;
  if (last?.list !== false || path.some((step) => step.list !== false) || syntax.listMode !== undefined) return;
  if (!around.repeats || around.fresh.has(into) || syntax.transform === undefined) return;
  scope.problems.warning(
    'mapping-list-into-single',
    syntax.span,
    `"${targetText(syntax)}" holds one value, but the source repeats: a second, different value stops the map. Use first, last or only_one on the source, or a condition.`,
  );
}

/** The element that a place ends in, where the models know it. */
function elementAt(place: PlacePlan): ElementModel | undefined {
  const types = place.path.at(-1)?.types ?? place.into.types;
  const [type] = types;
  return type === undefined || place.last === undefined ? undefined : elementOf(type, place.last.name)?.element;
}

function checkBinding(scope: Scope, syntax: TargetSyntax, place: PlacePlan, table: ConceptTable): void {
  const binding = elementAt(place)?.binding;
  if (binding?.strength === 'required') checkValueSet(scope, table, binding.valueSet, syntax);
}
