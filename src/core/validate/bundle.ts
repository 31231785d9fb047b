import { isAbsolute } from './absolute-url.ts';
import { checkDocument, checkMessage } from './bundle-document.ts';
import { checkSearchSet } from './bundle-search.ts';
import { type JsonObject, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { reportRule } from './report-rule.ts';
import { entriesOf } from './resolve.ts';
import type { Run } from './run.ts';

/** Bundles in which an entry needs no fullUrl, because what it holds may not exist yet. */
const withoutUrls = ['transaction', 'transaction-response', 'batch', 'batch-response'];

/** Rules of Bundles that the standard tells in words: https://hl7.org/fhir/R4/bundle.html */
export function checkBundle(run: Run, bundle: JsonObject, path: Path): void {
  const type = text(own(bundle, 'type'));
  const entries = entriesOf(bundle);
  for (const [index, entry] of entries.entries()) checkFullUrl(run, entry, type, at(path, 'entry', index));
  if (type === 'document') checkDocument(run, bundle, entries, path);
  if (type === 'message') checkMessage(run, bundle, entries, path);
  if (type === 'searchset') checkSearchSet(run, bundle, entries, path);
}

function checkFullUrl(run: Run, entry: JsonObject, type: string | undefined, path: Path): void {
  const fullUrl = text(own(entry, 'fullUrl'));
  const resource = own(entry, 'resource');
  if (fullUrl === undefined) {
    if (resource === undefined || withoutUrls.includes(type ?? '')) return;
    const message = `An entry of a ${type ?? ''} Bundle needs a fullUrl, so that it can be referred to; add one.`;
    reportRule(run, 'Bundle.entry', path, { code: 'full-url-missing', type: 'required', message });
    return;
  }
  if (!isAbsolute(fullUrl)) {
    const message = 'The fullUrl of an entry must be an absolute URL; correct it.';
    reportRule(run, 'Bundle.entry', path, { code: 'full-url', type: 'value', message });
    return;
  }
  if (resource !== undefined) checkRestfulUrl(run, fullUrl, resource, type, path);
}

/** A fullUrl that looks like a server's address of a resource must be that of this one. */
function checkRestfulUrl(run: Run, fullUrl: string, resource: unknown, type: string | undefined, path: Path): void {
  const match = /^https?:\/\/.{1,1024}\/([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9.-]{1,64}$/.exec(fullUrl);
  const named = match?.[1];
  if (named === undefined || !run.registry.isKind(named, 'Resource')) return;
  const [resourceType, id] = [text(own(resource, 'resourceType')), text(own(resource, 'id'))];
  if (id === undefined) {
    if (withoutUrls.includes(type ?? '')) return;
    const message = 'The fullUrl is the address of a resource on a server, but the resource has no id; add it.';
    reportRule(run, 'Bundle.entry', path, { code: 'full-url-id', type: 'required', message });
  } else if (!fullUrl.endsWith(`/${resourceType ?? ''}/${id}`)) {
    const message = `The fullUrl is the address of a ${named}, so it must end with the type and id of the resource.`;
    reportRule(run, 'Bundle.entry', path, { code: 'full-url-id', type: 'value', message });
  }
}
