import { type Cursor, SyntaxStop, shown } from './cursor.ts';
import { parseArguments, parseTargets } from './parse-target.ts';
import type {
  CallSyntax,
  ExpressionSyntax,
  NamedSpan,
  RuleSyntax,
  SourceSyntax,
  Span,
  TargetSyntax,
} from './syntax.ts';

const listModes = ['first', 'not_first', 'last', 'not_last', 'only_one'] as const;
/** Deeper nesting than this is a mistake or an attack, and would only exhaust the stack. */
const nestingLimit = 60;

/** `{ rule; rule; }`. A broken rule is reported and left out; the following ones are read all the same. */
export function parseRules(cursor: Cursor, where: string, depth = 0): readonly RuleSyntax[] {
  const open = cursor.expect('{', where);
  if (depth > nestingLimit) cursor.fail(`Rules may be nested ${nestingLimit} deep: use a group.`, open.span);
  const rules: RuleSyntax[] = [];
  while (!cursor.is('}') && cursor.peek().kind !== 'end' && !startsGroup(cursor)) {
    try {
      rules.push(...parseRule(cursor, depth));
    } catch (error) {
      if (!(error instanceof SyntaxStop)) throw error;
      cursor.skipRule();
    }
  }
  if (!cursor.accept('}'))
    cursor.problems.error(
      'mapping-syntax',
      open.span,
      `${where} is not closed: "}" is missing before ${shown(cursor.peek())}.`,
    );
  return rules;
}

function startsGroup(cursor: Cursor): boolean {
  return cursor.is('group') && cursor.peek(1).kind === 'name' && cursor.is('(', 2);
}

function parseRule(cursor: Cursor, depth: number): readonly RuleSyntax[] {
  const { span } = cursor.peek();
  const sources = [parseSource(cursor)];
  while (cursor.accept(',')) sources.push(parseSource(cursor));
  let targets: readonly TargetSyntax[] = [];
  if (cursor.accept('->')) {
    const batch = parseBatch(cursor, sources, span);
    if (batch !== undefined) return batch;
    targets = parseTargets(cursor);
  }
  const calls: CallSyntax[] = [];
  let rules: readonly RuleSyntax[] = [];
  const then = cursor.accept('then');
  if (then) {
    while (!cursor.is('{')) {
      const group = cursor.name('"then"');
      calls.push({ group, arguments: parseArguments(cursor, `The call of "${group.name}"`) });
      if (!cursor.accept(',')) break;
    }
    if (cursor.is('{')) rules = parseRules(cursor, 'A "then"', depth + 1);
  }
  const name = parseRuleName(cursor) ?? inferredName(sources, targets);
  endRule(cursor);
  return [
    { name, sources, targets, simple: !then && isSimple(sources, targets), calls, rules, span, end: cursor.lastEnd },
  ];
}

/** A rule may carry its name in quotes. */
function parseRuleName(cursor: Cursor): string | undefined {
  return cursor.peek().kind === 'string' ? cursor.take().value : undefined;
}

function endRule(cursor: Cursor): void {
  if (cursor.accept(';')) return;
  const next = cursor.peek();
  // Where only the semicolon is missing the following rules are still worth reading.
  if (cursor.is('}') || next.kind === 'end' || cursor.startsRule())
    cursor.problems.error('mapping-syntax', cursor.after, 'The ";" that ends a rule is missing here.');
  else cursor.fail(`A rule ends with ";", not with ${shown(next)}.`);
}

/** `src -> tgt: id, active, gender;` stands for one identity rule a name. */
function parseBatch(cursor: Cursor, sources: readonly SourceSyntax[], span: Span): readonly RuleSyntax[] | undefined {
  const [source] = sources;
  if (source === undefined || sources.length !== 1 || !cursor.is(':', 1)) return undefined;
  const context = cursor.name('A target');
  cursor.expect(':', 'A list of elements');
  const names = [cursor.name('A list of elements')];
  while (cursor.accept(',')) names.push(cursor.name('A list of elements'));
  const prefix = parseRuleName(cursor);
  endRule(cursor);
  return names.map((element) => ({
    name: prefix === undefined ? element.name : `${prefix}-${element.name}`,
    sources: [{ ...source, path: [...source.path, element], span: element.span }],
    targets: [{ context, path: [element], span: element.span }],
    simple: true,
    calls: [],
    rules: [],
    span,
    end: cursor.lastEnd,
  }));
}

/** The identity form: one element to one element, and nothing else said about them. */
function isSimple(sources: readonly SourceSyntax[], targets: readonly TargetSyntax[]): boolean {
  const [source] = sources;
  const [target] = targets;
  if (source === undefined || target === undefined || sources.length > 1 || targets.length > 1) return false;
  const bare = source.variable === undefined && target.variable === undefined && target.transform === undefined;
  return bare && source.path.length > 0 && target.path.length > 0;
}

function inferredName(sources: readonly SourceSyntax[], targets: readonly TargetSyntax[]): string {
  const source = sources[0];
  return targets[0]?.path.at(-1)?.name ?? source?.path.at(-1)?.name ?? source?.context.name ?? 'rule';
}

function parseSource(cursor: Cursor): SourceSyntax {
  const [context, ...path] = cursor.path('A rule');
  if (context === undefined) return cursor.fail('A rule needs a source.');
  const source: { -readonly [K in keyof SourceSyntax]: SourceSyntax[K] } = { context, path, span: context.span };
  while (parseClause(cursor, source));
  return source;
}

type Draft = { -readonly [K in keyof SourceSyntax]: SourceSyntax[K] };

/** One of the optional parts of a source; false when none follows. */
function parseClause(cursor: Cursor, source: Draft): boolean {
  const { span, kind } = cursor.peek();
  const once = (clause: keyof SourceSyntax): void => {
    if (source[clause] !== undefined) cursor.fail(`A source has only one "${clause}".`, span);
  };
  if (kind === 'number') {
    once('min');
    source.min = Number(cursor.take().text);
    cursor.expect('..', 'A cardinality');
    source.max = cursor.accept('*') ? Number.POSITIVE_INFINITY : cardinality(cursor);
  } else if (cursor.accept(':')) {
    once('type');
    source.type = typeName(cursor);
  } else if (cursor.is('as')) {
    once('variable');
    cursor.take();
    source.variable = cursor.name('A variable');
  } else if (cursor.is('default')) {
    once('default');
    cursor.take();
    source.default = cursor.is('(') ? cursor.bracketed('"default"') : oldDefault(cursor);
  } else if (listModes.some((mode) => cursor.is(mode))) {
    once('listMode');
    source.listMode = cursor.oneOf(listModes, 'A list mode');
  } else if (cursor.is('where') || cursor.is('check') || cursor.is('log')) {
    const clause = cursor.oneOf(['where', 'check', 'log'] as const, 'A condition');
    once(clause);
    source[clause] = cursor.expressionUntil(endsCondition, `"${clause}"`);
  } else return false;
  return true;
}

/** A type's name, also as `FHIR.Quantity`. */
function typeName(cursor: Cursor): NamedSpan {
  const parts = cursor.path('A type');
  return { name: parts.map((part) => part.name).join('.'), span: parts[0]?.span ?? cursor.peek().span };
}

function cardinality(cursor: Cursor): number {
  const token = cursor.take();
  if (token.kind !== 'number')
    return cursor.fail(`A cardinality ends with a number or "*", not ${shown(token)}.`, token.span);
  return Number(token.text);
}

/** `default "value"`, the oldest form. */
function oldDefault(cursor: Cursor): ExpressionSyntax {
  const { span } = cursor.string('"default"');
  return { text: cursor.text.slice(span.offset, span.offset + span.length), span };
}

/** Conditions need brackets today; older maps have none, so a condition also ends where the next part begins. */
function endsCondition(cursor: Cursor): boolean {
  if (['->', ',', ';', 'then', 'where', 'check', 'log'].some((text) => cursor.is(text))) return true;
  return cursor.peek().kind === 'string' && cursor.peek().text.startsWith('"') && cursor.is(';', 1);
}
