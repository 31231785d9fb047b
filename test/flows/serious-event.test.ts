import { expect, test } from 'vitest';
import { packsOf, relayDefaults } from '../../src/flows/relay.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

const event = {
  code: 'dizziness',
  severity: 'severe',
  onset: 'during',
  action: 'Called the emergency service.',
  resolved: false,
} as const;

test('the outcome of a session with a serious adverse event goes first, in a pack of its own', async () => {
  const world = demoWorld();
  for (let number = 0; number < 3; number++) {
    const { plan } = await world.order(demoOrder({}, `R-${number}`));
    const items = number === 2 ? [{ ...event, serious: true }] : [];
    const recorded = await world.session(plan.planId, { adverseEvents: { assessed: true, items } });
    expect(recorded.kind, JSON.stringify(recorded)).toBe('done');
  }
  const outcomes = [...world.store.deliveries.values()].filter(({ kind }) => kind === 'outcome');
  expect(outcomes.map(({ priority }) => priority)).toEqual([10, 10, 0]);
  const rows = world.store.outbox.filter(({ queue }) => queue === 'delivery');
  const [first, ...rest] = packsOf('delivery', rows, relayDefaults);
  expect(first).toEqual({ ids: [outcomes[2]?.id], priority: 0 });
  expect(rest.every(({ priority }) => priority === 10)).toBe(true);
  expect(rest.flatMap(({ ids }) => ids)).not.toContain(outcomes[2]?.id);
});
