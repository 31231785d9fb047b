import type { Problems } from './problems.ts';
import type { ConceptMapSyntax, Span } from './syntax.ts';

/** A concept map ready for `translate`. */
export interface ConceptTable {
  /** Canonical URL, or `#id` for one that stands in a map. */
  readonly url: string;
  readonly file: string;
  readonly groups: readonly ConceptGroup[];
  /** The value set that its targets come from, where it says so. */
  readonly targetValueSet?: string;
}

export interface ConceptGroup {
  /** Empty where the map does not say. */
  readonly source: string;
  readonly target: string;
  readonly rows: ReadonlyMap<string, readonly ConceptRow[]>;
  readonly unmapped?:
    | { readonly mode: 'provided' }
    | { readonly mode: 'fixed'; readonly code: string; readonly display?: string }
    | OtherMap;
}

/** The fallback is another map, which is found once all are read. */
export interface OtherMap {
  readonly mode: 'other-map';
  readonly url: string;
  table?: ConceptTable;
}

export interface ConceptRow {
  readonly code: string;
  readonly display?: string;
  readonly relation: string;
  readonly span: Span;
}

/** R4's relations that are no translation: the source has no counterpart. */
const noTranslation = new Set(['unmatched', 'disjoint', 'not-related-to']);
/** Best first, when a code has several targets. R4 and R5 names. */
const ranks = ['equal', 'equivalent', 'wider', 'subsumes', 'source-is-narrower-than-target', 'narrower', 'specializes'];

/** Whether a row says what the source code becomes. */
export function isTranslation(row: ConceptRow): boolean {
  return !noTranslation.has(row.relation);
}

/** The rows with the best relation among some: one, unless the map is ambiguous. */
export function bestRows(rows: readonly ConceptRow[]): readonly ConceptRow[] {
  const rank = (row: ConceptRow): number => (ranks.includes(row.relation) ? ranks.indexOf(row.relation) : ranks.length);
  const translations = rows.filter(isTranslation);
  const best = Math.min(...translations.map(rank));
  return translations.filter((row) => rank(row) === best);
}

/** A table from `conceptmap "#id" { … }`. */
export function embeddedTable(map: ConceptMapSyntax, file: string): ConceptTable {
  const groups = new Map<string, { source: string; target: string; rows: Map<string, ConceptRow[]> }>();
  const groupOf = (source: string, target: string) => {
    const key = `${source}\n${target}`;
    const found = groups.get(key) ?? { source, target, rows: new Map<string, ConceptRow[]>() };
    groups.set(key, found);
    return found;
  };
  for (const row of map.rows)
    addRow(groupOf(row.source, row.target).rows, row.code, {
      code: row.targetCode,
      relation: row.relation,
      span: row.span,
    });
  for (const fallback of map.unmapped) {
    const existing = [...groups.values()].some((group) => group.source === fallback.source);
    if (!existing || fallback.target !== undefined) groupOf(fallback.source, fallback.target ?? fallback.source);
  }
  return {
    url: `#${map.id}`,
    file,
    groups: [...groups.values()].map((group) => ({ ...group, ...fallbackOf(map, group) })),
  };
}

function fallbackOf(map: ConceptMapSyntax, group: { source: string; target: string }): Pick<ConceptGroup, 'unmapped'> {
  const found = map.unmapped.find(
    (entry) => entry.source === group.source && (entry.target ?? group.target) === group.target,
  );
  if (found === undefined) return {};
  return { unmapped: found.mode === 'provided' ? { mode: 'provided' } : { mode: 'fixed', code: found.code ?? '' } };
}

function addRow(rows: Map<string, ConceptRow[]>, code: string, row: ConceptRow): void {
  const found = rows.get(code);
  if (found === undefined) rows.set(code, [row]);
  else found.push(row);
}

interface ConceptMapJson {
  readonly url?: string;
  readonly targetUri?: string;
  readonly targetCanonical?: string;
  readonly targetScopeUri?: string;
  readonly targetScopeCanonical?: string;
  readonly group?: readonly {
    readonly source?: string;
    readonly target?: string;
    readonly element?: readonly {
      readonly code?: string;
      readonly noMap?: boolean;
      readonly target?: readonly {
        readonly code?: string;
        readonly display?: string;
        readonly equivalence?: string;
        readonly relationship?: string;
        readonly dependsOn?: unknown;
        readonly product?: unknown;
      }[];
    }[];
    readonly unmapped?: {
      readonly mode?: string;
      readonly code?: string;
      readonly display?: string;
      readonly url?: string;
      readonly otherMap?: string;
    };
  }[];
}

/**
 * A table from a ConceptMap resource (R4, and R5's names for the same things).
 * @see https://hl7.org/fhir/R4/conceptmap.html
 */
export function resourceTable(
  resource: unknown,
  file: string,
  problems: Problems,
  span: Span,
): ConceptTable | undefined {
  const map = resource as ConceptMapJson;
  if (typeof map.url !== 'string' || map.url === '') {
    problems.error('mapping-no-url', span, 'The ConceptMap has no url, so no map can name it: add one.');
    return undefined;
  }
  const groups: ConceptGroup[] = [];
  for (const group of map.group ?? []) {
    const rows = new Map<string, ConceptRow[]>();
    for (const element of group.element ?? []) {
      const code = element.code ?? '';
      if (element.noMap === true || (element.target ?? []).length === 0)
        addRow(rows, code, { code: '', relation: 'unmatched', span });
      for (const target of element.target ?? []) {
        if (target.dependsOn !== undefined || target.product !== undefined)
          problems.error(
            'mapping-not-supported',
            span,
            `ConceptMap "${map.url}": "dependsOn" and "product" of "${code}" are not supported.`,
            'not-supported',
          );
        const relation = target.equivalence ?? target.relationship ?? 'equivalent';
        addRow(rows, code, {
          code: target.code ?? '',
          relation,
          span,
          ...(target.display === undefined ? {} : { display: target.display }),
        });
      }
    }
    groups.push({
      source: group.source ?? '',
      target: group.target ?? '',
      rows,
      ...unmappedOf(group.unmapped, map.url, problems, span),
    });
  }
  const targetValueSet = map.targetCanonical ?? map.targetUri ?? map.targetScopeCanonical ?? map.targetScopeUri;
  return { url: map.url, file, groups, ...(targetValueSet === undefined ? {} : { targetValueSet }) };
}

type UnmappedJson = NonNullable<ConceptMapJson['group']>[number]['unmapped'];

function unmappedOf(
  unmapped: UnmappedJson,
  url: string,
  problems: Problems,
  span: Span,
): Pick<ConceptGroup, 'unmapped'> {
  if (unmapped === undefined) return {};
  const { mode = '' } = unmapped;
  if (mode === 'provided' || mode === 'use-source-code') return { unmapped: { mode: 'provided' } };
  if (mode === 'fixed') {
    const display = unmapped.display === undefined ? {} : { display: unmapped.display };
    return { unmapped: { mode: 'fixed', code: unmapped.code ?? '', ...display } };
  }
  if (mode === 'other-map') return { unmapped: { mode: 'other-map', url: unmapped.url ?? unmapped.otherMap ?? '' } };
  problems.error(
    'mapping-not-supported',
    span,
    `ConceptMap "${url}": the fallback "${mode}" is not known; use provided, fixed or other-map.`,
    'not-supported',
  );
  return {};
}

/** Connects fallbacks to the maps that they name; one that is not loaded, or leads in a circle, is reported. */
export function linkTables(tables: readonly ConceptTable[], problemsOf: (file: string) => Problems, span: Span): void {
  for (const table of tables) {
    for (const { unmapped } of table.groups) {
      if (unmapped?.mode !== 'other-map') continue;
      const other = tables.find((candidate) => candidate.url === unmapped.url.replace(/\|.*$/, ''));
      if (other !== undefined && !leadsTo(other, table)) unmapped.table = other;
      else
        problemsOf(table.file).error(
          'mapping-unknown-concept-map',
          span,
          `ConceptMap "${table.url}" falls back to "${unmapped.url}", which is ${other === undefined ? 'not loaded' : 'a circle'}.`,
          'not-found',
        );
    }
  }
}

function leadsTo(from: ConceptTable, wanted: ConceptTable): boolean {
  if (from === wanted) return true;
  return from.groups.some(
    ({ unmapped }) => unmapped?.mode === 'other-map' && unmapped.table !== undefined && leadsTo(unmapped.table, wanted),
  );
}
