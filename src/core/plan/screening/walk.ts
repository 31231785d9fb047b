import { type Json, object, objects, text } from './json.ts';

/** A resource and where it stands. */
export interface Found {
  /** FHIRPath, for example `ServiceRequest.contained[0]` or `Bundle.entry[3].resource`. */
  readonly path: string;
  readonly resource: Json;
  readonly fullUrl?: string;
}

/** A Bundle in a Bundle in a Bundle is deep enough: BSeR sends a document inside a message. */
const depthLimit = 3;

/**
 * Everything that came with a referral: its contained resources, and those of the Bundle with theirs. The referral
 * itself and its copy in the Bundle are left out.
 */
export function resourcesAround(referral: Json, context: unknown): Found[] {
  const found: Found[] = [];
  contained(referral, 'ServiceRequest', found);
  const bundle = object(context);
  if (bundle?.resourceType === 'Bundle') entries(bundle, 'Bundle', depthLimit, found, referral);
  return found;
}

function contained(resource: Json, path: string, found: Found[]): void {
  objects(resource.contained).forEach((inner, index) => {
    if (inner !== undefined) found.push({ path: `${path}.contained[${index}]`, resource: inner });
  });
}

function entries(bundle: Json, path: string, depth: number, found: Found[], referral: Json): void {
  objects(bundle.entry).forEach((entry, index) => {
    const resource = object(entry?.resource);
    if (resource === undefined || isSame(resource, referral)) return;
    const place = `${path}.entry[${index}].resource`;
    const fullUrl = text(entry?.fullUrl);
    found.push({ path: place, resource, ...(fullUrl === undefined ? {} : { fullUrl }) });
    contained(resource, place, found);
    if (resource.resourceType === 'Bundle' && depth > 1) entries(resource, place, depth - 1, found, referral);
  });
}

function isSame(resource: Json, referral: Json): boolean {
  if (resource === referral) return true;
  if (resource.resourceType !== 'ServiceRequest') return false;
  const number = (request: Json) => text(objects(request.identifier)[0]?.value);
  if (resource.id !== referral.id) return false;
  return resource.id !== undefined || (number(resource) !== undefined && number(resource) === number(referral));
}

/**
 * Finds what a reference means among the resources that came along.
 *
 * @param reference A Reference.
 * @param from Path of the resource that has the reference: `#id` is looked for in what it contains.
 */
export type Resolve = (reference: unknown, from: string) => Found | undefined;

/** Indexed on first use: most orders carry few references, some Bundles thousands. */
export function resolver(found: readonly Found[]): Resolve {
  let index: Map<string, Found> | undefined;
  return (reference, from) => {
    const target = text(object(reference)?.reference);
    if (target === undefined) return undefined;
    index ??= indexByName(found);
    if (target.startsWith('#')) return index.get(`${container(from)}${target}`);
    return index.get(target.replace(/\/_history\/.*$/, ''));
  };
}

/** Under its fullUrl, the last two parts of that (`Condition/7`), its own type and id, and its place if contained. */
function indexByName(found: readonly Found[]): Map<string, Found> {
  const index = new Map<string, Found>();
  const add = (name: string, one: Found) => {
    if (!index.has(name)) index.set(name, one);
  };
  for (const one of found) {
    const { path, resource, fullUrl } = one;
    const id = text(resource.id);
    if (fullUrl !== undefined) {
      add(fullUrl, one);
      if (fullUrl.includes('/')) add(fullUrl.split('/').slice(-2).join('/'), one);
    }
    if (id === undefined) continue;
    if (path.includes('.contained[')) add(`${container(path)}#${id}`, one);
    else add(`${text(resource.resourceType)}/${id}`, one);
  }
  return index;
}

/** Contained resources refer to each other by the resource that contains them all. */
function container(path: string): string {
  return path.replace(/\.contained\[\d+\]$/, '');
}

/**
 * A Bundle may carry another person's record (a mother, a donor): what surely is another Patient's is left out.
 *
 * @param order Path of the order.
 */
export function patientsOwn(
  referral: Json,
  order: string,
  found: readonly Found[],
  resolve: Resolve,
): readonly Found[] {
  const subject = resolve(referral.subject, order);
  if (subject === undefined) return found;
  return found.filter(({ path, resource }) => {
    const owner = resolve(resource.subject ?? resource.patient, path);
    return owner === undefined || owner.resource.resourceType !== 'Patient' || isSamePerson(owner, subject);
  });
}

/** Two entries with one number are one person. */
function isSamePerson(one: Found, other: Found): boolean {
  if (one === other) return true;
  const numbers = new Set(numbersOf(one.resource));
  return numbersOf(other.resource).some((number) => numbers.has(number));
}

/** `system|value` of what has both. */
export function numbersOf({ identifier }: Json): string[] {
  return objects(identifier).flatMap((one) => {
    const [system, value] = [text(one?.system), text(one?.value)];
    return system === undefined || value === undefined ? [] : [`${system}|${value}`];
  });
}
