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
  if (contexts.length === 0 || place === undefined) return undefined;
  if (contexts.some((context) => fits(run, context, place, scope))) return undefined;
  const allowed = contexts.map((context) => text(own(context, 'expression')) ?? '').slice(0, 8);
  return `${text(own(structure, 'url')) ?? 'This extension'} is not meant for ${identities(place, scope)[0] ?? 'this place'}; it may stand on ${allowed.join(', ')}.`;
}

function fits(run: Run, context: unknown, place: Path, scope: Scope): boolean {
  const expression = text(own(context, 'expression')) ?? '';
  const type = own(context, 'type');
  if (type === 'extension') return enclosingExtension(place, scope) === expression;
  if (type === 'fhirpath') return run.selects(expression, valueAt(place, scope), scope);
  const wanted = expression.includes('#') ? expression.slice(expression.indexOf('#') + 1) : expression;
  const [bare = ''] = wanted.split(':');
  const names = identities(place, scope);
  if (names.includes(bare.replaceAll('[x]', ''))) return true;
  const { fhirType } = place;
  return (
    fhirType !== undefined && (bare === 'Element' ? !isResource(run, fhirType) : run.registry.isKind(fhirType, bare))
  );
}

/** Whether a place known only by name is surely allowed; the fast tier asks once a definition and place. */
export function contextAllows(
  run: Run,
  structure: unknown,
  place: { readonly names: readonly string[]; readonly holder: string },
): boolean {
  const contexts = list(own(structure, 'context'));
  return (
    contexts.length === 0 ||
    contexts.some((context) => {
      const bare = (text(own(context, 'expression')) ?? '').replaceAll('[x]', '');
      if (own(context, 'type') !== 'element') return false;
      if (place.names.includes(bare)) return true;
      return (
        place.holder !== '' &&
        (bare === 'Element' ? !isResource(run, place.holder) : run.registry.isKind(place.holder, bare))
      );
    })
  );
}

/** Url of the nearest extension around the place: the place itself, or what its value is part of. */
function enclosingExtension(place: Path, scope: Scope): unknown {
  for (let step: Path | undefined = place; step !== undefined && step !== scope.path; step = step.parent) {
    if (step.fhirType === 'Extension') return own(valueAt(step, scope), 'url');
  }
  return undefined;
}

function isResource(run: Run, type: string): boolean {
  return run.registry.isKind(type, 'Resource');
}

/** All names of a place: its path in the resource, in each datatype that it is part of, and its own type. */
function identities(place: Path, scope: Scope): readonly string[] {
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
    const isRepeat = suffix === `.${step.name}` || suffix.startsWith(`.${step.name}.`);
    if (!isRepeat) suffix = `.${step.name}${suffix}`;
  }
  return [...new Set(names)].sort((a, b) => b.length - a.length);
}
