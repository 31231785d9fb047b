import { beforeEach, describe, expect, test } from 'vitest';
import { briefTherapist } from '../../src/flows/brief-therapist.ts';
import { decideFinding } from '../../src/flows/clinic.ts';
import { dryRun } from '../../src/flows/dry-run.ts';
import type { PlanRecord } from '../../src/flows/records.ts';
import { demoOrder, demoWorld, withCondition } from './demo-world.ts';

/** An order that replaces another one, or goes on after it, does not forget what was told with that one. */
let world: ReturnType<typeof demoWorld>;
beforeEach(() => {
  world = demoWorld();
});

const names = (how: 'replaces' | 'basedOn', value = 'R-1') => ({
  [how]: [{ identifier: { system: 'https://demo-hospital.example/sid/referral', value } }],
});
const thrombosis = withCondition('I80.2', 'active');
const stateOf = ({ plan }: PlanRecord) => [plan.status, [...new Set(plan.screening.findings.map((one) => one.ruleId))]];
const evidenceOf = ({ plan }: PlanRecord) => [...new Set(plan.screening.findings.flatMap((one) => one.evidence))];

describe('what was told with the order before', () => {
  test.each(['replaces', 'basedOn'] as const)(
    'decides on one that names it in %s and does not repeat it',
    async (how) => {
      const first = await world.order(demoOrder(thrombosis));
      expect(first.plan.status).toBe('rejected');
      const second = await world.order(demoOrder(names(how), 'R-2'));
      expect(stateOf(second)).toEqual(stateOf(first));
      expect(evidenceOf(second)).toEqual(
        evidenceOf(first).map((path) => `order ${first.referralId}, version 1: ${path}`),
      );
      const { findings } = await briefTherapist({ store: world.store, drafting: world.bindings }, second);
      expect(findings[0]?.sentence).toMatch(/\(Told with an order before this one, and not taken back since\.\)$/);
    },
  );

  test('goes through a chain of orders', async () => {
    const first = await world.order(demoOrder(thrombosis));
    await world.order(demoOrder(names('replaces'), 'R-2'));
    const third = await world.order(demoOrder(names('replaces', 'R-2'), 'R-3'));
    expect(third.plan.status).toBe('rejected');
    expect(evidenceOf(third)[0]).toContain(`order ${first.referralId}, version 1: `);
  });

  test('stays when the new order is amended, and when the amendment does not name the one before any more', async () => {
    await world.order(demoOrder(withCondition('I80.2', 'resolved')));
    const { referralId } = await world.order(demoOrder(names('replaces'), 'R-2'));
    expect((await world.planOf(referralId)).plan.status).toBe('held');
    await world.amend(demoOrder({ priority: 'urgent' }, 'R-2'));
    const { plan } = await world.planOf(referralId);
    expect([plan.status, plan.priority]).toEqual(['held', 'urgent']);
  });

  test('is taken back by telling it again as refuted', async () => {
    const number = { identifier: [{ system: 'urn:example:conditions', value: 'C-1' }] };
    const told = (status: string) => {
      const { contained, ...rest } = thrombosis as unknown as { contained: Record<string, unknown>[] };
      const verificationStatus = {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: status }],
      };
      return { ...rest, contained: contained.map((one) => ({ ...one, ...number, verificationStatus })) };
    };
    await world.order(demoOrder(told('confirmed')));
    const second = await world.order(demoOrder({ ...names('replaces'), ...told('refuted') }, 'R-2'));
    expect(stateOf(second)).toEqual(['accepted', []]);
  });

  test('is not of an order for another patient', async () => {
    const of = (value: string) => ({ subject: { identifier: { system: 'urn:example:patients', value } } });
    await world.order(demoOrder({ ...thrombosis, ...of('1') }));
    const same = await world.order(demoOrder({ ...names('replaces'), ...of('1') }, 'R-2'));
    const other = await world.order(demoOrder({ ...names('replaces'), ...of('2') }, 'R-3'));
    expect([same.plan.status, other.plan.status]).toEqual(['rejected', 'accepted']);
  });

  test('is told by a dry run, too', async () => {
    await world.order(demoOrder(thrombosis));
    const text = JSON.stringify(demoOrder(names('replaces'), 'R-2'));
    const { catalog, changing, bindings, store, sender } = world;
    const asked = { ...changing, store, validator: catalog.validator, drafting: bindings, makeTask: bindings.makeTask };
    const result = await dryRun(asked, sender, text);
    expect(result).toMatchObject({ kind: 'checked', draft: { plan: { status: 'rejected' } } });
    expect(await store.referralByPlacer(sender.id, { system: 'x', value: 'R-2' })).toBeUndefined();
  });
});

describe('what a named person decided about the order before', () => {
  test('stays for the one that goes on after it, because it was decided on the same', async () => {
    const first = await world.order(demoOrder(withCondition('I80.2', 'resolved')));
    const clearing = { ...world.changing, now: () => world.clock.now };
    for (const ruleId of new Set(first.plan.screening.findings.map((one) => one.ruleId))) {
      const decision = { ruleId, state: 'cleared' as const, by: 'Dr. Beispiel', reason: 'Healed two years ago.' };
      await decideFinding(clearing, first.plan.planId, decision, undefined);
    }
    expect((await world.planOf(first.referralId)).plan.status).toBe('accepted');
    const second = await world.order(demoOrder(names('basedOn'), 'R-2'));
    expect(second.plan.status).toBe('accepted');
    expect(second.plan.screening.findings.map(({ state, by }) => [state, by])[0]).toEqual(['cleared', 'Dr. Beispiel']);
  });
});
