import { compareAuthored } from '../core/fhir/author-version.ts';
import type { Referral } from './records.ts';
import type { Store } from './store.ts';

/** Versions of a referral that a newcomer is compared with. */
export const versionsCompared = 20;

/** The newest versions of a referral, newest first. */
export async function newestVersions(
  store: Pick<Store, 'referralVersion'>,
  existing: Referral,
): Promise<readonly Referral[]> {
  const found: Referral[] = [existing];
  const oldest = Math.max(1, existing.version - versionsCompared);
  for (let version = existing.version - 1; version >= oldest; version--) {
    const older = await store.referralVersion(existing.id, version);
    if (older !== undefined) found.push(older);
  }
  return found;
}

/**
 * Whether the hospital itself wrote something newer than this that is here already. Messages overtake each other; what
 * is older never wins.
 */
export function isOvertaken(
  resource: Referral['resource'],
  versions: readonly Referral[],
  compare: typeof compareAuthored = compareAuthored,
): boolean {
  return versions.some((version) => (compare(resource, version.resource) ?? 0) < 0);
}
