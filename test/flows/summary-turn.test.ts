import { beforeEach, expect, test } from 'vitest';
import { turnOfSummary } from '../../src/flows/summary-turn.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
let planId: string;
beforeEach(async () => {
  world = demoWorld();
  ({ planId } = (await world.order(demoOrder())).plan);
  for (const seq of [1, 2, 3, 4, 5, 6]) await world.session(planId, { seq });
});

const turn = (attempts: number, id = `${planId}-summary`) => {
  const delivery = world.store.deliveries.get(id);
  if (delivery === undefined) throw new Error(`There is no delivery ${id}.`);
  return turnOfSummary({ store: world.store, now: () => '2026-12-10T08:00:00.000Z' }, { ...delivery, attempts });
};
const arrive = (count: number) => {
  const outcomes = [...world.store.deliveries.values()].filter(({ kind }) => kind === 'outcome');
  for (const one of outcomes.slice(0, count)) world.store.deliveries.set(one.id, { ...one, state: 'sent' });
};

test('a summary lets the outcomes of its course go before it', async () => {
  arrive(5);
  expect(await turn(1)).toBe('2026-12-10T08:00:02.000Z');
  arrive(6);
  expect(await turn(1)).toBeUndefined();
});

test('but not for ever: the third time it waits, the fourth it goes', async () => {
  expect(await turn(3)).toBe('2026-12-10T08:00:02.000Z');
  expect(await turn(4)).toBeUndefined();
});

test('an outcome that waits for a person is not waited for, and outcomes wait for nothing', async () => {
  for (const one of world.store.deliveries.values()) {
    if (one.kind === 'outcome') world.store.deliveries.set(one.id, { ...one, state: 'waiting' });
  }
  expect(await turn(1)).toBeUndefined();
  arrive(0);
  const [outcome] = [...world.store.deliveries.values()].filter(({ kind }) => kind === 'outcome');
  expect(await turn(1, outcome?.id)).toBeUndefined();
});
