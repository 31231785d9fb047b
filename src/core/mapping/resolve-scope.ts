import { type ExpressionScope, planExpression } from './expressions.ts';
import type { FoundGroup, LinkedMaps } from './link.ts';
import { elementOf, type Models, type TypeLibrary, type TypeModel } from './models.ts';
import type { ExpressionPlan, GroupPlan, RuleInfo, SourcePlan, StepPlan, Variable } from './plan.ts';
import { type Problems, suggestion } from './problems.ts';
import type { ExpressionSyntax, MapSyntax, NamedSpan, RuleSyntax, Span } from './syntax.ts';
import { typeNames } from './type-check.ts';

/** What is gathered while one map is planned. */
export interface Workshop {
  readonly linked: LinkedMaps;
  readonly library: TypeLibrary;
  readonly models: Models;
  /** By group and types. */
  readonly groups: Map<string, GroupPlan>;
  readonly rules: RuleInfo[];
  readonly ruleOf: Map<RuleSyntax, RuleInfo>;
  readonly constants: ExpressionPlan[];
  readonly constantOf: Map<string, number>;
  /** Elements that some rule sets, by type, and the types that are made: what is missing follows from both. */
  readonly sets: Map<TypeModel, Set<string>>;
  readonly made: Map<TypeModel, { readonly span: Span; readonly problems: Problems }>;
  /** Plans a call; given by the planner of groups, which the planner of rules must not import. */
  readonly planGroup: (found: FoundGroup, types: readonly (readonly TypeModel[])[]) => GroupPlan;
  expressions: number;
}

/** Where one rule stands. */
export interface Scope {
  readonly shop: Workshop;
  readonly map: MapSyntax;
  readonly problems: Problems;
  readonly group: GroupPlan;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** A new variable, in a scope of its own that sees the old ones too. */
export function withVariable(
  scope: Scope,
  name: string,
  fields: Omit<Variable, 'name' | 'slot'>,
): { scope: Scope; variable: Variable } {
  const variable: Variable = { name, slot: scope.group.slots++, ...fields };
  return { variable, scope: { ...scope, variables: new Map(scope.variables).set(name, variable) } };
}

/** The variable of a name, or a report of its absence. */
export function lookUp(scope: Scope, name: NamedSpan): Variable | undefined {
  const found = scope.variables.get(name.name);
  if (found === undefined)
    scope.problems.error(
      'mapping-unknown-variable',
      name.span,
      `The variable "${name.name}" is not known here.${suggestion(name.name, scope.variables.keys())}`,
      'not-found',
    );
  return found;
}

/** A type by alias, by the name of a `uses`, or by its own name; undefined (and a warning) when the models lack it. */
export function typeNamed(scope: Pick<Scope, 'map' | 'problems' | 'shop'>, type: NamedSpan): TypeModel | undefined {
  const { map, shop } = scope;
  const use =
    map.uses.find((entry) => entry.alias === type.name) ??
    map.uses.find((entry) => entry.url.split('/').at(-1) === type.name && entry.alias === undefined);
  const found = shop.library.find(use?.url ?? type.name);
  if (found === undefined) {
    const aliases =
      use === undefined ? map.uses.flatMap((entry) => (entry.alias === undefined ? [] : [entry.alias])) : [];
    scope.problems.warning(
      'mapping-unknown-type',
      type.span,
      `The models do not know the type "${type.name}", so nothing about it is checked.${suggestion(type.name, aliases)}`,
      'not-found',
    );
  }
  return found;
}

/** Names that every JavaScript object answers to; no element of FHIR is called so. */
export function isForbiddenName(name: string): boolean {
  return name in Object.prototype || name === 'prototype';
}

export function refuseForbidden(scope: Pick<Scope, 'problems'>, name: NamedSpan): boolean {
  if (!isForbiddenName(name.name)) return false;
  scope.problems.error(
    'mapping-forbidden-name',
    name.span,
    `The name "${name.name}" is not allowed in a map: it belongs to JavaScript, not to data.`,
    'security',
  );
  return true;
}

/** The step from some types to a named child; `open` where no model can say. Unknown children are reported. */
export function stepTo(scope: Scope, types: readonly TypeModel[], name: NamedSpan): StepPlan {
  const open: StepPlan = {
    name: name.name,
    kind: 'open',
    key: name.name,
    choices: [],
    list: undefined,
    types: [],
    typed: false,
  };
  if (refuseForbidden(scope, name) || types.length === 0) return open;
  const found = types.flatMap((type) => {
    const child = elementOf(type, name.name);
    return child === undefined ? [] : [{ type, ...child }];
  });
  if (found.length === 0) {
    if (!types.some((type) => type.open)) reportUnknown(scope, types, name);
    return open;
  }
  const childTypes: TypeModel[] = [];
  for (const { element, only } of found)
    for (const type of only === undefined ? element.types() : [only])
      if (!childTypes.includes(type)) childTypes.push(type);
  const [first] = found;
  if (first === undefined) return open;
  const { element } = first;
  const agree =
    found.length === types.length &&
    found.every((child) => child.element.list === element.list && child.element.choice === element.choice);
  const choices = element.choice
    ? childTypes.map((type) => ({ type, key: element.name + type.name.charAt(0).toUpperCase() + type.name.slice(1) }))
    : [];
  if (!agree || (element.choice && choices.length === 0)) return { ...open, types: childTypes };
  const only = choices.length === 1 ? choices[0] : undefined;
  const kind = element.choice && only === undefined ? 'choice' : 'key';
  return {
    name: element.name,
    kind,
    key: only?.key ?? element.name,
    choices,
    list: element.list,
    types: childTypes,
    typed: element.typed,
  };
}

function reportUnknown(scope: Scope, types: readonly TypeModel[], name: NamedSpan): void {
  const known = types.flatMap((type) => [...type.elements.keys()]);
  const owner = types[0]?.kind === 'primitive' ? `${typeNames(types)} is a primitive and` : typeNames(types);
  scope.problems.error(
    'mapping-unknown-element',
    name.span,
    `${owner} has no element "${name.name}".${suggestion(name.name, known)}`,
    'not-found',
  );
}

/** An embedded expression, in this scope. */
export function expressionIn(
  scope: Scope,
  syntax: ExpressionSyntax,
  focus?: Variable,
  start?: Variable,
): ExpressionPlan | undefined {
  const { shop, map, problems, variables } = scope;
  const constants = new Map<string, number>();
  for (const { name } of map.constants) {
    const index = shop.constantOf.get(`${map.url}#${name}`);
    if (index !== undefined) constants.set(name, index);
  }
  const expression: ExpressionScope = {
    variables,
    constants,
    library: shop.library,
    problems,
    number: () => shop.expressions++,
    ...(focus === undefined ? {} : { focus }),
    ...(start === undefined ? {} : { start }),
  };
  return planExpression(syntax, expression);
}

/** What is known of the rule around a target. */
export interface RuleAround {
  readonly sources: readonly SourcePlan[];
  /** Variables that this rule and its nested ones made: writing into them cannot repeat. */
  readonly fresh: ReadonlySet<Variable>;
  /** Sources of the rules around repeat and nothing narrows them down. */
  readonly repeats: boolean;
  /** Groups or rules follow after "then". */
  readonly goesOn?: boolean;
}

/** Remembers that a map makes things of a type, so that what it must have and never gets can be told. */
export function make(scope: Scope, syntax: { readonly span: Span }, types: readonly TypeModel[]): void {
  const [type] = types;
  if (types.length === 1 && type !== undefined && type.kind !== 'primitive' && !scope.shop.made.has(type))
    scope.shop.made.set(type, { span: syntax.span, problems: scope.problems });
}
