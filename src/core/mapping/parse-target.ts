import { type Cursor, shown } from './cursor.ts';
import type { ArgumentSyntax, NamedSpan, TargetSyntax, TransformSyntax } from './syntax.ts';

const listModes = ['first', 'share', 'last', 'single', 'collate'] as const;

/** The targets of a rule, separated by commas. */
export function parseTargets(cursor: Cursor): readonly TargetSyntax[] {
  const targets = [parseTarget(cursor)];
  while (cursor.accept(',')) targets.push(parseTarget(cursor));
  return targets;
}

function parseTarget(cursor: Cursor): TargetSyntax {
  const { span } = cursor.peek();
  const draft: { -readonly [K in keyof TargetSyntax]: TargetSyntax[K] } = { path: [], span };
  if (cursor.is('(')) {
    draft.transform = evaluation(cursor);
  } else {
    const path = cursor.path('A target');
    const [context, ...rest] = path;
    if (cursor.is('(') && context !== undefined && rest.length === 0) draft.transform = invocation(cursor, context);
    else {
      draft.context = context;
      draft.path = rest;
      if (cursor.accept('=')) draft.transform = parseTransform(cursor);
    }
  }
  if (cursor.accept('as')) draft.variable = cursor.name('A variable');
  parseListModes(cursor, draft);
  return draft;
}

function parseListModes(cursor: Cursor, draft: { -readonly [K in keyof TargetSyntax]: TargetSyntax[K] }): void {
  while (listModes.some((mode) => cursor.is(mode))) {
    const mode = cursor.oneOf(listModes, 'A list mode');
    if (draft.listMode !== undefined) cursor.fail('A target has only one list mode.');
    // R4 calls "collate" what R5 calls "single" (https://hl7.org/fhir/R4/valueset-map-target-list-mode.html).
    draft.listMode = mode === 'collate' ? 'single' : mode;
    if (mode === 'share') draft.shareId = cursor.name('"share"').name;
  }
}

/** A constant, a variable, a transform with its arguments, or a FHIRPath expression in brackets. */
export function parseTransform(cursor: Cursor): TransformSyntax {
  const { span, kind } = cursor.peek();
  if (cursor.is('(')) return evaluation(cursor);
  if ((kind === 'name' || kind === 'quoted-name') && cursor.is('(', 1))
    return invocation(cursor, cursor.name('A transform'));
  const argument = parseArgument(
    cursor,
    (at) => [',', ';', 'as', 'then', ...listModes].some((text) => at.is(text)) || isRuleName(at),
  );
  return { code: argument.kind === 'expression' ? 'evaluate' : 'copy', parameters: [argument], span };
}

function isRuleName(cursor: Cursor): boolean {
  if (!cursor.peek().text.startsWith('"') || cursor.peek(-1).text === '=') return false;
  return cursor.is(';', 1) || cursor.lookAhead(1, (at) => at.is('}') || at.startsRule());
}

function evaluation(cursor: Cursor): TransformSyntax {
  const { span } = cursor.peek();
  const expression = cursor.bracketed('A FHIRPath expression');
  return { code: 'evaluate', parameters: [{ kind: 'expression', expression, span: expression.span }], span };
}

function invocation(cursor: Cursor, name: NamedSpan): TransformSyntax {
  return { code: name.name, parameters: parseArguments(cursor, `"${name.name}"`), span: name.span };
}

/** `(a, 'b', 3)`. */
export function parseArguments(cursor: Cursor, what: string): readonly ArgumentSyntax[] {
  cursor.expect('(', what);
  const found: ArgumentSyntax[] = [];
  while (!cursor.is(')')) {
    found.push(parseArgument(cursor, (at) => at.is(',') || at.is(')')));
    if (!cursor.accept(',')) break;
  }
  cursor.expect(')', what);
  return found;
}

function parseArgument(cursor: Cursor, ends: (cursor: Cursor) => boolean): ArgumentSyntax {
  const token = cursor.peek();
  const single = parseLiteral(cursor, ends);
  if (single !== undefined) return single;
  const expression = cursor.expressionUntil(ends, 'An argument');
  if (expression.text === '{}') cursor.fail(`A value is needed here, not ${shown(token)}.`, token.span);
  return { kind: 'expression', expression, span: expression.span };
}

/** A constant or a variable that stands alone; undefined when more follows. */
function parseLiteral(cursor: Cursor, ends: (cursor: Cursor) => boolean): ArgumentSyntax | undefined {
  const negative = cursor.is('-') && cursor.peek(1).kind === 'number';
  const token = cursor.peek(negative ? 1 : 0);
  if (!endsAfter(cursor, negative ? 2 : 1, ends)) return undefined;
  const literal = literalOf(token.kind, token.text, token.value, negative);
  const { span } = cursor.peek();
  if (literal !== undefined) {
    if (negative) cursor.take();
    cursor.take();
    return { kind: 'literal', ...literal, span };
  }
  if (token.kind !== 'name' && token.kind !== 'quoted-name') return undefined;
  cursor.take();
  return { kind: 'variable', name: token.value, span };
}

function literalOf(
  kind: string,
  text: string,
  value: string,
  negative: boolean,
): { value: string | number | boolean; type: string } | undefined {
  if (kind === 'string') return { value, type: 'string' };
  if (kind === 'number')
    return { value: Number(text) * (negative ? -1 : 1), type: text.includes('.') ? 'decimal' : 'integer' };
  if (kind === 'name' && (text === 'true' || text === 'false')) return { value: text === 'true', type: 'boolean' };
  if (kind !== 'date') return undefined;
  if (text.startsWith('@T')) return { value: text.slice(2), type: 'time' };
  return { value: text.slice(1), type: text.includes('T') ? 'dateTime' : 'date' };
}

/** Whether the part ends `ahead` tokens from here. */
function endsAfter(cursor: Cursor, ahead: number, ends: (cursor: Cursor) => boolean): boolean {
  return cursor.lookAhead(ahead, (at) => ends(at) || at.peek().kind === 'end' || at.is('}') || at.startsRule());
}
