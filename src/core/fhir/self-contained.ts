import { type Json, object, objects, text } from '../plan/screening/json.ts';
import { byFullUrl, referencesOf, withReferences } from './bundle-references.ts';
import { canonicalContent } from './canonical-content.ts';

/** More than this is no order any more; what is beyond keeps its temporary name. */
const containedLimit = 50;

/** Ids of what came in the Bundle, inside of the order that is served. */
const idPrefix = 'bundle-';

/**
 * A resource of a Bundle as it can be read alone: what it refers to by a temporary urn:uuid, directly or through that, is
 * contained in it.
 *
 * @see https://hl7.org/fhir/R4/references.html#contained
 */
export function selfContained(resource: Json, bundle: unknown): Json {
  const names = namesIn(resource, bundle);
  if (names.size === 0) return resource;
  const rename = (reference: string) => names.get(reference)?.name;
  const inside = [...names.values()].flatMap(({ name, target }) => {
    if (target === undefined) return [];
    const { resourceType, meta: _, ...content } = target;
    return [withReferences({ resourceType, ...content, id: name.slice(1) }, rename)];
  });
  const contained = [...(Array.isArray(resource.contained) ? resource.contained : []), ...inside];
  return { ...withReferences(resource, rename), ...(contained.length === 0 ? {} : { contained }) };
}

/** The other way round: what was read here and sends back what we contained in it is as it was in the Bundle. */
export function asInBundle(sent: Json, resource: Json, bundle: unknown): Json {
  const names = namesIn(resource, bundle);
  if (names.size === 0) return sent;
  const ours = new Map([...names].map(([urn, { name }]) => [name, urn]));
  const { contained, ...rest } = withReferences(sent, (reference) => ours.get(reference));
  const kept = Array.isArray(contained) ? contained.filter((one) => !ours.has(`#${String(object(one)?.id)}`)) : [];
  return kept.length === 0 ? rest : { ...rest, contained: kept };
}

interface Named {
  /** `#bundle-1`; `#` for the resource itself. */
  readonly name: string;
  /** Undefined for the resource itself. */
  readonly target: Json | undefined;
}

/** Temporary names that the resource uses, in the order of their first use. */
function namesIn(resource: Json, bundle: unknown): ReadonlyMap<string, Named> {
  const entries = byFullUrl(bundle);
  const names = new Map<string, Named>();
  if (entries.size === 0) return names;
  const own = canonicalContent(resource);
  const queue = referencesOf(resource);
  for (let at = 0; at < queue.length && names.size < containedLimit; at++) {
    const reference = queue[at] ?? '';
    const target = reference.startsWith('urn:') && !names.has(reference) ? entries.get(reference) : undefined;
    if (target === undefined || !fits(target)) continue;
    const isOwn = target.resourceType === resource.resourceType && canonicalContent(target) === own;
    names.set(reference, isOwn ? { name: '#', target: undefined } : { name: `#${idPrefix}${names.size + 1}`, target });
    if (!isOwn) queue.push(...referencesOf(target));
  }
  return names;
}

/** What contains resources itself cannot be contained; a Bundle in a Bundle is a document of its own. */
function fits(target: Json): boolean {
  return text(target.resourceType) !== 'Bundle' && objects(target.contained).length === 0;
}
