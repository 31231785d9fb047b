import type { MappingSource } from './mapping.ts';
import { parseMap } from './parse.ts';
import { newProblems } from './problems.ts';
import type { ArgumentSyntax, ExpressionSyntax, RuleSyntax, Span } from './syntax.ts';

/** One small change of a mapping that a good set of cases notices. */
export interface Mutant {
  readonly kind: 'rule-removed' | 'constant-altered' | 'condition-negated' | 'row-removed';
  /** `file:line`. */
  readonly place: string;
  readonly description: string;
  /** The changed file; all others stay as they are. */
  readonly source: MappingSource;
}

/** Arguments of these say what is made or how, not what it holds; altering them only breaks the map. */
const structural = new Set(['create', 'translate', 'cast', 'dateOp', 'toDate', 'toDateTime', 'toTime', 'escape']);

/**
 * All single changes of one source: each rule removed, each constant altered, each `where` negated, each row of a
 * concept map removed. Text that cannot be read, and resources other than ConceptMaps, have none.
 */
export function mutants(source: MappingSource): readonly Mutant[] {
  return /^\uFEFF?\s*\{/.test(source.text) ? conceptMapMutants(source) : textMutants(source);
}

function textMutants(source: MappingSource): readonly Mutant[] {
  const problems = newProblems(source.file);
  const map = parseMap(source, problems);
  if (problems.hasErrors()) return [];
  const found: Mutant[] = [];
  const seen = new Set<string>();
  const change = (kind: Mutant['kind'], span: Span, end: number, text: string, description: string): void => {
    const key = `${kind} ${span.offset} ${end}`;
    if (seen.has(key)) return;
    seen.add(key);
    const changed = source.text.slice(0, span.offset) + text + source.text.slice(end);
    found.push({
      kind,
      place: `${source.file}:${span.line}`,
      description,
      source: { file: source.file, text: changed },
    });
  };
  const walk = (rule: RuleSyntax): void => {
    change('rule-removed', rule.span, rule.end, '', `rule "${rule.name}" removed`);
    for (const { where } of rule.sources) if (where !== undefined) negate(where, change);
    for (const { transform } of rule.targets)
      if (transform !== undefined && !structural.has(transform.code))
        for (const argument of transform.parameters) alter(argument, change);
    for (const inner of rule.rules) walk(inner);
  };
  for (const group of map.groups) for (const rule of group.rules) walk(rule);
  for (const table of map.conceptMaps)
    for (const row of table.rows)
      change('row-removed', row.span, row.end, '', `row ${row.code} of concept map "${table.id}" removed`);
  return found;
}

type Change = (kind: Mutant['kind'], span: Span, end: number, text: string, description: string) => void;

function negate(where: ExpressionSyntax, change: Change): void {
  const { span, text } = where;
  change(
    'condition-negated',
    span,
    span.offset + span.length,
    `((${text}).not())`,
    `condition ${text.slice(0, 60)} negated`,
  );
}

function alter(argument: ArgumentSyntax, change: Change): void {
  if (argument.kind !== 'literal') return;
  const { value, span } = argument;
  const text =
    typeof value === 'string'
      ? `'${value.replace(/[\\']/g, '\\$&')}-mutant'`
      : typeof value === 'number'
        ? String(value + 1)
        : String(!value);
  // A negative number is two tokens, a date has a sign before it: what stands there decides.
  change(
    'constant-altered',
    span,
    span.offset + span.length,
    argument.type === 'date' || argument.type === 'dateTime' ? '@1901-01-01' : text,
    `constant ${String(value).slice(0, 40)} altered`,
  );
}

interface ConceptMapJson {
  readonly resourceType?: string;
  readonly url?: string;
  readonly group?: readonly { readonly element?: readonly { readonly code?: string }[] }[];
}

function conceptMapMutants(source: MappingSource): readonly Mutant[] {
  let map: ConceptMapJson;
  try {
    map = JSON.parse(source.text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  if (map.resourceType !== 'ConceptMap') return [];
  return (map.group ?? []).flatMap((group, at) =>
    (group.element ?? []).map((element, index): Mutant => {
      const groups = (map.group ?? []).map((other, position) =>
        position === at ? { ...other, element: (other.element ?? []).filter((_, row) => row !== index) } : other,
      );
      return {
        kind: 'row-removed',
        place: `${source.file}:1`,
        description: `row ${element.code ?? ''} of concept map "${map.url ?? ''}" removed`,
        source: { file: source.file, text: JSON.stringify({ ...map, group: groups }, undefined, 2) },
      };
    }),
  );
}
