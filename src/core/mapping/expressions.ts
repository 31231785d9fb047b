import type { Node } from '../fhirpath/ast.ts';
import { compileNode } from '../fhirpath/compile.ts';
import { FhirPathError } from '../fhirpath/expression.ts';
import { parseFhirPath } from '../fhirpath/parser.ts';
import { scriptOf } from './expression-script.ts';
import { isTypeArgument, rewrite } from './expression-tree.ts';
import { type ExpressionTypes, typesOf } from './expression-types.ts';
import { elementOf, type TypeLibrary, type TypeModel } from './models.ts';
import type { Evaluate, ExpressionPlan, Variable } from './plan.ts';
import { type Problems, suggestion } from './problems.ts';
import type { ExpressionSyntax } from './syntax.ts';
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

/** Functions that evaluate their argument once an item, with `$this` of their own. */
const iterating = new Set([
  'where',
  'select',
  'all',
  'exists',
  'repeat',
  'repeatAll',
  'aggregate',
  'trace',
  'any',
  'sort',
  'iif',
  'coalesce',
]);

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
  for (const name of unknownVariables(named, scope))
    scope.problems.error(
      'mapping-unknown-variable',
      syntax.span,
      `The variable "%${name}" is not known here.${suggestion(name, scope.variables.keys())}`,
    );
  const start = isFocused(named) ? scope.start : undefined;
  const focus =
    scope.focus ?? start ?? [...used.values()].find((variable) => variable.mode === 'source') ?? [...used.values()][0];
  const focusTypes = focus?.types ?? [];
  const types = { focus: focusTypes, variables: scope.variables, library: scope.library };
  const unknown = (name: string, owner: TypeModel): void =>
    scope.problems.error(
      'mapping-unknown-element',
      syntax.span,
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
  const script = scriptOf(final, focus, seen, types, (part, of) => evaluator(part, text, of));
  return {
    index: scope.number(),
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
  const at = Math.max(0, error.offset);
  const lines = syntax.text.slice(0, at).split('\n');
  const column = lines.length === 1 ? syntax.span.column + at : (lines.at(-1)?.length ?? 0) + 1;
  const span = { ...syntax.span, line: syntax.span.line + lines.length - 1, column };
  scope.problems.error('mapping-expression', span, `The FHIRPath expression cannot be used: ${error.message}`);
  return undefined;
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
function unknownVariables(node: Node, scope: ExpressionScope): readonly string[] {
  const unknown: string[] = [];
  const known = /^(?:resource|rootResource|context|ucum|sct|loinc|partner\w*|now|env\w*|vs-.*|ext-.*)$/;
  rewrite(node, (part) => {
    if (
      part.kind === 'variable' &&
      !scope.variables.has(part.name) &&
      !scope.constants.has(part.name) &&
      !known.test(part.name)
    )
      unknown.push(part.name);
    return part;
  });
  return unknown.filter((name) => suggestion(name, scope.variables.keys()) !== '');
}

/** What is done while an expression is walked with the types that its names are looked up in. */
interface TypedWalk {
  readonly types: ExpressionTypes;
  readonly unknown: (name: string, owner: TypeModel) => void;
}

/**
 * The same tree without the `value` of primitives, which maps ask for though in JSON a primitive is its own value.
 * Names that the models do not know are reported: FHIRPath would only find nothing.
 */
function adapt(node: Node, focus: readonly TypeModel[], walk: TypedWalk): Node {
  const inner = (child: Node, of = focus): Node => adapt(child, of, walk);
  const typesAt = (child: Node): readonly TypeModel[] => typesOf(child, { ...walk.types, focus });
  switch (node.kind) {
    case 'member':
      return adaptMember(
        node,
        node.base === undefined ? focus : typesAt(node.base),
        node.base === undefined ? undefined : inner(node.base),
        walk,
      );
    case 'call': {
      const base = node.base === undefined ? undefined : inner(node.base);
      if (isTypeArgument(node.name)) return { ...node, base };
      const of = iterating.has(node.name) && node.base !== undefined ? typesAt(node.base) : focus;
      return { ...node, base, arguments: node.arguments.map((argument) => inner(argument, of)) };
    }
    case 'index':
      return { ...node, base: inner(node.base), index: inner(node.index) };
    case 'sign':
    case 'type':
      return { ...node, operand: inner(node.operand) };
    case 'binary':
      return { ...node, left: inner(node.left), right: inner(node.right) };
    default:
      return node;
  }
}

function adaptMember(
  node: Extract<Node, { kind: 'member' }>,
  owner: readonly TypeModel[],
  base: Node | undefined,
  walk: TypedWalk,
): Node {
  if (
    base !== undefined &&
    node.name === 'value' &&
    owner.length > 0 &&
    owner.every((type) => type.kind === 'primitive')
  )
    return base;
  const [only] = owner;
  // An expression may begin with the name of its own type: Patient.name.
  const isTypeName = base === undefined && walk.types.library.find(node.name) !== undefined;
  const known =
    only === undefined ||
    owner.length > 1 ||
    only.open ||
    elementOf(only, node.name) !== undefined ||
    node.name === 'resourceType';
  if (!known && !isTypeName && only !== undefined) walk.unknown(node.name, only);
  return base === undefined ? node : { ...node, base };
}

/** Writes `$this` for the variable that is the focus, outside functions that change `$this`. */
function focusAsThis(node: Node, name: string, depth: number): Node {
  const inner = (child: Node): Node => focusAsThis(child, name, depth);
  switch (node.kind) {
    case 'variable':
      return depth === 0 && node.name === name ? { kind: 'special', at: node.at, name: '$this' } : node;
    case 'member':
      return node.base === undefined ? node : { ...node, base: inner(node.base) };
    case 'call': {
      const deeper = iterating.has(node.name) && node.base !== undefined ? depth + 1 : depth;
      const base = node.base === undefined ? undefined : inner(node.base);
      if (isTypeArgument(node.name)) return { ...node, base };
      return { ...node, base, arguments: node.arguments.map((argument) => focusAsThis(argument, name, deeper)) };
    }
    case 'index':
      return { ...node, base: inner(node.base), index: inner(node.index) };
    case 'sign':
    case 'type':
      return { ...node, operand: inner(node.operand) };
    case 'binary':
      return { ...node, left: inner(node.left), right: inner(node.right) };
    default:
      return node;
  }
}

/** Every path of elements that the expression follows, from its focus or from a variable. */
function readsOf(node: Node, variables: ReadonlyMap<string, Variable>): ExpressionPlan['reads'] {
  const reads: { variable?: Variable; path: readonly string[] }[] = [];
  const walk = (
    part: Node,
    base: readonly string[],
    root: Variable | undefined,
  ): { path: readonly string[]; root: Variable | undefined } => {
    const at = { path: base, root };
    switch (part.kind) {
      case 'variable':
        return { path: [], root: variables.get(part.name) };
      case 'special':
        return at;
      case 'member': {
        const from = part.base === undefined ? at : walk(part.base, base, root);
        const path = [...from.path, part.name];
        reads.push({ path, ...(from.root === undefined ? {} : { variable: from.root }) });
        return { path, root: from.root };
      }
      case 'call': {
        const from = part.base === undefined ? at : walk(part.base, base, root);
        if (!isTypeArgument(part.name)) for (const argument of part.arguments) walk(argument, from.path, from.root);
        if (part.name === 'children' || part.name === 'descendants')
          reads.push({ path: [...from.path, '*'], ...(from.root === undefined ? {} : { variable: from.root }) });
        return from;
      }
      case 'index':
        walk(part.index, base, root);
        return walk(part.base, base, root);
      case 'sign':
      case 'type':
        return walk(part.operand, base, root);
      case 'binary':
        walk(part.left, base, root);
        walk(part.right, base, root);
        return at;
      default:
        return at;
    }
  };
  const end = walk(node, [], undefined);
  if (end.path.length === 0) reads.push({ path: [], ...(end.root === undefined ? {} : { variable: end.root }) });
  // A path inside a longer one is only the way there.
  return reads.filter(
    (read) =>
      !reads.some(
        (other) =>
          other !== read &&
          other.variable === read.variable &&
          other.path.length > read.path.length &&
          read.path.every((step, i) => other.path[i] === step),
      ),
  );
}
