import { beforeEach, describe, expect, test } from 'vitest';
import { briefTherapist } from '../../src/flows/brief-therapist.ts';
import { decideFinding } from '../../src/flows/clinic.ts';
import type { PlanRecord } from '../../src/flows/records.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
beforeEach(() => {
  world = demoWorld();
});

/** Reasons of an order in ICD-10: C50 and C34 are findings of one rule, D66 of another one. */
const reasons = (...codes: readonly string[]) => ({
  reasonCode: ['M54.5', ...codes].map((code) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] })),
});

async function overridden(...codes: readonly string[]): Promise<PlanRecord> {
  const { plan, referralId } = await world.order(demoOrder(reasons(...codes)));
  expect(plan.status).toBe('held');
  const { changing, clock } = world;
  const word = { state: 'overridden' as const, by: 'Dr. Ada Beispiel', reason: 'The oncologist agreed by telephone.' };
  const decision = { ruleId: 'malignancy', ...word };
  await decideFinding({ ...changing, now: () => clock.now }, plan.planId, decision, undefined);
  const record = await world.planOf(referralId);
  expect(record.plan.status).toBe('accepted');
  return record;
}

const states = ({ plan }: PlanRecord) => plan.screening.findings.map(({ ruleId, state }) => `${ruleId} ${state}`);

describe('an override of a malignancy', () => {
  test.each([
    ['stays when the order changes elsewhere', ['C50'], 'accepted', ['malignancy overridden']],
    ['is open again with a second one beside it', ['C50', 'C34'], 'held', ['malignancy open']],
    ['is open again when another one stands in its place', ['C34'], 'held', ['malignancy open']],
    [
      'stays beside a new finding of another rule',
      ['C50', 'D66'],
      'held',
      ['bleeding-disorder open', 'malignancy overridden'],
    ],
    ['is gone with it', [], 'accepted', []],
  ])('%s', async (_, codes, status, findings) => {
    const { referralId } = await overridden('C50');
    await world.amend(demoOrder({ ...reasons(...codes), priority: 'urgent' }));
    const record = await world.planOf(referralId);
    expect([record.plan.status, states(record).sort()]).toEqual([status, findings]);
  });

  test('reaches the therapist, who reads the finding with its state', async () => {
    const record = await overridden('C50');
    const { findings } = await briefTherapist({ store: world.store, drafting: world.changing.drafting }, record);
    expect(findings).toEqual([
      expect.objectContaining({ ruleId: 'malignancy', state: 'overridden', sentence: expect.stringMatching(/\w/) }),
    ]);
  });
});
