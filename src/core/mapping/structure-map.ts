import type { Problems } from './problems.ts';
import type {
  ArgumentSyntax,
  CallSyntax,
  ExpressionSyntax,
  GroupSyntax,
  MapSyntax,
  ModelMode,
  NamedSpan,
  RuleSyntax,
  SourceListMode,
  SourceSyntax,
  Span,
  TargetListMode,
  TargetSyntax,
} from './syntax.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The syntax tree of a StructureMap resource (R4; R5's `const` and `dependent.parameter` are read too). A resource has
 * no lines: problems stand at the place of the rule's name in the text, where it has one.
 *
 * @see https://hl7.org/fhir/R4/structuremap.html
 */
export function readStructureMap(resource: unknown, file: string, text: string, problems: Problems): MapSyntax {
  const map = resource as Json;
  const at = locator(text);
  const span = at(texts(map.url));
  const metadata: Record<string, string> = Object.create(null);
  if (texts(map.url) === '') problems.error('mapping-no-url', span, 'The StructureMap has no url: add one.');
  return {
    file,
    url: texts(map.url),
    name: texts(map.name),
    metadata,
    span,
    uses: list(map.structure).map((use) => ({
      url: texts(use.url),
      mode: texts(use.mode) as ModelMode,
      span,
      ...optional('alias', texts(use.alias)),
    })),
    imports: array(map.import).map((url) => ({ name: texts(url), span: at(texts(url)) })),
    constants: list(map.const).map((one) => ({
      name: texts(one.name),
      expression: { text: texts(one.value), span },
      span,
    })),
    conceptMaps: [],
    groups: list(map.group).map((group) => readGroup(group, at)),
  };
}

type Locate = (text: string) => Span;

/** Where a text stands in quotes for the first time; the beginning when it does not. */
function locator(text: string): Locate {
  return (wanted) => {
    const found = wanted === '' ? -1 : text.indexOf(JSON.stringify(wanted));
    const offset = Math.max(0, found);
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return { offset, length: found < 0 ? 1 : wanted.length + 2, line, column: offset - before.lastIndexOf('\n') };
  };
}

function texts(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function list(value: unknown): readonly Json[] {
  return array(value).filter((item): item is Json => typeof item === 'object' && item !== null);
}

function optional<K extends string, V>(key: K, value: V | '' | undefined): { readonly [P in K]?: V } {
  return (value === '' || value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function named(value: unknown, at: Locate): NamedSpan | undefined {
  const name = texts(value);
  return name === '' ? undefined : { name, span: at(name) };
}

function readGroup(group: Json, at: Locate): GroupSyntax {
  const mode = texts(group.typeMode);
  const span = at(texts(group.name));
  return {
    name: texts(group.name),
    span,
    parameters: list(group.input).map((input) => ({
      mode: texts(input.mode) === 'target' ? 'target' : 'source',
      name: texts(input.name),
      span,
      ...optional('type', named(input.type, at)),
    })),
    ...optional('extends', named(group.extends, at)),
    ...(mode === 'types' || mode === 'type-and-types' ? { typeMode: mode } : {}),
    rules: list(group.rule).map((rule) => readRule(rule, at)),
  };
}

function readRule(rule: Json, at: Locate): RuleSyntax {
  const name = texts(rule.name);
  const span = at(name);
  const sources = list(rule.source).map((source) => readSource(source, span));
  const targets = list(rule.target).map((target) => readTarget(target, span));
  const rules = list(rule.rule).map((inner) => readRule(inner, at));
  const calls = list(rule.dependent).map((call) => readCall(call, at, span));
  return {
    name: name === '' ? 'rule' : name,
    span,
    sources,
    end: span.offset + span.length,
    calls,
    rules,
    ...identity(sources, targets, calls.length + rules.length),
  };
}

/** A bare create of one element from one element is how a resource writes the identity form. */
function identity(
  sources: readonly SourceSyntax[],
  targets: readonly TargetSyntax[],
  more: number,
): Pick<RuleSyntax, 'simple' | 'targets'> {
  const [source] = sources;
  const [target] = targets;
  const bare = target?.transform?.code === 'create' && target.transform.parameters.length === 0;
  const simple =
    sources.length === 1 &&
    targets.length === 1 &&
    more === 0 &&
    bare &&
    (source?.path.length ?? 0) > 0 &&
    target.path.length > 0;
  if (!simple || target === undefined) return { simple: false, targets };
  const { transform: _, variable: __, ...rest } = target;
  return { simple: true, targets: [rest] };
}

function path(element: unknown, span: Span): readonly NamedSpan[] {
  return texts(element)
    .split('.')
    .filter((name) => name !== '')
    .map((name) => ({ name, span }));
}

function expression(text: unknown, span: Span): ExpressionSyntax | undefined {
  return texts(text) === '' ? undefined : { text: texts(text), span };
}

function readSource(source: Json, span: Span): SourceSyntax {
  const fallback = Object.entries(source).find(([key]) => key.startsWith('defaultValue'))?.[1];
  const standard =
    typeof fallback === 'string'
      ? `'${fallback.replace(/[\\']/g, '\\$&')}'`
      : fallback === undefined
        ? undefined
        : String(fallback);
  return {
    context: { name: texts(source.context), span },
    path: path(source.element, span),
    span,
    ...optional(
      'type',
      named(source.type, () => span),
    ),
    ...(typeof source.min === 'number' ? { min: source.min } : {}),
    ...(texts(source.max) === '' ? {} : { max: source.max === '*' ? Number.POSITIVE_INFINITY : Number(source.max) }),
    ...optional('default', expression(standard, span)),
    ...optional('listMode', texts(source.listMode) as SourceListMode | ''),
    ...optional(
      'variable',
      named(source.variable, () => span),
    ),
    ...optional('where', expression(source.condition, span)),
    ...optional('check', expression(source.check, span)),
    ...optional('log', expression(source.logMessage, span)),
  };
}

function readTarget(target: Json, span: Span): TargetSyntax {
  const [mode = ''] = array(target.listMode).map(texts);
  const listMode = mode === 'collate' ? 'single' : (mode as TargetListMode | '');
  const code = texts(target.transform);
  const parameters = list(target.parameter).map((parameter, index) =>
    readArgument(parameter, span, code === 'evaluate' && index === list(target.parameter).length - 1),
  );
  return {
    path: path(target.element, span),
    span,
    ...optional(
      'context',
      named(target.context, () => span),
    ),
    ...(code === '' ? {} : { transform: { code, parameters, span } }),
    ...optional(
      'variable',
      named(target.variable, () => span),
    ),
    ...optional('listMode', listMode),
    ...optional('shareId', texts(target.listRuleId)),
  };
}

/** R4 has value ids, texts, booleans and numbers; the last argument of `evaluate` is an expression in a text. */
function readArgument(parameter: Json, span: Span, isExpression: boolean): ArgumentSyntax {
  const [key = '', value] = Object.entries(parameter).find(([name]) => name.startsWith('value')) ?? [];
  if (key === 'valueId') return { kind: 'variable', name: texts(value), span };
  if (isExpression && typeof value === 'string') return { kind: 'expression', expression: { text: value, span }, span };
  const type = key.slice('value'.length);
  const literal = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : '';
  return { kind: 'literal', value: literal, type: type.charAt(0).toLowerCase() + type.slice(1), span };
}

function readCall(call: Json, at: Locate, span: Span): CallSyntax {
  const variables = array(call.variable).map((name): ArgumentSyntax => ({ kind: 'variable', name: texts(name), span }));
  const parameters = list(call.parameter).map((parameter) => readArgument(parameter, span, false));
  return { group: named(call.name, at) ?? { name: '', span }, arguments: [...variables, ...parameters] };
}
