import { carryDecisions } from '../core/plan/screening/override.ts';
import type { ScreeningResult } from '../core/plan/screening.ts';
import type { Drafting } from './plan.ts';
import type { PlanRecord } from './records.ts';
import type { Store } from './store.ts';

export interface BriefingWorld {
  readonly store: Pick<Store, 'referral'>;
  readonly drafting: Pick<Drafting, 'screen'>;
}

/** What a therapist must know and do before the first session, in words. */
export interface Briefing {
  /** With what named persons decided about them. */
  readonly findings: readonly (Pick<
    ScreeningResult['findings'][number],
    'ruleId' | 'title' | 'disposition' | 'state'
  > & {
    readonly sentence: string;
  })[];
  readonly duties: ScreeningResult['duties'];
  /** Free text of the order, which no rule decides on: a person reads it. */
  readonly shown: ScreeningResult['shown'];
}

/** The sentences are in the rules, not in the plan, so they are those of today's rules. */
export async function briefTherapist(world: BriefingWorld, record: PlanRecord): Promise<Briefing> {
  const referral = await world.store.referral(record.referralId);
  if (referral === undefined) throw new Error(`Plan ${record.plan.planId} has no referral.`);
  const { findings, duties, shown } = world.drafting.screen(referral, record.plan);
  return {
    findings: carryDecisions(record.plan.screening.findings, findings).map(
      ({ ruleId, title, disposition, state, therapist: sentence }) => ({ ruleId, title, disposition, state, sentence }),
    ),
    duties,
    shown,
  };
}
