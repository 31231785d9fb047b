import { Cursor, SyntaxStop, shown } from './cursor.ts';
import { tokens } from './lexer.ts';
import type { MappingSource } from './mapping.ts';
import { parseConceptMap } from './parse-concept-map.ts';
import { parseRules } from './parse-rule.ts';
import { type Problems, suggestion } from './problems.ts';
import type { GroupSyntax, MapSyntax, NamedSpan, ParameterSyntax, Span, UseSyntax } from './syntax.ts';

const declarations = ['map', 'uses', 'imports', 'let', 'const', 'conceptmap', 'group'];
type Draft = {
  -readonly [K in keyof MapSyntax]: MapSyntax[K] extends readonly (infer Item)[] ? Item[] : MapSyntax[K];
} & { metadata: Record<string, string> };

/**
 * Read mapping-language text. Everything wrong in the file goes into `problems`; what could be read is returned
 * either way, so that checks can go on.
 *
 * @see http://hl7.org/fhir/R5/mapping-language.html and, for `let`, `///` and the short forms,
 *   https://build.fhir.org/ig/HL7/mapping-language-ig/grammar.html
 */
export function parseMap(source: MappingSource, problems: Problems): MapSyntax {
  const cursor = new Cursor(source.text, tokens(source.text, problems), problems);
  const { span } = cursor.peek();
  const metadata: Record<string, string> = Object.create(null);
  const draft: Draft = {
    file: source.file,
    url: '',
    name: '',
    metadata,
    uses: [],
    imports: [],
    constants: [],
    conceptMaps: [],
    groups: [],
    span,
  };
  while (cursor.peek().kind !== 'end') {
    // Where rules end with a semicolon, some authors end groups with one too.
    if (cursor.accept(';')) continue;
    try {
      parseDeclaration(cursor, draft);
    } catch (error) {
      if (!(error instanceof SyntaxStop)) throw error;
      cursor.skipTo(declarations);
    }
  }
  draft.url ||= metadata.url ?? '';
  draft.name ||= metadata.name ?? draft.url.split('/').at(-1) ?? '';
  if (draft.url === '')
    problems.error('mapping-no-url', span, 'The map has no url: begin with map "url" = "name" or /// url = \'…\'.');
  if (draft.groups.length === 0 && draft.conceptMaps.length === 0 && !problems.hasErrors())
    problems.error('mapping-no-group', span, 'The map has no group, so there is nothing that it does.');
  return draft;
}

function parseDeclaration(cursor: Cursor, draft: Draft): void {
  const token = cursor.peek();
  if (token.kind === 'metadata') {
    parseMetadata(cursor, draft);
    return;
  }
  switch (token.kind === 'name' ? token.text : '') {
    case 'map': {
      draft.span = cursor.take().span;
      draft.url = cursor.string('A map').name;
      cursor.expect('=', 'A map');
      draft.name = cursor.peek().kind === 'string' ? cursor.take().value : dashed(cursor);
      cursor.accept(';');
      return;
    }
    case 'uses':
      draft.uses.push(parseUses(cursor));
      return;
    case 'imports':
      cursor.take();
      draft.imports.push(cursor.string('An import'));
      cursor.accept(';');
      return;
    case 'let':
    case 'const':
      parseConstant(cursor, draft);
      return;
    case 'conceptmap':
      draft.conceptMaps.push(parseConceptMap(cursor));
      return;
    case 'group':
      draft.groups.push(parseGroup(cursor));
      return;
    default:
      cursor.fail(
        `One of ${declarations.join(', ')} is needed here, not ${shown(token)}.${suggestion(token.text, declarations)}`,
      );
  }
}

/** A name without quotes may hold dashes, as file names do. */
function dashed(cursor: Cursor): string {
  let { name } = cursor.name('A map');
  while (cursor.accept('-')) name += `-${cursor.name('A map').name}`;
  return name;
}

function parseMetadata(cursor: Cursor, draft: Draft): void {
  const token = cursor.take();
  const found = /^([\w.[\]]+)\s*=\s*([\s\S]*)$/.exec(token.value);
  // A line of slashes or prose is a comment, not metadata.
  if (found === null) return;
  const [, name = '', raw = ''] = found;
  const quoted = /^"""([\s\S]*)"""$/.exec(raw) ?? /^'((?:[^'\\]|\\.)*)'/.exec(raw) ?? /^"((?:[^"\\]|\\.)*)"/.exec(raw);
  draft.metadata[name] = quoted?.[1] === undefined ? raw : quoted[1].replace(/\\(.)/g, '$1').trim();
  draft.span = token.span;
}

function parseUses(cursor: Cursor): UseSyntax {
  const { span } = cursor.take();
  const url = cursor.string('"uses"').name;
  const alias = cursor.accept('alias') ? aliasName(cursor) : undefined;
  cursor.expect('as', '"uses"');
  const mode = cursor.oneOf(['source', 'target', 'queried', 'produced'] as const, 'The mode of "uses"');
  cursor.accept(';');
  return { url, mode, span, ...(alias === undefined ? {} : { alias }) };
}

/** Published maps have aliases in quotes too, as tools write them. */
function aliasName(cursor: Cursor): string {
  return cursor.peek().kind === 'string' ? cursor.take().value : cursor.name('An alias').name;
}

function parseConstant(cursor: Cursor, draft: Draft): void {
  cursor.take();
  const { name, span } = cursor.name('A constant');
  cursor.expect('=', `The constant "${name}"`);
  const expression = cursor.expressionUntil(
    (at) => at.is(';') || at.startsLine(declarations),
    `The constant "${name}"`,
  );
  draft.constants.push({ name, expression, span });
  if (cursor.accept(';')) return;
  if (!cursor.startsLine(declarations)) cursor.expect(';', `The constant "${name}"`);
  cursor.problems.error('mapping-syntax', cursor.after, `The ";" that ends the constant "${name}" is missing here.`);
}

function parseGroup(cursor: Cursor): GroupSyntax {
  cursor.take();
  const { name, span } = cursor.name('A group');
  const parameters = parseParameters(cursor, name, span);
  const base: NamedSpan | undefined = cursor.accept('extends') ? cursor.name('"extends"') : undefined;
  let typeMode: GroupSyntax['typeMode'];
  if (cursor.accept('<<')) {
    const mode = cursor.oneOf(['types', 'type'] as const, 'The kind of a group');
    if (mode === 'type') cursor.expect('+', '<<type+>>');
    cursor.expect('>>', 'The kind of a group');
    typeMode = mode === 'types' ? 'types' : 'type-and-types';
  }
  const rules = parseRules(cursor, `The group "${name}"`);
  return { name, parameters, rules, span, ...(base ? { extends: base } : {}), ...(typeMode ? { typeMode } : {}) };
}

function parseParameters(cursor: Cursor, group: string, span: Span): readonly ParameterSyntax[] {
  const parameters: ParameterSyntax[] = [];
  if (cursor.is('input') || cursor.is('for'))
    cursor.fail(
      `The group "${group}" is in the syntax before R4 (input … endgroup), which is not read: write ` +
        `group ${group}(source name : Type, target name : Type) { … }.`,
    );
  cursor.expect('(', `The group "${group}"`);
  while (!cursor.is(')')) {
    const mode = cursor.oneOf(['source', 'target'] as const, 'The mode of a parameter');
    const name = cursor.name('A parameter');
    const type = cursor.accept(':') ? cursor.path('A type') : undefined;
    const first = type?.[0];
    const typed =
      first === undefined ? {} : { type: { name: (type ?? []).map((part) => part.name).join('.'), span: first.span } };
    parameters.push({ mode, name: name.name, span: name.span, ...typed });
    if (!cursor.accept(',')) break;
  }
  cursor.expect(')', `The group "${group}"`);
  if (parameters.length === 0) cursor.problems.error('mapping-syntax', span, `The group "${group}" has no parameter.`);
  return parameters;
}
