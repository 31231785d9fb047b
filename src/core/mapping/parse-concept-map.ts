import { type Cursor, shown } from './cursor.ts';
import type { ConceptMapSyntax, ConceptRowSyntax } from './syntax.ts';

/** The relations of the R4 and R5 text grammar and what they mean. */
const relations: Readonly<Record<string, string>> = {
  '-': 'equivalent',
  '=': 'equal',
  '==': 'equivalent',
  '<=': 'wider',
  '>=': 'narrower',
  '<-': 'specializes',
  '>-': 'subsumes',
  '~': 'relatedto',
  '!=': 'disjoint',
};

type Unmapped = ConceptMapSyntax['unmapped'][number];

/** `conceptmap "#id" { prefix s = "…"  unmapped for s = provided  s:a - t:b }`. */
export function parseConceptMap(cursor: Cursor): ConceptMapSyntax {
  const { span } = cursor.expect('conceptmap', 'A concept map');
  const id = cursor.string('A concept map').name.replace(/^#/, '');
  cursor.expect('{', `The concept map "${id}"`);
  const prefixes: Record<string, string> = Object.create(null);
  while (cursor.accept('prefix')) {
    const { name } = cursor.name('A prefix');
    cursor.expect('=', `The prefix "${name}"`);
    prefixes[name] = cursor.string(`The prefix "${name}"`).name;
    cursor.accept(';');
  }
  const unmapped: Unmapped[] = [];
  while (cursor.is('unmapped')) unmapped.push(parseUnmapped(cursor, prefixes));
  const rows: ConceptRowSyntax[] = [];
  while (!cursor.is('}')) rows.push(parseRow(cursor, prefixes));
  cursor.expect('}', `The concept map "${id}"`);
  return { id, span, prefixes, unmapped, rows };
}

/** `unmapped for s = provided`, or `unmapped for s = t:code` for a fixed one. */
function parseUnmapped(cursor: Cursor, prefixes: Readonly<Record<string, string>>): Unmapped {
  const { span } = cursor.expect('unmapped', 'A fallback');
  cursor.expect('for', 'A fallback');
  const source = system(cursor, prefixes);
  cursor.expect('=', 'A fallback');
  if (cursor.is('provided') && !cursor.is(':', 1)) {
    cursor.take();
    return { source, mode: 'provided', span };
  }
  const target = system(cursor, prefixes);
  cursor.expect(':', 'A fallback');
  return { source, mode: 'fixed', target, code: code(cursor), span };
}

function parseRow(cursor: Cursor, prefixes: Readonly<Record<string, string>>): ConceptRowSyntax {
  const { span } = cursor.peek();
  const source = system(cursor, prefixes);
  cursor.expect(':', 'A row of a concept map');
  const sourceCode = code(cursor);
  const sign = cursor.take();
  const relation = relations[sign.text];
  if (relation === undefined || sign.kind !== 'symbol')
    return cursor.fail(
      `A row of a concept map needs one of ${Object.keys(relations).join(' ')} here, not ${shown(sign)}.`,
      sign.span,
    );
  const target = system(cursor, prefixes);
  cursor.expect(':', 'A row of a concept map');
  const targetCode = code(cursor);
  const row = { source, code: sourceCode, relation, target, targetCode, span, end: cursor.lastEnd };
  cursor.accept(';');
  return row;
}

function system(cursor: Cursor, prefixes: Readonly<Record<string, string>>): string {
  const { name, span } = cursor.name('A row of a concept map');
  const url = prefixes[name];
  if (url === undefined)
    cursor.problems.error(
      'mapping-unknown-prefix',
      span,
      `The prefix "${name}" is not declared: add prefix ${name} = "…".`,
    );
  return url ?? '';
}

/** A code: in quotes, or the letters, digits, dashes and dots that stand together. */
function code(cursor: Cursor): string {
  const first = cursor.take();
  if (first.kind === 'string') return first.value;
  if (first.kind !== 'name' && first.kind !== 'number')
    return cursor.fail(`A code is needed here, not ${shown(first)}.`, first.span);
  let { text } = first;
  let end = first.span.offset + first.span.length;
  for (let next = cursor.peek(); next.span.offset === end && /^([\w.]+|-)$/.test(next.text); next = cursor.peek()) {
    text += next.text;
    end += next.span.length;
    cursor.take();
  }
  return text;
}
