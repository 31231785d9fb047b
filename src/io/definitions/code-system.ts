import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes';
import { compileRegex, RegexError } from '../../core/fhirpath/regex/regex.ts';

/** All codes of a CodeSystem, parents before children; undefined when the resource does not carry all of them. */
export function codesOfSystem(system: CodeSystem | undefined): string[] | undefined {
  if (system?.content !== 'complete') return undefined;
  return flatten(system.concept).map((concept) => concept.code ?? '');
}

/** How each code of a CodeSystem may be displayed: its display, then its designations; undefined without the system. */
export function displaysOfSystem(system: CodeSystem | undefined): ReadonlyMap<string, readonly string[]> | undefined {
  if (!system) return undefined;
  const told = flatten(system.concept).map((concept): [string, string[]] => {
    const names = [concept.display, ...(concept.designation ?? []).map(({ value }) => value)];
    return [concept.code ?? '', names.filter((name) => name !== undefined)];
  });
  return new Map(told);
}

/** All concepts of a CodeSystem with what they are a kind of; undefined when the resource does not carry all of them. */
export function conceptsOfSystem(system: CodeSystem | undefined): readonly Concept[] | undefined {
  return system?.content === 'complete' ? flatten(system.concept) : undefined;
}

/**
 * The codes that pass a filter.
 *
 * @returns undefined for a filter that is not worked out here.
 * @see https://hl7.org/fhir/R4/valueset-filter-operator.html
 */
export function applyFilter(
  concepts: readonly Concept[],
  property: string,
  op: string,
  value: string,
): Set<string> | undefined {
  const codes = (test: (concept: Concept) => boolean): Set<string> =>
    new Set(concepts.filter(test).map((concept) => concept.code ?? ''));
  switch (op) {
    case 'is-a':
      return codes((concept) => concept.code === value || concept.ancestors.has(value));
    case 'descendent-of':
      return codes((concept) => concept.ancestors.has(value));
    case 'is-not-a':
      return codes((concept) => concept.code !== value && !concept.ancestors.has(value));
    case 'generalizes':
      return generalOf(concepts, value);
    case '=':
      return codes((concept) => valuesOf(concept, property).includes(value));
    case 'in':
      return codes((concept) => valuesOf(concept, property).some((held) => listed(value).has(held)));
    case 'not-in':
      return codes((concept) => !valuesOf(concept, property).some((held) => listed(value).has(held)));
    case 'exists':
      return codes((concept) => valuesOf(concept, property).length > 0 === (value !== 'false'));
    case 'regex': {
      const test = patternTest(value);
      return test && codes((concept) => valuesOf(concept, property).some(test));
    }
    default:
      return undefined;
  }
}

/** What a code is a kind of, and the code itself. */
function generalOf(concepts: readonly Concept[], code: string): Set<string> {
  return new Set([code, ...(concepts.find((concept) => concept.code === code)?.ancestors ?? [])]);
}

function listed(value: string): Set<string> {
  return new Set(value.split(',').map((code) => code.trim()));
}

/** A pattern comes from outside, so it runs in our own automaton, which no pattern can make slow. */
function patternTest(pattern: string): ((text: string) => boolean) | undefined {
  try {
    const regex = compileRegex(pattern);
    return (text) => regex.matches(text, () => undefined);
  } catch (error) {
    if (error instanceof RegexError) return undefined;
    throw error;
  }
}

/** Of the properties that every code has: the code itself and its display. https://hl7.org/fhir/R4/codesystem.html#defined-props */
function valuesOf(concept: Concept, property: string): readonly string[] {
  if (property === 'code' || property === 'concept') return [concept.code ?? ''];
  if (property === 'display') return concept.display === undefined ? [] : [concept.display];
  return propertyOf(concept, property);
}

function propertyOf(concept: CodeSystemConcept, code: string): string[] {
  const held = concept.property?.filter((property) => property.code === code) ?? [];
  return held.map((property) => String(property.valueCode ?? property.valueString ?? property.valueBoolean ?? ''));
}

/** A concept with everything that it is a kind of. */
export interface Concept extends CodeSystemConcept {
  readonly ancestors: ReadonlySet<string>;
}

// Nested concepts, and the `subsumedBy` and `parent` properties by which HL7's v3 systems tell a second parent.
function flatten(concepts: readonly CodeSystemConcept[] | undefined): Concept[] {
  const found: Concept[] = [];
  const pending = (concepts ?? []).map((concept) => ({ concept, above: [] as string[] })).reverse();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { concept, above } = next;
    const parents = [...propertyOf(concept, 'subsumedBy'), ...propertyOf(concept, 'parent')];
    found.push({ ...concept, ancestors: new Set([...above, ...parents]) });
    const below = [...above, ...parents, concept.code ?? ''];
    pending.push(...(concept.concept ?? []).map((child) => ({ concept: child, above: below })).reverse());
  }
  return withInherited(found);
}

function withInherited(concepts: readonly Concept[]): Concept[] {
  const byCode = new Map(concepts.map((concept) => [concept.code ?? '', concept]));
  return concepts.map((concept) => {
    const ancestors = new Set(concept.ancestors);
    // A Set visits what is added while it is walked, so this reaches every ancestor once.
    for (const ancestor of ancestors) for (const higher of byCode.get(ancestor)?.ancestors ?? []) ancestors.add(higher);
    return { ...concept, ancestors };
  });
}
