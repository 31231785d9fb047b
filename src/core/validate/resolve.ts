import { isAbsolute } from './absolute-url.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import type { BundleScope, Run, Scope } from './run.ts';

/** What a reference leads to. */
export interface Resolution {
  readonly target?: JsonObject;
  /** Scope facts of the target: the resource that contains it and the entry that it stands in. */
  readonly container?: JsonObject;
  readonly bundle?: BundleScope;
  readonly from: 'contained' | 'bundle' | 'outside' | 'nowhere';
  /** How many entries of the Bundle fit; more than one is a fault of the Bundle. */
  readonly matches: number;
}

const nowhere: Resolution = { from: 'nowhere', matches: 0 };

/**
 * Find what a literal reference means inside the resource or its Bundle, then outside through the request.
 * @see https://hl7.org/fhir/R4/bundle.html#references
 */
export function resolveReference(run: Run, reference: string, scope: Scope): Resolution {
  if (reference.startsWith('#')) return resolveContained(run, reference, scope);
  for (let bundle = scope.bundle; bundle !== undefined; bundle = bundle.outer) {
    const found = resolveInBundle(run, reference, bundle);
    if (found.target !== undefined) return found;
  }
  const outside = run.request.resolve?.(reference);
  return isObject(outside) ? { target: outside, container: outside, from: 'outside', matches: 1 } : nowhere;
}

function resolveContained(run: Run, reference: string, scope: Scope): Resolution {
  const { container, bundle } = scope;
  if (reference === '#') return { target: container, container, bundle, from: 'contained', matches: 1 };
  const target = containedIn(run, container).get(reference.slice(1));
  return isObject(target) ? { target, container, bundle, from: 'contained', matches: 1 } : nowhere;
}

/** Contained resources by id; looked up once a container, so that many references stay cheap. */
function containedIn(run: Run, container: JsonObject): ReadonlyMap<string, JsonObject> {
  let known = run.contained.get(container);
  if (known === undefined) {
    known = new Map();
    for (const item of list(own(container, 'contained'))) {
      const id = text(own(item, 'id'));
      if (id !== undefined && isObject(item) && !known.has(id)) known.set(id, item);
    }
    run.contained.set(container, known);
  }
  return known;
}

/** Entry by fullUrl; a relative reference is completed from the fullUrl of the entry that holds it. */
export function resolveInBundle(run: Run, reference: string, scope: BundleScope): Resolution {
  const wanted = wantedUrl(
    reference,
    text(own(scope.entry, 'fullUrl')),
    own(scope.bundle, 'resourceType') === 'Parameters',
  );
  if (wanted === undefined) return nowhere;
  const matches = (indexOf(run, scope.bundle).get(wanted.url) ?? []).filter(
    (entry) => wanted.version === undefined || own(own(own(entry, 'resource'), 'meta'), 'versionId') === wanted.version,
  );
  const [entry] = matches;
  const target = own(entry, 'resource');
  if (entry === undefined || !isObject(target)) return { ...nowhere, matches: matches.length };
  return { target, container: target, bundle: { ...scope, entry }, from: 'bundle', matches: matches.length };
}

/** Entries by fullUrl, else by type and id; made once a Bundle, so that many references stay cheap. */
function indexOf(run: Run, bundle: JsonObject): ReadonlyMap<string, readonly JsonObject[]> {
  let index = run.bundles.get(bundle);
  if (index === undefined) {
    index = new Map<string, JsonObject[]>();
    for (const entry of entriesOf(bundle)) {
      const url = text(own(entry, 'fullUrl')) ?? typeAndId(own(entry, 'resource'));
      if (url === undefined) continue;
      const known = index.get(url);
      if (known === undefined) index.set(url, [entry]);
      else known.push(entry);
    }
    run.bundles.set(bundle, index);
  }
  return index;
}

/** Entries of a Bundle, or the resource-holding parameters of a Parameters resource. */
export function entriesOf(bundle: JsonObject): readonly JsonObject[] {
  return list(own(bundle, 'entry') ?? own(bundle, 'parameter')).filter(isObject);
}

function typeAndId(resource: unknown): string | undefined {
  const id = text(own(resource, 'id'));
  return id === undefined ? undefined : `${text(own(resource, 'resourceType')) ?? ''}/${id}`;
}

interface Wanted {
  readonly url: string;
  readonly version?: string;
  /** Type that a reference of the form `Type/id` names, where the URL it becomes does not say so. */
  readonly type?: string;
}

/** @see https://hl7.org/fhir/R4/bundle.html#references "Resolving references in Bundles" */
export function wantedUrl(reference: string, fullUrl: string | undefined, isParameters = false): Wanted | undefined {
  const [plain = '', version] = reference.includes('/_history/') ? reference.split('/_history/') : [reference];
  if (isAbsolute(plain)) return { url: plain, version };
  const slash = plain.indexOf('/');
  if (slash < 0 || plain.indexOf('/', slash + 1) >= 0) return undefined;
  if (fullUrl === undefined) return isParameters || version === undefined ? { url: plain, version } : undefined;
  if (fullUrl.startsWith('urn:')) {
    const url = `${fullUrl.slice(0, fullUrl.lastIndexOf(':') + 1)}${plain.slice(slash + 1)}`;
    return { url, version, type: plain.slice(0, slash) };
  }
  return { url: `${serverOf(fullUrl)}/${plain}`, version };
}

/** `https://server/fhir` of `https://server/fhir/Patient/1`: what stands before the last two steps. */
function serverOf(fullUrl: string): string {
  const last = fullUrl.lastIndexOf('/');
  return last <= 0 ? '' : fullUrl.slice(0, Math.max(0, fullUrl.lastIndexOf('/', last - 1)));
}
