import type { CodeSystem, ValueSet, ValueSetCompose, ValueSetComposeInclude } from '@medplum/fhirtypes';
import type { CodeSet } from '../../core/validate/validator.ts';
import { applyFilter, codesOfSystem, conceptsOfSystem } from './code-system.ts';

export { codesOfSystem, displaysOfSystem } from './code-system.ts';

/** An expanded ValueSet as it is written into `generated/`: codes by system, `*` for every code of a system. */
export interface Expansion {
  readonly url: string;
  readonly systems: Readonly<Record<string, readonly string[] | '*'>>;
  /** Systems of which other codes may belong to it too: a filter or an exclusion could not be worked out here. */
  readonly open?: readonly string[];
  /** An import is not known here: any code may belong to it. */
  readonly incomplete?: true;
}

/** Where an expansion finds what a ValueSet refers to, by canonical URL, perhaps with `|version`; undefined when unknown. */
export interface Terminology {
  readonly valueSet: (url: string) => ValueSet | undefined;
  readonly codeSystem: (url: string) => CodeSystem | undefined;
  /** ValueSets that are known only as they were expanded elsewhere. */
  readonly expanded?: (url: string) => Expansion | undefined;
}

type Selection = Map<string, Set<string> | '*'>;
interface Work {
  readonly terminology: Terminology;
  /** The ValueSets that are being expanded, outermost first. */
  readonly under: ReadonlySet<string>;
  readonly open: Set<string>;
  incomplete: boolean;
}

/** Imports deeper than this are a cycle or a mistake. */
const importLimit = 16;

/**
 * Expand a ValueSet from its `compose` (else from its own complete `expansion`): include and exclude, concept lists,
 * whole systems, imports, and filters where the hierarchy of the CodeSystem is known. What cannot be worked out is
 * left out and told by `open` and `incomplete`; it is never guessed.
 *
 * @see https://hl7.org/fhir/R4/valueset.html#compositions
 */
export function expandValueSet(valueSet: ValueSet, terminology: Terminology): Expansion {
  const work: Work = { terminology, under: new Set(), open: new Set(), incomplete: false };
  const selection = select(valueSet, work);
  const systems: Record<string, readonly string[] | '*'> = {};
  for (const system of [...selection.keys()].sort()) {
    const codes = selection.get(system);
    if (codes) systems[system] = codes === '*' ? '*' : [...codes];
  }
  return {
    url: valueSet.url ?? '',
    systems,
    ...(work.open.size > 0 ? { open: [...work.open].sort() } : {}),
    ...(work.incomplete ? { incomplete: true as const } : {}),
  };
}

/** The set a validator asks: every code as `system|code` and as `|code`. */
export function toCodeSet(expansion: Expansion, codesOf: (system: string) => Iterable<string> | undefined): CodeSet {
  const codes = new Set<string>();
  const openSystems = new Set(expansion.open ?? []);
  for (const [system, listed] of Object.entries(expansion.systems)) {
    const known = listed === '*' ? codesOf(system) : listed;
    if (!known) openSystems.add(system);
    for (const code of known ?? []) codes.add(`${system}|${code}`).add(`|${code}`);
  }
  return { codes, openSystems, incomplete: expansion.incomplete === true };
}

function select(valueSet: ValueSet, work: Work): Selection {
  const chosen: Selection = new Map();
  if (valueSet.compose) return compose(valueSet, valueSet.compose, work);
  const listed = valueSet.expansion?.contains;
  if (!listed) work.incomplete = true;
  const pending = [...(listed ?? [])];
  for (let entry = pending.shift(); entry; entry = pending.shift()) {
    if (entry.code && !entry.abstract) add(chosen, entry.system ?? '', [entry.code]);
    pending.push(...(entry.contains ?? []));
  }
  return chosen;
}

function compose(valueSet: ValueSet, parts: ValueSetCompose, work: Work): Selection {
  const inner: Work = { ...work, under: new Set([...work.under, valueSet.url ?? '']) };
  const chosen: Selection = new Map();
  for (const include of parts.include ?? []) {
    for (const [system, codes] of part(include, inner)) add(chosen, system, codes);
  }
  for (const exclude of parts.exclude ?? []) {
    for (const [system, codes] of part(exclude, inner)) remove(chosen, [system, codes], inner);
  }
  work.incomplete ||= inner.incomplete;
  return chosen;
}

// One include means everything it says at once: its system's codes that are also in each imported ValueSet.
function part(include: ValueSetComposeInclude, work: Work): Selection {
  const selections: Selection[] = [];
  if (include.system) selections.push(new Map([[include.system, ofSystem(include, include.system, work)]]));
  for (const url of include.valueSet ?? []) selections.push(imported(url, work));
  return selections.reduce((left, right) => intersect(left, right), selections[0] ?? new Map());
}

function imported(url: string, work: Work): Selection {
  const isCircle = work.under.has(url.split('|')[0] ?? url) || work.under.size > importLimit;
  const found = isCircle ? undefined : work.terminology.valueSet(url);
  if (found) return select(found, work);
  const expanded = work.terminology.expanded?.(url);
  work.incomplete ||= expanded === undefined || expanded.incomplete === true;
  for (const system of expanded?.open ?? []) work.open.add(system);
  const systems = Object.entries(expanded?.systems ?? {});
  return new Map(systems.map(([system, codes]) => [system, codes === '*' ? codes : new Set(codes)]));
}

function ofSystem(include: ValueSetComposeInclude, system: string, work: Work): Set<string> | '*' {
  if (include.concept) return new Set(include.concept.map((concept) => concept.code ?? ''));
  if (!include.filter) return '*';
  const concepts = conceptsOfSystem(work.terminology.codeSystem(system));
  let chosen: Set<string> | undefined;
  for (const filter of include.filter) {
    const passed = concepts && applyFilter(concepts, filter.property ?? '', filter.op ?? '', filter.value ?? '');
    if (!passed) {
      work.open.add(system);
      // Of a hierarchy that is not known here the top itself is certain.
      return new Set(filter.op === 'is-a' && include.filter.length === 1 ? [filter.value ?? ''] : []);
    }
    chosen = chosen === undefined ? passed : common(chosen, passed);
  }
  return chosen ?? new Set();
}

function add(into: Selection, system: string, codes: Iterable<string> | '*'): void {
  const before = into.get(system);
  if (before === '*' || codes === '*') into.set(system, '*');
  else into.set(system, new Set([...(before ?? []), ...codes]));
}

function remove(from: Selection, [system, codes]: [string, Set<string> | '*'], work: Work): void {
  const before = from.get(system);
  if (before === undefined) return;
  if (codes === '*') {
    from.delete(system);
    return;
  }
  const all = before === '*' ? codesOfSystem(work.terminology.codeSystem(system)) : before;
  if (!all) work.open.add(system);
  from.set(system, new Set([...(all ?? [])].filter((code) => !codes.has(code))));
}

function intersect(left: Selection, right: Selection): Selection {
  if (left === right) return left;
  const both: Selection = new Map();
  for (const [system, codes] of left) {
    const others = right.get(system);
    if (others === undefined) continue;
    if (codes === '*') both.set(system, others);
    else both.set(system, others === '*' ? codes : common(codes, others));
  }
  return both;
}

function common(left: ReadonlySet<string>, right: ReadonlySet<string>): Set<string> {
  return new Set([...left].filter((code) => right.has(code)));
}
