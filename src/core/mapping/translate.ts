import { bestRows, type ConceptGroup, type ConceptRow, type ConceptTable } from './concept-table.ts';
import { Fault, kindOf } from './fault.ts';
import type { TranslateOutput } from './plan.ts';

/** A source code as `translate` sees it. */
interface SourceCode {
  readonly system: string | undefined;
  readonly code: string;
  readonly display: string | undefined;
}

export interface Translation {
  readonly value: unknown;
  /** `map url#system|code -> system|code`. */
  readonly row: string;
  /** A sentence when the map's declared fallback was used. */
  readonly fallback?: string;
}

interface Hit {
  readonly source: SourceCode;
  readonly group: ConceptGroup;
  readonly system: string;
  readonly code: string;
  readonly display: string | undefined;
  readonly fallback?: string;
  /** Its row's name, once somebody asked. */
  row?: string;
}

/**
 * Translate a code, Coding or CodeableConcept by a concept map. A code that carries a system is only looked for in
 * the groups of that system. A code without a translation is a fault unless the map declares what then
 * (ConceptMap.group.unmapped).
 *
 * @see https://hl7.org/fhir/R4/conceptmap.html
 * @throws Fault `mapping-unmapped-code` or `mapping-ambiguous-code`
 */
export function translate(value: unknown, table: ConceptTable, output: TranslateOutput): Translation | undefined {
  const hits = hitsOf(value, table);
  const [hit] = hits;
  if (hit === undefined) return undefined;
  return {
    value: outputOf(hits, hit, output),
    row: rowOf(hit, table),
    ...(hit.fallback === undefined ? {} : { fallback: hit.fallback }),
  };
}

function rowOf({ group, source, system, code }: Hit, table: ConceptTable): string {
  return rowName(table, group.source === '' ? source.system : group.source, source.code, system, code);
}

/** The quick form: only the value, and the fallback's sentence through `report`. */
export function translateValue(
  value: unknown,
  translator: Translator,
  output: TranslateOutput,
  report: (fallback: string) => void,
): unknown {
  const { table } = translator;
  const hits = hitsOf(value, table);
  const [hit] = hits;
  if (hit === undefined) return undefined;
  if (hit.fallback !== undefined) report(hit.fallback);
  return outputOf(hits, hit, output);
}

/** The same as `translate`; what a code became once is remembered with the name of its row. */
export function translateRow(
  value: unknown,
  { table, memory }: Translator,
  output: TranslateOutput,
): Translation | undefined {
  const known = output === 'CodeableConcept' ? undefined : rememberedHit(value, table, memory);
  if (known === undefined) return translate(value, table, output);
  known.row ??= rowOf(known, table);
  return { value: outputOf([known], known, output), row: known.row };
}

/** By system, then by code: its only hit, or null where it has none; `several` is for the slow way. */
type Memory = Map<string | undefined, Map<string, Hit | null | 'several'>>;

/** A table with what it made of the codes that came so far. */
export interface Translator {
  readonly table: ConceptTable;
  readonly memory: Memory;
}

const translators = new WeakMap<ConceptTable, Translator>();

/** One for each table, whoever asks. */
export function translatorOf(table: ConceptTable): Translator {
  const found = translators.get(table) ?? { table, memory: new Map() };
  translators.set(table, found);
  return found;
}

/** What is remembered of a value; undefined where nothing is, or the output takes more than one code. */
export function remembered(value: unknown, { table, memory }: Translator, output: TranslateOutput): unknown {
  const known = output === 'CodeableConcept' ? undefined : rememberedHit(value, table, memory);
  if (known === undefined) return undefined;
  return output === 'code' ? known.code : outputOf([known], known, output);
}

/** Codes of one system, and systems: an end to what strangers can make us remember. */
const memoryLimit = 1000;

const systemLimit = 20;

/** The first hit among the codes of a value, if memory and the map's rows settle it. */
function rememberedHit(value: unknown, table: ConceptTable, memory: Memory): Hit | undefined {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? only(hitOfCode(value, undefined, table, memory)) : undefined;
  const { coding, code, system } = value as Record<string, unknown>;
  if (!Array.isArray(coding))
    return typeof code === 'string' ? only(hitOfCode(code, system, table, memory)) : undefined;
  let hit: Hit | null | 'several' = null;
  // All are looked at: one that is ambiguous, or no coding at all, is a fault even behind one that has a row.
  for (const one of coding) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return undefined;
    const { code: inner, system: of, coding: nested } = one as Record<string, unknown>;
    if (nested !== undefined || (inner !== undefined && typeof inner !== 'string')) return undefined;
    if (inner === undefined) continue;
    const found = hitOfCode(inner, of, table, memory);
    hit ??= found;
  }
  return only(hit);
}

function only(found: Hit | null | 'several'): Hit | undefined {
  return found === null || found === 'several' ? undefined : found;
}

function hitOfCode(code: string, system: unknown, table: ConceptTable, memory: Memory): Hit | null | 'several' {
  const of = typeof system === 'string' ? system : undefined;
  const known = memory.get(of)?.get(code);
  if (known !== undefined) return known;
  // The display that a source code has is nothing that a row depends on.
  const hits = mappedBy({ code, system: of, display: undefined }, table);
  const found = hits.length > 1 ? 'several' : (hits[0] ?? null);
  const codes = memory.get(of) ?? new Map<string, Hit | null | 'several'>();
  if (memory.size < systemLimit) memory.set(of, codes);
  if (codes.size < memoryLimit) codes.set(code, found);
  return found;
}

/** What the codes of a value become; empty where it has none. @throws Fault */
function hitsOf(value: unknown, table: ConceptTable): readonly Hit[] {
  const sources = codesOf(value);
  if (sources.length === 0) return [];
  const mapped = sources.flatMap((source) => mappedBy(source, table));
  if (mapped.length > 0) return mapped;
  const fallback = sources.flatMap((source) => fallbackFor(source, table)).slice(0, 1);
  if (fallback.length > 0) return fallback;
  const systems = [...new Set(sources.map((source) => source.system ?? 'no system'))].join(', ');
  throw new Fault(
    'mapping-unmapped-code',
    `A code of ${systems} has no row in concept map "${table.url}", which declares no fallback: add the row.`,
  );
}

/** How a trace calls a row: `map url#system|code -> system|code`. */
export function rowName(
  table: ConceptTable,
  from: string | undefined,
  code: string,
  to: string,
  target: string,
): string {
  return `${table.url}#${shown(from, code)} -> ${shown(to, target)}`;
}

function shown(system: string | undefined, code: string): string {
  return `${system ?? ''}|${code}`;
}

function codesOf(value: unknown): readonly SourceCode[] {
  if (typeof value === 'string') return [{ system: undefined, code: value, display: undefined }];
  if (typeof value !== 'object' || value === null)
    throw new Fault(
      'mapping-transform-failed',
      `translate() needs a code, a Coding or a CodeableConcept, not ${kindOf(value)}.`,
    );
  const { coding, code, system, display } = value as Record<string, unknown>;
  if (Array.isArray(coding)) return coding.flatMap(codesOf);
  if (typeof code !== 'string') return [];
  return [
    {
      code,
      system: typeof system === 'string' ? system : undefined,
      display: typeof display === 'string' ? display : undefined,
    },
  ];
}

function isOf(source: SourceCode, group: ConceptGroup): boolean {
  return source.system === undefined || group.source === '' || group.source === source.system;
}

function mappedBy(source: SourceCode, table: ConceptTable): readonly Hit[] {
  const found: Hit[] = [];
  for (const group of table.groups) {
    if (!isOf(source, group)) continue;
    const rows = bestRows(group.rows.get(source.code) ?? []);
    if (rows.length > 1 && rows.some((row) => row.code !== rows[0]?.code))
      throw new Fault(
        'mapping-ambiguous-code',
        `Concept map "${table.url}" gives a code of ${source.system ?? 'no system'} several targets of equal rank: keep one.`,
      );
    const [row] = rows;
    if (row !== undefined) found.push(hitOf(source, group, row));
  }
  // A bare code that two code systems know is anybody's guess.
  const sourcesOf = new Set(found.map((hit) => hit.group.source));
  if (source.system === undefined && sourcesOf.size > 1 && found.some((hit) => hit.code !== found[0]?.code))
    throw new Fault(
      'mapping-ambiguous-code',
      `A code without a system stands in several groups of concept map "${table.url}": give it its system.`,
    );
  return found;
}

function hitOf(source: SourceCode, group: ConceptGroup, row: ConceptRow): Hit {
  return { source, group, system: group.target, code: row.code, display: row.display };
}

function fallbackFor(source: SourceCode, table: ConceptTable): readonly Hit[] {
  for (const group of table.groups) {
    const { unmapped } = group;
    if (unmapped === undefined || !isOf(source, group)) continue;
    const fallback = `A code of ${source.system ?? 'no system'} has no row in concept map "${table.url}": its fallback "${unmapped.mode}" was used.`;
    if (unmapped.mode === 'fixed')
      return [{ source, group, system: group.target, code: unmapped.code, display: unmapped.display, fallback }];
    if (unmapped.mode === 'other-map' && unmapped.table !== undefined) {
      const found = mappedBy(source, unmapped.table);
      return found.length > 0 ? [{ ...(found[0] as Hit), fallback }] : fallbackFor(source, unmapped.table);
    }
    if (unmapped.mode === 'provided')
      return [
        { source, group, system: source.system ?? group.source, code: source.code, display: source.display, fallback },
      ];
  }
  return [];
}

function outputOf(hits: readonly Hit[], hit: Hit, output: TranslateOutput): unknown {
  switch (output) {
    case 'code':
      return hit.code;
    case 'system':
      return hit.system;
    case 'display':
      return hit.display;
    case 'Coding':
      return codingOf(hit);
    case 'CodeableConcept': {
      const seen = new Set<string>();
      const coding = hits
        .filter((one) => !seen.has(shown(one.system, one.code)) && seen.add(shown(one.system, one.code)))
        .map(codingOf);
      return { coding };
    }
  }
}

function codingOf(hit: Hit): Record<string, unknown> {
  const coding: Record<string, unknown> = {};
  if (hit.system !== '') coding.system = hit.system;
  coding.code = hit.code;
  if (hit.display !== undefined) coding.display = hit.display;
  return coding;
}
