import { checkBundle } from './bundle.ts';
import { checkContained } from './contained.ts';
import type { ElementNode } from './element.ts';
import { checkElementIds } from './element-ids.ts';
import { type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { whyNot } from './reference.ts';
import { reportRule } from './report-rule.ts';
import { entriesOf } from './resolve.ts';
import type { Run, Scope } from './run.ts';
import { shownToken } from './shown.ts';

/** Walks an object by a node; given as an argument, because walking leads back here. */
export type Walk = (run: Run, value: JsonObject, node: ElementNode, path: Path, scope: Scope) => void;

export interface Place {
  readonly path: Path;
  /** Profiles demanded by the place; one of them must be satisfied. */
  readonly profiles: readonly string[];
  /** Profiles demanded by who asks; all of them must be satisfied. */
  readonly asked?: readonly string[];
  readonly expectedType: string;
  readonly outer?: Scope;
  readonly isContained: boolean;
}

/** Hold a resource to its base definition or profiles, `meta.profile` included, and to the rules of resources. */
export function checkResource(run: Run, value: JsonObject, place: Place, walk: Walk): void {
  const { path } = place;
  const type = text(own(value, 'resourceType'));
  const base = type === undefined || !run.registry.isKind(type, 'Resource') ? undefined : run.registry.type(type);
  if (type === undefined || base === undefined) {
    reportRule(run, 'Resource', path, {
      code: 'resource-type',
      type: 'structure',
      message:
        type === undefined
          ? 'A resource must say what it is; add its resourceType, for example "resourceType": "Patient".'
          : `There is no resource type ${shownToken(type)} in FHIR R4; correct it.`,
    });
    return;
  }
  if (!run.registry.isKind(type, place.expectedType)) {
    reportRule(run, 'Resource', path, {
      code: 'resource-type',
      type: 'structure',
      message: `A ${place.expectedType} is expected here, not a ${type}; put another in its place.`,
    });
    return;
  }
  const scope = scopeOf(run, value, place);
  const roots = profilesOf(run, value, type, place, scope);
  for (const root of roots.length > 0 ? roots : [base]) walk(run, value, root, path, scope);
  checkContained(run, value, path, scope);
  checkElementIds(run, value, path);
  if (type === 'Bundle') checkBundle(run, value, path);
}

export function scopeOf(run: Run, value: JsonObject, place: Pick<Place, 'outer' | 'path' | 'isContained'>): Scope {
  const { outer, path, isContained } = place;
  if (outer === undefined) return { resource: value, container: value, path, isContained: false };
  if (isContained) return { resource: value, container: outer.container, path, bundle: outer.bundle, isContained };
  const entry = entryOf(run, outer.resource, value);
  const bundle = entry === undefined ? outer.bundle : { bundle: outer.resource, entry, outer: outer.bundle };
  return { resource: value, container: value, path, bundle, isContained: false };
}

/** The entry (or parameter) of a Bundle or Parameters that holds the resource; looked up once a Bundle. */
function entryOf(run: Run, bundle: JsonObject, resource: JsonObject): JsonObject | undefined {
  const type = own(bundle, 'resourceType');
  if (type !== 'Bundle' && type !== 'Parameters') return undefined;
  let known = run.entries.get(bundle);
  if (known === undefined) {
    known = new Map();
    for (const entry of entriesOf(bundle)) known.set(own(entry, 'resource'), entry);
    run.entries.set(bundle, known);
  }
  return known.get(resource);
}

function profilesOf(run: Run, value: JsonObject, type: string, place: Place, scope: Scope): readonly ElementNode[] {
  const roots = new Set<ElementNode>();
  for (const url of place.asked ?? []) {
    const root = knownProfile(run, url, type, place.path, 'error');
    if (root !== undefined) roots.add(root);
  }
  const claimed = list(own(own(value, 'meta'), 'profile'));
  for (const [index, url] of claimed.entries()) {
    if (typeof url !== 'string') continue;
    const root = knownProfile(run, url, type, at(at(place.path, 'meta'), 'profile', index), 'warning');
    if (root !== undefined) roots.add(root);
  }
  const demanded = place.profiles.filter((url) => !url.startsWith('http://hl7.org/fhir/StructureDefinition/Resource'));
  const [only] = demanded;
  if (demanded.length === 1 && only !== undefined) {
    const root = knownProfile(run, only, type, place.path, 'error');
    if (root !== undefined) roots.add(root);
  } else if (demanded.length > 1 && !demanded.some((url) => conformsTo(run, value, url, place.path, scope))) {
    reportRule(run, 'Resource', place.path, {
      code: 'profile-none',
      type: 'structure',
      message: `The ${type} conforms to none of ${demanded.join(', ')}; make it conform to one.${whyNot(run, value, demanded)}`,
    });
  }
  return [...roots];
}

function conformsTo(run: Run, value: JsonObject, url: string, path: Path, scope: Scope): boolean {
  const root = run.registry.profile(url);
  return root !== undefined && run.conforms(value, root, path, scope);
}

function knownProfile(
  run: Run,
  url: string,
  type: string,
  path: Path,
  severity: 'error' | 'warning',
): ElementNode | undefined {
  const root = run.registry.profile(url);
  if (root === undefined) {
    reportRule(run, 'Resource', path, {
      severity,
      code: 'profile-unknown',
      type: 'not-found',
      message: `The profile ${url.slice(0, 256)} is not loaded, so the resource was not held to it; load the package that has it.`,
    });
    return undefined;
  }
  if (root.name === type || run.registry.isKind(type, root.name)) return root;
  reportRule(run, 'Resource', path, {
    code: 'profile-type',
    type: 'structure',
    message: `The profile ${url} is for ${root.name}, not for ${type}; remove it or send a ${root.name}.`,
  });
  return undefined;
}
