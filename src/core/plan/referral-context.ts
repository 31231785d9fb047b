import type { Json } from './json-value.ts';
import { asObject, isJsonArray } from './json-value.ts';
import { inVersion, type OrderLayer } from './order-layers.ts';
import { numbersOf } from './screening/walk.ts';

/**
 * What a referral points to, found in `contained` and in the Bundle that it came in, in one uniform shape, so that a
 * mapping needs one rule for a requester however it was sent.
 */

/** More related resources than this are not a referral; the rest is left out of the mapping's sight. */
const relatedLimit = 500;

export interface RelatedEntry {
  /** Where the resource stood: `referral.contained[0]`, `context.entry[3].resource`, `version 1: context.entry[3].resource`. */
  readonly id: string;
  /** The reference exactly as the order writes it, for example `#p1` or `Practitioner/7`. */
  readonly fullUrl: string;
  readonly resource: Json;
}

export interface RelatedBundle {
  readonly resourceType: 'Bundle';
  /** `document` when the order came in one: then its Composition is the first entry. */
  readonly type: 'collection' | 'document';
  readonly entry: readonly RelatedEntry[];
}

interface Candidate {
  readonly place: string;
  readonly names: readonly string[];
  readonly resource: Json;
}

/**
 * Collect what a referral refers to, directly or through what it refers to, the Goals of the Bundle that address it, and
 * the Composition of a document with its author.
 *
 * @param referral The ServiceRequest as JSON.
 * @param context The Bundle it came in, as JSON, or undefined.
 * @param earlier What came with earlier versions, oldest first: found where this version has nothing of that name.
 * @returns A Bundle with one entry a reference; `fullUrl` is the reference as written. References that lead nowhere
 *   have none.
 * @see https://hl7.org/fhir/R4/bundle.html#references
 */
export function relatedResources(referral: Json, context: unknown, earlier: readonly OrderLayer[] = []): RelatedBundle {
  const candidates = [...containedIn(referral), ...bundledIn(context, referral), ...toldBefore(earlier)];
  const found = new Map<string, RelatedEntry>();
  const queue: unknown[] = [{ ...referral, contained: undefined }];
  const composition = compositionOf(candidates);
  if (composition !== undefined) {
    const fullUrl = composition.names[0] ?? 'Composition';
    found.set(fullUrl, { id: composition.place, fullUrl, resource: composition.resource });
    queue.push(composition.resource.author);
  }
  for (const candidate of candidates)
    if (addresses(candidate.resource, referral, candidates)) queue.push(pointer(candidate));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const reference of referencesIn(next)) {
      if (found.has(reference) || found.size >= relatedLimit) continue;
      const candidate = candidates.find((one) => names(one, reference));
      if (candidate === undefined || candidate.resource === referral) continue;
      found.set(reference, { id: candidate.place, fullUrl: reference, resource: candidate.resource });
      queue.push(candidate.resource);
    }
  }
  const type = composition === undefined ? 'collection' : 'document';
  return { resourceType: 'Bundle', type, entry: [...found.values()] };
}

/** A document's own page: German e-prescriptions tell date and prescriber there. Its sections point to all the rest. */
function compositionOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.find(
    (one) => one.place === 'context.entry[0].resource' && one.resource.resourceType === 'Composition',
  );
}

/** An update need not repeat the patient or the prescriber. What was contained has no name outside of its version. */
function toldBefore(earlier: readonly OrderLayer[]): Candidate[] {
  // The parties of an order before this one are not this one's.
  return earlier
    .filter(({ order }) => order === undefined)
    .reverse()
    .flatMap(({ version, resource, context }) => bundledIn(context, resource, inVersion(version, 'context')));
}

function containedIn(referral: Json): Candidate[] {
  const contained = isJsonArray(referral.contained) ? referral.contained : [];
  return contained.flatMap((value, index) => {
    const resource = asObject(value);
    if (resource === undefined || typeof resource.id !== 'string') return [];
    return [{ place: `referral.contained[${index}]`, names: [`#${resource.id}`], resource }];
  });
}

function bundledIn(context: unknown, referral: Json, root = 'context'): Candidate[] {
  const bundle = asObject(context);
  const entries: readonly unknown[] = bundle !== undefined && isJsonArray(bundle.entry) ? bundle.entry : [];
  return entries.flatMap((value, index) => {
    const entry = asObject(value);
    const sent = asObject(entry?.resource);
    if (sent === undefined) return [];
    const place = `${root}.entry[${index}].resource`;
    const own = typeof sent.id === 'string' ? [`${String(sent.resourceType)}/${sent.id}`] : [];
    const fullUrl = typeof entry?.fullUrl === 'string' ? [entry.fullUrl] : [];
    const names = [...fullUrl, ...own];
    if (sent === referral || !isJsonArray(sent.contained)) return [{ place, names, resource: sent }];
    const resource = withOwnNames(sent, place) as Json;
    return [{ place, names, resource }, ...containedOf(resource, place)];
  });
}

/** `#p1` inside a bundled resource is its own contained p1, not the order's: it gets its place before it. */
function withOwnNames(value: unknown, place: string): unknown {
  if (isJsonArray(value)) return value.map((item) => withOwnNames(item, place));
  const object = asObject(value);
  if (object === undefined) return value;
  const entries = Object.entries(object).map(([key, child]) => {
    const isLocal = key === 'reference' && typeof child === 'string' && child.startsWith('#');
    return [key, isLocal ? place + child : withOwnNames(child, place)] as const;
  });
  return Object.fromEntries(entries);
}

function containedOf(resource: Json, place: string): Candidate[] {
  const contained: readonly unknown[] = isJsonArray(resource.contained) ? resource.contained : [];
  return contained.flatMap((value, index) => {
    const inner = asObject(value);
    if (inner === undefined || typeof inner.id !== 'string') return [];
    return [{ place: `${place}.contained[${index}]`, names: [`${place}#${inner.id}`], resource: inner }];
  });
}

/** Relative references name the end of a fullUrl; a version (`/_history/2`) does not change which resource is meant. */
function names(candidate: Candidate, reference: string): boolean {
  const plain = reference.replace(/\/_history\/[^/]+$/, '');
  return candidate.names.some((name) => name === plain || (plain.includes('/') && name.endsWith(`/${plain}`)));
}

function addresses(resource: Json, referral: Json, candidates: readonly Candidate[]): boolean {
  if (resource.resourceType !== 'Goal' || !isJsonArray(resource.addresses)) return false;
  const self = candidates.find((one) => isSameOrder(one.resource, referral));
  const own = [...(self?.names ?? []), ...(typeof referral.id === 'string' ? [`ServiceRequest/${referral.id}`] : [])];
  return resource.addresses.some((value) => {
    const reference = asObject(value)?.reference;
    return (
      typeof reference === 'string' && (own.includes(reference) || own.some((name) => name.endsWith(`/${reference}`)))
    );
  });
}

/** The order is kept apart from its Bundle, so that its copy there is another object. */
function isSameOrder(resource: Json, referral: Json): boolean {
  if (resource === referral) return true;
  if (resource.resourceType !== 'ServiceRequest') return false;
  if (resource.id !== undefined && resource.id === referral.id) return true;
  const [number, own] = [numbersOf(resource)[0], numbersOf(referral)[0]];
  return number !== undefined && number === own;
}

function pointer(candidate: Candidate): Json {
  return { reference: candidate.names[0] ?? '' };
}

/** Every `reference` below a value, in the order of the document, without descending into contained resources. */
function referencesIn(value: unknown): string[] {
  if (isJsonArray(value)) return value.flatMap(referencesIn);
  const object = asObject(value);
  if (object === undefined) return [];
  const own = typeof object.reference === 'string' && object.reference !== '' ? [object.reference] : [];
  return [
    ...own,
    ...Object.entries(object).flatMap(([key, child]) => (key === 'contained' ? [] : referencesIn(child))),
  ];
}
