import { follow } from './amend-plan.ts';
import { type ChangeWorld, changePlan, type Step } from './change-plan.ts';
import type { Drafting } from './plan.ts';
import type { PlanRecord, Referral } from './records.ts';
import type { Store } from './store.ts';

export interface CatchUpWorld extends Drafting, ChangeWorld {
  readonly store: ChangeWorld['store'] & Pick<Store, 'referral' | 'referralVersion'>;
}

/**
 * Let a plan follow the newest version of its order: it was made of one that was newest when its worker read it, and the
 * order changed before the plan was written. Nothing happens to a plan that is up to date.
 */
export async function catchUp(world: CatchUpWorld, record: PlanRecord, newest: Referral): Promise<void> {
  if (isCurrent(record, newest)) return;
  const changed = await changePlan(world, record.plan.planId, async (current): Promise<Step> => {
    const after = await world.store.referral(current.referralId);
    if (after === undefined || isCurrent(current, after)) return { kind: 'done' };
    const before = (await world.store.referralVersion(after.id, current.referralVersion ?? 1)) ?? after;
    const at = world.now();
    const followed = follow(world, current, { before, after, at });
    if (followed.kind !== 'refused') return { ...followed, issues: [] };
    // It was accepted when no plan was there yet; what was begun since stays as it is, and the clinic must know.
    const detail = { referralVersion: after.version, codes: followed.issues.map(({ code }) => code) };
    const { planId, source } = current.plan;
    const history = [{ at, about: 'plan' as const, id: planId, event: 'amendment-not-followed', by: 'tactus', detail }];
    const plan = { ...current.plan, source: { ...source, payloadHash: after.bytesHash } };
    return { kind: 'change', change: { plan, history, record: { referralVersion: after.version } }, issues: [] };
  });
  if (changed.kind === 'refused') throw new Error(`Plan ${record.plan.planId} cannot follow its order now.`);
}

function isCurrent(record: PlanRecord, { version }: Referral): boolean {
  return (record.referralVersion ?? 1) >= version;
}
