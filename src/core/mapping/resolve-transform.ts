import type { TypeModel } from './models.ts';
import type { ArgumentPlan, TransformPlan } from './plan.ts';
import { suggestion } from './problems.ts';
import { expressionIn, lookUp, make, type RuleAround, type Scope, typeNamed } from './resolve-scope.ts';
import { planTranslate } from './resolve-translate.ts';
import type { ArgumentSyntax, TargetSyntax, TransformSyntax } from './syntax.ts';
import { transforms } from './transforms.ts';
import { typeNames } from './type-check.ts';

export interface PlannedTransform {
  readonly plan: TransformPlan;
  /** What it gives; empty when that cannot be said. */
  readonly types: readonly TypeModel[];
}

/** Plan what a target gets. `expected`: the types of its element, if there is one. Undefined after an error. */
export function planTransform(
  scope: Scope,
  syntax: TargetSyntax,
  expected: readonly TypeModel[] | undefined,
  around: RuleAround,
): PlannedTransform | undefined {
  const { transform } = syntax;
  if (transform === undefined) return planAutomatic(scope, syntax, expected ?? []);
  switch (transform.code) {
    case 'create':
      return planCreate(scope, syntax, transform, expected ?? []);
    case 'evaluate':
      return planEvaluate(scope, transform, around);
    case 'translate':
      return planTranslate(scope, transform, expected ?? [], argumentsOf(scope, transform));
    case 'copy':
      return planCopy(scope, transform);
    default:
      return planCall(scope, transform, expected ?? []);
  }
}

/**
 * No transform: the element is made. A primitive, or one of several types, cannot be made so
 * (https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html, "If no transform is provided").
 */
function planAutomatic(
  scope: Scope,
  syntax: TargetSyntax,
  expected: readonly TypeModel[],
): PlannedTransform | undefined {
  const [type] = expected;
  const name = syntax.path.at(-1)?.name ?? '';
  if (expected.length > 1 || type?.open) {
    scope.problems.error(
      'mapping-choice-unsettled',
      syntax.span,
      `"${name}" may be ${typeNames(expected)}: say which, with create('…').`,
    );
    return undefined;
  }
  if (type?.kind === 'primitive' && syntax.variable === undefined) {
    scope.problems.error(
      'mapping-no-value',
      syntax.span,
      `"${name}" is ${type.name}, which cannot be made without a value: give it one with "=".`,
    );
    return undefined;
  }
  make(scope, syntax, expected);
  return { plan: { kind: 'create', type, named: undefined }, types: expected };
}

function planCreate(
  scope: Scope,
  syntax: TargetSyntax,
  transform: TransformSyntax,
  expected: readonly TypeModel[],
): PlannedTransform | undefined {
  const [argument, more] = transform.parameters;
  if (argument === undefined) return planAutomatic(scope, syntax, expected);
  if (argument.kind !== 'literal' || argument.type !== 'string' || more !== undefined) {
    scope.problems.error(
      'mapping-transform',
      transform.span,
      `create() takes one type in quotes, for example create('Quantity').`,
    );
    return undefined;
  }
  const name = String(argument.value);
  // create('Bundle.entry') names an element with children; the place decides which type that is.
  const inner = name.includes('.') && !name.includes('/') ? expected.find((type) => type.name === name) : undefined;
  if (inner === undefined && isNoType(scope, name, expected)) {
    const known = expected.map((other) => other.name);
    scope.problems.error(
      'mapping-wrong-type',
      argument.span,
      `There is no type "${name}"; here ${typeNames(expected)} may stand.${suggestion(name, known)}`,
      'value',
    );
    return undefined;
  }
  const type = inner ?? typeNamed(scope, { name, span: argument.span });
  if (type !== undefined) make(scope, syntax, [type]);
  else if (expected.length > 0 && expected.every(({ kind }) => kind === 'resource'))
    scope.problems.error(
      'mapping-unknown-type',
      argument.span,
      `No resource can be made of the type "${name}", which the models do not know: it would have no resourceType.`,
      'not-found',
    );
  return { plan: { kind: 'create', type, named: name }, types: type === undefined ? [] : [type] };
}

/** Where the model says which types may stand, one that neither it nor a "uses" knows is a slip, not another model. */
function isNoType({ map, shop }: Scope, name: string, expected: readonly TypeModel[]): boolean {
  if (expected.length === 0 || expected.some((type) => type.open) || name.includes(':')) return false;
  const isDeclared = map.uses.some(({ alias, url }) => alias === name || url.split('/').at(-1) === name);
  return !isDeclared && shop.library.find(name) === undefined;
}

function planCopy(scope: Scope, transform: TransformSyntax): PlannedTransform | undefined {
  const [argument, ...rest] = argumentsOf(scope, transform) ?? [];
  if (argument === undefined) return undefined;
  if (rest.length > 0) scope.problems.error('mapping-transform', transform.span, 'copy() takes one argument.');
  return { plan: { kind: 'copy', argument }, types: typesOfArgument(scope, argument) };
}

/** The types of an argument, as far as they are known. A text may become any primitive that is written as text. */
export function typesOfArgument(scope: Scope, argument: ArgumentPlan): readonly TypeModel[] {
  if (argument.kind === 'variable') return argument.variable.types;
  if (argument.kind === 'expression') return argument.expression.types;
  const type = scope.shop.library.find(argument.type);
  return type === undefined ? [] : [type];
}

function planEvaluate(scope: Scope, transform: TransformSyntax, around: RuleAround): PlannedTransform | undefined {
  const [first, second, more] = transform.parameters;
  if (first === undefined || more !== undefined) {
    scope.problems.error('mapping-transform', transform.span, 'evaluate() takes a context and an expression.');
    return undefined;
  }
  const written = second ?? first;
  const focus = second === undefined ? undefined : contextOf(scope, first);
  const start = around.sources[0]?.variable;
  const text = written.kind === 'expression' ? written.expression : { text: literalText(written), span: written.span };
  const expression = expressionIn(scope, text, focus, start);
  return expression === undefined ? undefined : { plan: { kind: 'evaluate', expression }, types: expression.types };
}

function contextOf(scope: Scope, argument: ArgumentSyntax): ReturnType<typeof lookUp> {
  if (argument.kind === 'variable') return lookUp(scope, argument);
  scope.problems.error('mapping-transform', argument.span, 'The context of evaluate() is a variable.');
  return undefined;
}

/** In text an expression in quotes is a text; in a StructureMap resource every expression stands in one. */
function literalText(argument: ArgumentSyntax): string {
  if (argument.kind === 'variable') return argument.name;
  if (argument.kind !== 'literal') return '';
  if (argument.type === 'date' || argument.type === 'dateTime') return `@${argument.value}`;
  if (argument.type === 'time') return `@T${argument.value}`;
  return argument.type === 'string' ? `'${String(argument.value).replace(/[\\']/g, '\\$&')}'` : String(argument.value);
}

/** All other transforms are functions of their arguments. */
function planCall(
  scope: Scope,
  transform: TransformSyntax,
  expected: readonly TypeModel[],
): PlannedTransform | undefined {
  const found = transforms.get(transform.code);
  if (found === undefined) {
    const isGroup = scope.shop.linked.group(scope.map, transform.code) !== undefined;
    const advice = isGroup
      ? ' A group is called after "then".'
      : suggestion(transform.code, [...transforms.keys(), 'create', 'copy', 'evaluate', 'translate']);
    scope.problems.error(
      'mapping-not-supported',
      transform.span,
      `There is no transform "${transform.code}".${advice}`,
      'not-supported',
    );
    return undefined;
  }
  const given = argumentsOf(scope, transform);
  if (given === undefined) return undefined;
  const [min, max] = found.arguments;
  if (given.length < min || given.length > max) {
    scope.problems.error(
      'mapping-transform',
      transform.span,
      `${transform.code}() takes ${found.usage}, not ${given.length} arguments.`,
    );
    return undefined;
  }
  const literals = given.map((argument) => (argument.kind === 'literal' ? argument.value : undefined));
  const fault = found.check?.(literals);
  if (fault !== undefined) {
    scope.problems.error('mapping-transform', transform.span, fault);
    return undefined;
  }
  const [only] = expected;
  const implicit =
    transform.code === 'cast' && given.length === 1
      ? expected.length === 1
        ? only?.name
        : undefined
      : found.gives(literals);
  if (transform.code === 'cast' && implicit === undefined) {
    scope.problems.error(
      'mapping-transform',
      transform.span,
      "cast() needs a type here, for example cast(v, 'string').",
    );
    return undefined;
  }
  const type = implicit === undefined ? undefined : scope.shop.library.find(implicit);
  const last: readonly ArgumentPlan[] =
    transform.code === 'cast' && given.length === 1 ? [{ kind: 'literal', value: implicit ?? '', type: 'string' }] : [];
  return {
    plan: {
      kind: 'call',
      code: transform.code,
      arguments: [...given, ...last],
      ...(implicit === undefined ? {} : { gives: implicit }),
    },
    types: type === undefined ? [] : [type],
  };
}

/** Arguments in this scope; a name that is no variable may be a constant of the map. Undefined after an error. */
export function argumentsOf(
  scope: Scope,
  transform: { readonly parameters: readonly ArgumentSyntax[] },
): readonly ArgumentPlan[] | undefined {
  const planned = transform.parameters.map((argument) => planArgument(scope, argument));
  return planned.every((argument) => argument !== undefined) ? planned : undefined;
}

export function planArgument(scope: Scope, argument: ArgumentSyntax): ArgumentPlan | undefined {
  if (argument.kind === 'literal') return { kind: 'literal', value: argument.value, type: argument.type };
  if (argument.kind === 'variable') {
    const isConstant =
      !scope.variables.has(argument.name) && scope.map.constants.some((constant) => constant.name === argument.name);
    if (!isConstant) {
      const variable = lookUp(scope, argument);
      return variable === undefined ? undefined : { kind: 'variable', variable };
    }
  }
  const text = argument.kind === 'variable' ? { text: argument.name, span: argument.span } : argument.expression;
  const expression = expressionIn(scope, text);
  return expression === undefined ? undefined : { kind: 'expression', expression };
}
