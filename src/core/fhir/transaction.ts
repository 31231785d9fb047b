import { type Json, object, objects, text } from '../plan/screening/json.ts';
import { referencesOf, withReferences } from './bundle-references.ts';
import type { Issue, IssueType } from './issue.ts';

/** Entries of one Bundle: an order with all that it refers to has some ten, a large family of orders some fifty. */
export const bundleEntryLimit = 200;

/** What one entry of a transaction or batch asks for. */
export interface BundleAction {
  readonly index: number;
  /** FHIRPath of the entry: `Bundle.entry[0]`. */
  readonly expression: string;
  readonly fullUrl: string | undefined;
  readonly resource: Json | undefined;
  readonly method: string;
  /** Below our base, for example `ServiceRequest` or `Task?identifier=a|b`. */
  readonly url: string;
  /** Resource type that the address names; empty for none. */
  readonly type: string;
  /** If-None-Exist of the entry: a search without `?`. */
  readonly ifNoneExist: string | undefined;
  /** The conditions of a read or an update. */
  readonly request: { readonly ifMatch: string | undefined; readonly ifNoneMatch: string | undefined };
  /** Why it cannot be done, as far as the entry alone shows. */
  readonly issues: readonly Issue[];
}

export type ReadBundle =
  | { readonly ok: true; readonly kind: 'transaction' | 'batch'; readonly actions: readonly BundleAction[] }
  | { readonly ok: false; readonly status: 400 | 413 | 422; readonly issues: readonly Issue[] };

/** Where a Bundle of another type belongs. */
const otherDoors: Readonly<Record<string, string>> = {
  message: 'a message is sent to $process-message',
  document: 'a document is sent as the context of an order: in a transaction with its ServiceRequest',
  collection: 'a collection asks for nothing: send its resources as a transaction',
};

/**
 * Read what a Bundle that was posted to our base asks for, entry by entry.
 *
 * @param base Our own address, below which absolute request addresses are ours.
 * @returns The actions in the order of the Bundle, each with its own faults; or why it is no transaction and no batch.
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
export function readBundle(bundle: unknown, base: string): ReadBundle {
  const found = object(bundle);
  if (found?.resourceType !== 'Bundle') {
    const message = 'The body is no Bundle; this address takes a Bundle of type transaction or batch.';
    return refused(400, fault('wrong-resource-type', 'structure', '', message));
  }
  const type = text(found.type);
  if (type !== 'transaction' && type !== 'batch') {
    const known = type !== undefined && Object.hasOwn(otherDoors, type) ? otherDoors[type] : undefined;
    const todo = known ?? 'send a transaction or a batch';
    const message = `Bundle.type must be transaction or batch at this address; ${todo}.`;
    return refused(422, fault('bundle-type', 'not-supported', 'Bundle.type', message));
  }
  const entries = objects(found.entry);
  if (entries.length > bundleEntryLimit) {
    const message = `The Bundle has ${entries.length} entries; at most ${bundleEntryLimit} are taken at once.`;
    return refused(413, fault('bundle-too-large', 'too-long', 'Bundle.entry', message));
  }
  return { ok: true, kind: type, actions: entries.map((entry, index) => readEntry(entry, index, base)) };
}

function readEntry(entry: Json | undefined, index: number, base: string): BundleAction {
  const request = object(entry?.request);
  const url = belowBase(text(request?.url) ?? '', base);
  const action = {
    index,
    expression: `Bundle.entry[${index}]`,
    fullUrl: text(entry?.fullUrl),
    resource: object(entry?.resource),
    method: text(request?.method) ?? '',
    url,
    type: /^([A-Z][A-Za-z]{1,40})(?=$|[/?])/.exec(url)?.[1] ?? '',
    ifNoneExist: text(request?.ifNoneExist)?.replace(/^.*\?/, ''),
    request: { ifMatch: text(request?.ifMatch), ifNoneMatch: text(request?.ifNoneMatch) },
  };
  return { ...action, issues: entryFaults(action) };
}

function belowBase(url: string, base: string): string {
  const path = url.startsWith(`${base}/`) ? url.slice(base.length) : url;
  return path.replace(/^\//, '');
}

function entryFaults({ expression, method, type, resource }: Omit<BundleAction, 'issues'>): Issue[] {
  const request = `${expression}.request`;
  if (method === '') {
    const message = `${request} is missing: each entry of a transaction or batch says what shall be done.`;
    return [fault('bundle-request', 'required', request, message)];
  }
  if (type === '') {
    const message = `${request}.url must be an address below this one that begins with a resource type.`;
    return [fault('bundle-request', 'value', `${request}.url`, message)];
  }
  if (method !== 'POST' && method !== 'PUT') return [];
  if (resource === undefined) {
    const message = `${expression}.resource is missing, and ${method} needs one.`;
    return [fault('bundle-request', 'required', `${expression}.resource`, message)];
  }
  if (resource.resourceType === type) return [];
  const message = `${request}.url names a ${type}, and the entry's resource is of another type.`;
  return [fault('bundle-request', 'value', `${request}.url`, message)];
}

/**
 * What makes a transaction as a whole impossible: entries with one fullUrl, two that change the same thing, references
 * that name an entry which is not there.
 */
export function transactionFaults(actions: readonly BundleAction[]): Issue[] {
  const issues: Issue[] = [];
  const urls = new Set<string>();
  const changed = new Set<string>();
  for (const { fullUrl, method, url, expression } of actions) {
    if (fullUrl !== undefined && urls.has(fullUrl)) {
      const message = `${expression}.fullUrl stands at an earlier entry too; each entry needs its own.`;
      issues.push(fault('bundle-overlap', 'duplicate', `${expression}.fullUrl`, message));
    }
    if (method !== 'GET' && url.includes('/') && changed.has(url)) {
      const message = `${expression} changes what an earlier entry changes; a transaction may change it once.`;
      issues.push(fault('bundle-overlap', 'duplicate', `${expression}.request.url`, message));
    }
    if (fullUrl !== undefined) urls.add(fullUrl);
    if (method !== 'GET') changed.add(url);
  }
  for (const { resource, expression } of actions) {
    const lost = new Set(referencesOf(resource).filter((one) => one.startsWith('urn:uuid:') && !urls.has(one)));
    for (const _ of lost) {
      const message = `${expression}.resource refers to a urn:uuid that is the fullUrl of no entry.`;
      issues.push(fault('bundle-reference', 'not-found', `${expression}.resource`, message));
    }
  }
  return issues;
}

/**
 * Replace conditional references (`Patient?identifier=system|value`) by the fullUrl of the one entry that they find. What
 * is not in the Bundle is not here: nothing but orders is kept.
 *
 * @returns The entries' resources in their order, or `conditional-reference` for each that finds none or several.
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export function resolveConditional(actions: readonly BundleAction[]): {
  readonly resources: readonly (Json | undefined)[];
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const resources = actions.map(({ resource, expression }) => {
    if (resource === undefined || !referencesOf(resource).some(isConditional)) return resource;
    return withReferences(resource, (reference) => {
      if (!isConditional(reference)) return undefined;
      const found = actions.filter((one) => one.fullUrl !== undefined && answers(one.resource, reference));
      if (found.length === 1) return found[0]?.fullUrl;
      const message = `${expression}.resource has a conditional reference that finds ${found.length} entries of the Bundle; it must find one by identifier=system|value.`;
      issues.push(fault('conditional-reference', 'not-found', `${expression}.resource`, message));
      return undefined;
    });
  });
  return { resources, issues };
}

function isConditional(reference: string): boolean {
  return /^[A-Z][A-Za-z]+\?/.test(reference);
}

function answers(resource: Json | undefined, reference: string): boolean {
  const [type, query = ''] = reference.split('?');
  const wanted = /^identifier=([^&]+)$/.exec(query)?.[1];
  if (resource === undefined || resource.resourceType !== type || wanted === undefined) return false;
  return objects(resource.identifier).some((one) => {
    const token = `${text(one?.system) ?? ''}|${text(one?.value) ?? ''}`;
    return token === wanted || encodeURIComponent(token) === wanted;
  });
}

function refused(status: 400 | 413 | 422, issue: Issue): ReadBundle {
  return { ok: false, status, issues: [issue] };
}

function fault(code: string, type: IssueType, expression: string, message: string): Issue {
  return { severity: 'error', code, type, expression, message };
}
