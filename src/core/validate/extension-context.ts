import { environmentOf } from './invariant.ts';
import { list, own, text } from './json.ts';
import type { Path } from './path.ts';
import type { Run, Scope } from './run.ts';
import { valueAt } from './value-at.ts';

/**
 * Whether an extension may stand where it stands.
 *
 * @param path Of the extension itself.
 * @returns What is wrong, as a sentence; undefined when nothing is.
 * @see https://hl7.org/fhir/R4/defining-extensions.html#context
 */
export function contextFault(run: Run, structure: unknown, path: Path, scope: Scope): string | undefined {
  const contexts = list(own(structure, 'context'));
  const place = path.parent;
  if (place === undefined) return undefined;
  const url = text(own(structure, 'url')) ?? 'This extension';
  try {
    if (contexts.length > 0 && !contexts.some((context) => fits(run, context, place, scope))) {
      const allowed = contexts.map((context) => text(own(context, 'expression')) ?? '').slice(0, 8);
      return `${url} is not meant for ${placesOf(place, scope)[0]?.name ?? 'this place'}; it may stand on ${allowed.join(', ')}. Move it there or remove it.`;
    }
    const broken = brokenInvariant(run, structure, path, place, scope);
    return broken === undefined
      ? undefined
      : `${url} may only stand where this holds: ${broken}. Correct what it stands on, or remove it.`;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'FhirPathError') throw error;
    return `Whether ${url} may stand here could not be found out (${error.message}).`;
  }
}

function fits(run: Run, context: unknown, place: Path, scope: Scope): boolean {
  const expression = text(own(context, 'expression')) ?? '';
  const type = own(context, 'type');
  if (type === 'extension') return enclosingExtension(place, scope) === expression;
  if (type === 'fhirpath') return valuesAt(place, scope).some((value) => run.selects(expression, value, scope));
  const wanted = wantedPlace(expression);
  const { fhirType } = place;
  if (fhirType !== undefined && isOfType(run, fhirType, wanted.name)) return true;
  return placesOf(place, scope).some(
    (known) =>
      known.name === wanted.name ||
      (known.rest === wanted.rest && known.rest !== '' && run.registry.isKind(known.type, wanted.type)),
  );
}

interface NamedPlace {
  readonly name: string;
  readonly type: string;
  /** What follows the type: `.name.given`; empty for the type itself. */
  readonly rest: string;
}

/** `Observation.value[x]`, `Observation.value.ofType(Quantity)` and `http://…/Patient#Patient.name`, each as we name places. */
function wantedPlace(expression: string): NamedPlace {
  let place = wantedPlaces.get(expression);
  if (place === undefined) {
    place = readPlace(expression);
    wantedPlaces.set(expression, place);
  }
  return place;
}

/** Contexts come from definitions, so they are few; to read them anew took a twelfth of a run. */
const wantedPlaces = new Map<string, NamedPlace>();

function readPlace(expression: string): NamedPlace {
  const plain = expression.slice(expression.indexOf('#') + 1).split(':')[0] ?? '';
  const name = plain
    .replaceAll('[x]', '')
    .replaceAll(/\.(?:ofType|as)\(([a-z])?([A-Za-z]{0,64})\)/g, (_, first: string | undefined, rest: string) => {
      return `${first?.toUpperCase() ?? ''}${rest}`;
    });
  return placeNamed(name);
}

function placeNamed(name: string): NamedPlace {
  const dot = name.indexOf('.');
  return { name, type: dot < 0 ? name : name.slice(0, dot), rest: dot < 0 ? '' : name.slice(dot) };
}

/** `contextInvariant`: conditions on the element that the extension stands on; answers the first that is not met. */
function brokenInvariant(run: Run, structure: unknown, path: Path, place: Path, scope: Scope): string | undefined {
  const invariants = list(own(structure, 'contextInvariant'));
  if (invariants.length === 0) return undefined;
  const [value, beside] = valuesAt(place, scope);
  const variables = { extension: [valueAt(path, scope)] };
  const environment = { ...environmentOf(run, path, scope), variables };
  return invariants
    .map(String)
    .find((invariant) => !run.expressions.of(invariant).holds(value ?? beside, environment, place.fhirType));
}

/** The value at a place; of a primitive also what stands beside it. */
function valuesAt(place: Path, scope: Scope): readonly unknown[] {
  const value = valueAt(place, scope);
  return place.key.startsWith('_') ? [valueAt({ ...place, key: place.key.slice(1) }, scope), value] : [value];
}

/** Whether a place known only by name is surely allowed; the fast tier asks once a definition and place. */
export function contextAllows(
  run: Run,
  structure: unknown,
  place: { readonly names: readonly string[]; readonly holder: string },
): boolean {
  const contexts = list(own(structure, 'context'));
  if (list(own(structure, 'contextInvariant')).length > 0) return false;
  return (
    contexts.length === 0 ||
    contexts.some((context) => {
      const bare = (text(own(context, 'expression')) ?? '').replaceAll('[x]', '');
      if (own(context, 'type') !== 'element') return false;
      if (place.names.includes(bare)) return true;
      return place.holder !== '' && isOfType(run, place.holder, bare);
    })
  );
}

function isOfType(run: Run, type: string, wanted: string): boolean {
  return wanted === 'Element' ? !run.registry.isKind(type, 'Resource') : run.registry.isKind(type, wanted);
}

/** Url of the nearest extension around the place: the place itself, or what its value is part of. */
function enclosingExtension(place: Path, scope: Scope): unknown {
  for (let step: Path | undefined = place; step !== undefined && step !== scope.path; step = step.parent) {
    if (step.fhirType === 'Extension') return own(valueAt(step, scope), 'url');
  }
  return undefined;
}

/** All names of a place: its path in the resource, in each datatype that it is part of, and its own type; longest first. */
function placesOf(place: Path, scope: Scope): readonly NamedPlace[] {
  const names = new Set([...namesOf(place, scope, (step) => step.name), ...namesOf(place, scope, keyOf)]);
  return [...names].sort((a, b) => b.length - a.length).map(placeNamed);
}

/** `valueQuantity`, for contexts that name a choice by one type of it. */
function keyOf(step: Path): string {
  return step.key.startsWith('_') ? step.key.slice(1) : step.key;
}

function namesOf(place: Path, scope: Scope, nameOf: (step: Path) => string): readonly string[] {
  const names: string[] = [];
  let suffix = '';
  for (let step: Path | undefined = place; step !== undefined; step = step.parent) {
    // What stands in an entry or in `contained` is declared as Resource; what it is, it says itself.
    if (step === scope.path) {
      names.push(`${text(scope.resource.resourceType) ?? ''}${suffix}`);
      break;
    }
    const { fhirType } = step;
    const isPart =
      fhirType === undefined || fhirType === 'BackboneElement' || fhirType === 'Element' || fhirType === 'Resource';
    if (!isPart) names.push(`${fhirType}${suffix}`);
    if (step.parent === undefined) break;
    const name = nameOf(step);
    const isRepeat = suffix === `.${name}` || suffix.startsWith(`.${name}.`);
    if (!isRepeat) suffix = `.${name}${suffix}`;
  }
  return names;
}
