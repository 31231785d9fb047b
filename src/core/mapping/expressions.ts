import type { Node } from '../fhirpath/ast.ts';
import { compileNode } from '../fhirpath/compile.ts';
import { FhirPathError } from '../fhirpath/expression.ts';
import { parseFhirPath } from '../fhirpath/parser.ts';
import { adapt, focusAsThis } from './expression-adapt.ts';
import { readsOf } from './expression-reads.ts';
import { scriptOf } from './expression-script.ts';
import { rewrite } from './expression-tree.ts';
import { typesOf } from './expression-types.ts';
import type { TypeLibrary, TypeModel } from './models.ts';
import type { Evaluate, ExpressionPlan, Variable } from './plan.ts';
import { type Problems, suggestion } from './problems.ts';
import type { ExpressionSyntax, Span } from './syntax.ts';
import { worldOf } from './world.ts';

/** What an embedded expression may name. */
export interface ExpressionScope {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly constants: ReadonlyMap<string, number>;
  /** The focus: the source item for conditions. Undefined where none is given: then a variable becomes the focus. */
  readonly focus?: Variable;
  /** What `$this` and bare element names mean where no focus is given: the first source of the rule. */
  readonly start?: Variable;
  readonly library: TypeLibrary;
  readonly problems: Problems;
  /** Numbers the expressions of one map. */
  readonly number: () => number;
}

/**
 * Prepare an embedded FHIRPath expression: check it, settle which names are variables, and hand it to the FHIRPath
 * engine. Variables may be named with or without `%`
 * (https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html#fn-evaluate).
 *
 * @returns undefined when it cannot be read; the reason is in the problems.
 */
export function planExpression(syntax: ExpressionSyntax, scope: ExpressionScope): ExpressionPlan | undefined {
  const text = singleQuoted(syntax.text);
  let node: Node;
  try {
    node = parseFhirPath(text).node;
  } catch (error) {
    return report(error, syntax, scope);
  }
  const used = new Map<string, Variable>();
  const constants = new Map<string, number>();
  const named = rewrite(node, (part) => nameVariables(part, scope, used, constants));
  for (const { name, at } of unknownVariables(named, scope))
    scope.problems.error(
      'mapping-unknown-variable',
      spanAt(syntax, at),
      `The variable "%${name}" is not known here.${suggestion(name, scope.variables.keys())}`,
    );
  const start = isFocused(named) ? scope.start : undefined;
  const focus =
    scope.focus ?? start ?? [...used.values()].find((variable) => variable.mode === 'source') ?? [...used.values()][0];
  const focusTypes = focus?.types ?? [];
  const types = { focus: focusTypes, variables: scope.variables, library: scope.library };
  const placeOf = places(named);
  const unknown = (name: string, owner: TypeModel): void =>
    scope.problems.error(
      'mapping-unknown-element',
      spanAt(syntax, placeOf(name)),
      `${owner.name} has no element "${name}".${suggestion(name, [...owner.elements.keys(), ...scope.variables.keys()])}`,
      'not-found',
    );
  const typed = adapt(named, focusTypes, { types, unknown });
  const final = focus === undefined ? typed : focusAsThis(typed, focus.name, 0);
  let evaluate: Evaluate;
  try {
    evaluate = evaluator(final, text, focusTypes);
  } catch (error) {
    return report(error, syntax, scope);
  }
  const seen = [...used.values()];
  const index = scope.number();
  const script = scriptOf(final, { index, focus, used: seen, types }, (part, of) => evaluator(part, text, of));
  return {
    index,
    text: syntax.text,
    variables: seen,
    constants: [...constants].map(([name, index]) => ({ name, index })),
    ...(focus === undefined ? {} : { focus }),
    reads: readsOf(named, used),
    ...(script === undefined ? {} : { script }),
    types: typesOf(typed, types),
    evaluate,
    line: syntax.span.line,
  };
}

/** Whether an expression begins somewhere with `$this`, an element's name or a function, and so needs a focus. */
function isFocused(node: Node): boolean {
  let found = false;
  rewrite(node, (part) => {
    if (part.kind === 'special' || (part.kind === 'member' && part.base === undefined)) found = true;
    if (part.kind === 'call' && part.base === undefined && part.name !== 'iif') found = true;
    return part;
  });
  return found;
}

function evaluator(node: Node, text: string, focusTypes: readonly TypeModel[]): Evaluate {
  const compiled = compileNode(node, text);
  const only = focusTypes.length === 1 ? focusTypes[0] : undefined;
  const type = only === undefined || only.kind === 'logical' || only.open ? undefined : only.name;
  return (focus, variables, run) =>
    compiled.select(focus, worldOf(run, variables), type).filter((item) => item.value !== undefined);
}

/** Mapping language allows texts in double quotes; FHIRPath does not. */
function singleQuoted(text: string): string {
  return text.replace(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"((?:[^"\\]|\\.)*)"/g, (whole, inner: string | undefined) =>
    inner === undefined ? whole : `'${inner.replace(/\\"/g, '"').replace(/(?<!\\)'/g, "\\'")}'`,
  );
}

function report(error: unknown, syntax: ExpressionSyntax, scope: ExpressionScope): undefined {
  if (!(error instanceof FhirPathError)) throw error;
  const message = `The FHIRPath expression cannot be used: ${error.message}`;
  scope.problems.error('mapping-expression', spanAt(syntax, Math.max(0, error.offset)), message);
  return undefined;
}

/** A place inside an expression. In a StructureMap resource an expression has no place of its own: its rule's stands. */
function spanAt({ text, span }: ExpressionSyntax, at: number): Span {
  if (span.length !== text.length) return span;
  const lines = text.slice(0, at).split('\n');
  const column = lines.length === 1 ? span.column + at : (lines.at(-1)?.length ?? 0) + 1;
  return { ...span, offset: span.offset + at, line: span.line + lines.length - 1, column };
}

/** Where a name stands, one place a time that it is asked for. */
function places(node: Node): (name: string) => number {
  const found = new Map<string, number[]>();
  rewrite(node, (part) => {
    if (part.kind === 'member') found.set(part.name, [...(found.get(part.name) ?? []), part.at]);
    return part;
  });
  return (name) => found.get(name)?.shift() ?? 0;
}

function nameVariables(
  part: Node,
  scope: ExpressionScope,
  used: Map<string, Variable>,
  constants: Map<string, number>,
): Node {
  const bare = part.kind === 'member' && part.base === undefined;
  if (!bare && part.kind !== 'variable') return part;
  const variable = scope.variables.get(part.name);
  const constant = variable === undefined ? scope.constants.get(part.name) : undefined;
  if (variable !== undefined) used.set(part.name, variable);
  else if (constant !== undefined) constants.set(part.name, constant);
  else return part;
  return { kind: 'variable', at: part.at, name: part.name };
}

/** Names that the FHIRPath engine answers itself, and those that a caller hands in, are not ours to refuse. */
function unknownVariables(
  node: Node,
  scope: ExpressionScope,
): readonly { readonly name: string; readonly at: number }[] {
  const unknown: { name: string; at: number }[] = [];
  const known = /^(?:resource|rootResource|context|ucum|sct|loinc|partner\w*|now|env\w*|vs-.*|ext-.*)$/;
  rewrite(node, (part) => {
    if (
      part.kind === 'variable' &&
      !scope.variables.has(part.name) &&
      !scope.constants.has(part.name) &&
      !known.test(part.name)
    )
      unknown.push(part);
    return part;
  });
  return unknown.filter(({ name }) => suggestion(name, scope.variables.keys()) !== '');
}
