import { type Json, object, objects, text } from '../plan/screening/json.ts';
import { canonicalContent } from './canonical-content.ts';

/** Follows references among resources that came together. Depth is bounded by the JSON gate. */

/**
 * A resource with its literal references changed, at any depth; what `change` leaves undefined stays.
 *
 * @see https://hl7.org/fhir/R4/bundle.html#references
 */
export function withReferences(resource: Json, change: (reference: string) => string | undefined): Json {
  return rewrite(resource, change) as Json;
}

function rewrite(value: unknown, change: (reference: string) => string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, change));
  const found = object(value);
  if (found === undefined) return value;
  return Object.fromEntries(
    Object.entries(found).map(([key, item]) =>
      key === 'reference' && typeof item === 'string'
        ? [key, change(item) ?? item]
        : [key, key === 'contained' ? item : rewrite(item, change)],
    ),
  );
}

/** Every literal reference in a resource, contained resources left out. */
export function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  const found = object(value);
  if (found === undefined) return [];
  return Object.entries(found).flatMap(([key, item]) => {
    if (key === 'contained') return [];
    return key === 'reference' && typeof item === 'string' ? [item] : referencesOf(item);
  });
}

/** Resources of a Bundle by their fullUrl, the first of equal ones. */
export function byFullUrl(bundle: unknown): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  for (const entry of objects(object(bundle)?.entry)) {
    const [url, resource] = [text(entry?.fullUrl), object(entry?.resource)];
    if (url !== undefined && resource !== undefined && !found.has(url)) found.set(url, resource);
  }
  return found;
}

/**
 * A resource as it reads without the temporary names of its Bundle: senders make a new urn:uuid for each try, and an order
 * that is sent again must be known as the same one. Such a reference is replaced by what it points to: type and
 * identifiers, or the content of a resource that has none.
 */
export function withoutTemporaryNames(resource: Json, bundle: unknown): Json {
  const entries = byFullUrl(bundle);
  if (entries.size === 0) return resource;
  return withReferences(resource, (reference) => {
    const target = reference.startsWith('urn:') ? entries.get(reference) : undefined;
    return target === undefined ? undefined : permanentName(target);
  });
}

function permanentName(resource: Json): string {
  const type = text(resource.resourceType) ?? '';
  const identifiers = objects(resource.identifier).flatMap((one) => {
    const value = text(one?.value);
    return value === undefined ? [] : [`${text(one?.system) ?? ''}|${value}`];
  });
  // Its own references may be temporary too, and may lead back here.
  const plain = () =>
    canonicalContent(withReferences(resource, (own) => (own.startsWith('urn:') ? 'urn:' : undefined)));
  return `${type}?${identifiers.length > 0 ? identifiers.sort().join() : plain()}`;
}
