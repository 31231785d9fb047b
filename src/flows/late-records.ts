import type { Issue } from '../core/fhir/issue.ts';
import type { Found } from '../core/plan/screening/walk.ts';
import type { NewReferral, Referral } from './records.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The order as it stands, with records that came with another version of it: that does not change the order, but what it
 * tells of the patient is not lost.
 *
 * @param record The version in which they came; its bytes are kept as their proof.
 * @param records Without Patients: whose they are was found out where they stood.
 */
export function withRecords(existing: Referral, record: NewReferral, records: readonly Found[]): NewReferral {
  const { resourceType, type, entry, ...rest } = (existing.context ?? {}) as Json;
  const entries: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const added = records.map(({ path, resource, fullUrl }) => {
    const { id, ...content } = resource;
    // The id of something contained is no name outside of it.
    const named = path.includes('.contained[') || id === undefined ? content : { ...content, id };
    return { ...(fullUrl === undefined ? {} : { fullUrl }), resource: named };
  });
  return {
    ...record,
    resource: existing.resource,
    contentHash: existing.contentHash,
    context: {
      ...rest,
      resourceType: resourceType ?? 'Bundle',
      type: type ?? 'collection',
      entry: [...entries, ...added],
    },
  };
}

/** Of what joined, so many are named. */
const namedAtMost = 20;

/** The order in the message was not taken, but what came with it was: the sender should know both. */
export function joinedIssues({ id }: Referral, records: readonly Found[]): Issue[] {
  return records.slice(0, namedAtMost).map(({ path: expression }) => {
    const message = `${expression} came with another version of ServiceRequest/${id} than the present one. It was taken in; the order stays as it is.`;
    return { severity: 'information', code: 'record-of-other-version', type: 'informational', expression, message };
  });
}
