import { beforeEach, describe, expect, test } from 'vitest';
import { demoOrder, demoWorld } from './demo-world.ts';

/** https://hl7.org/fhir/R4/valueset-request-intent.html: the intake profile takes each, the partner's policy decides. */
let world: ReturnType<typeof demoWorld>;
beforeEach(() => {
  world = demoWorld();
});

describe('by the policy of the demonstration hospital', () => {
  test.each([
    ['order', 'accepted', []],
    ['original-order', 'accepted', []],
    ['plan', 'held', ['intent-not-order']],
    ['proposal', 'held', ['intent-not-order']],
    ['directive', 'rejected', ['intent-not-order']],
    ['reflex-order', 'rejected', ['intent-not-order']],
    ['filler-order', 'rejected', ['intent-not-order']],
    ['instance-order', 'rejected', ['intent-not-order']],
    ['option', 'rejected', ['intent-not-order']],
  ])('a referral with intent %s is taken in and %s', async (intent, status, reasons) => {
    const received = await world.receive(demoOrder({ intent }));
    expect([received.kind, received.issues]).toEqual(['created', []]);
    const record = await world.order(demoOrder({ intent }));
    expect([record.plan.status, record.reasons]).toEqual([status, reasons]);
  });

  test('its Task tells the prescriber what to do', async () => {
    const { referralId } = await world.order(demoOrder({ intent: 'reflex-order' }));
    expect(await world.task(referralId)).toMatchObject({
      status: 'rejected',
      statusReason: {
        coding: [{ code: 'intent-not-order' }],
        text: 'The request is not meant as an order (intent order or original-order); please send it as one.',
      },
    });
  });

  test('a plan that is then sent as an order is accepted', async () => {
    const { referralId } = await world.order(demoOrder({ intent: 'plan' }));
    await world.amend(demoOrder());
    const { plan, reasons } = await world.planOf(referralId);
    expect([plan.status, reasons]).toEqual(['accepted', []]);
  });
});

test.each([
  ['an intent that R4 does not have', { intent: 'wish' }, 400, 'ServiceRequest.intent'],
  ['no intent', { intent: undefined }, 400, 'ServiceRequest'],
  ['an order not to massage', { doNotPerform: true }, 422, 'ServiceRequest'],
  ['a draft', { status: 'draft' }, 422, 'ServiceRequest'],
])('%s is refused, and nothing is kept', async (_, changes, status, expression) => {
  const received = await world.receive(demoOrder(changes));
  expect(received).toMatchObject({ kind: 'refused', status });
  expect(received.issues.map((issue) => issue.expression)).toContain(expression);
  expect(world.store.referrals.size).toBe(0);
});
