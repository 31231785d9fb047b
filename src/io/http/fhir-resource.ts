import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { selfContained } from '../../core/fhir/self-contained.ts';
import type { Referral } from '../../flows/records.ts';
import type { Answer } from './answer.ts';

type Json = Readonly<Record<string, unknown>>;

/** The ServiceRequest as it is read here: as received, under our id and version, with what came in its Bundle inside. */
export function servedReferral(referral: Referral): Resource {
  const { resourceType: _, id: __, meta, ...rest } = selfContained(referral.resource, referral.context);
  const kept = typeof meta === 'object' && meta !== null ? (meta as Json) : {};
  return {
    resourceType: 'ServiceRequest',
    id: referral.id,
    meta: { ...kept, versionId: String(referral.version), lastUpdated: referral.updatedAt },
    ...rest,
  } as unknown as Resource;
}

/** A resource with the headers that go with it. https://hl7.org/fhir/R4/http.html#versions */
export function resourceAnswer(resource: Resource, status = 200): Answer {
  return { status, headers: versionHeaders(resource), body: resource };
}

export function versionHeaders(resource: Resource): Record<string, string> {
  const { versionId, lastUpdated } = resource.meta ?? {};
  return {
    ...(versionId === undefined ? {} : { ETag: `W/"${versionId}"` }),
    ...(lastUpdated === undefined ? {} : { 'Last-Modified': new Date(lastUpdated).toUTCString() }),
  };
}

/** What was found, with the search as it was understood. https://hl7.org/fhir/R4/bundle.html#searchset */
export function searchset(
  base: string,
  self: string,
  found: readonly Resource[],
  paging: { readonly next?: string; readonly total?: number } = {},
): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(paging.total === undefined ? {} : { total: paging.total }),
    link: [
      { relation: 'self', url: self },
      ...(paging.next === undefined ? [] : [{ relation: 'next', url: paging.next }]),
    ],
    ...(found.length === 0 ? {} : { entry: found.map((resource) => foundEntry(base, resource)) }),
  };
}

function foundEntry(base: string, resource: Resource): BundleEntry {
  return { fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource, search: { mode: 'match' } };
}
