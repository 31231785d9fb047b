import { describe, expect, test } from 'vitest';
import type { Issue } from '../../src/core/fhir/issue.ts';
import { placed } from '../../src/flows/bundle-issues.ts';
import { receiveTogether } from '../../src/flows/receive-bundle.ts';
import type { Writes } from '../../src/flows/store.ts';
import { fakeStore } from './fake-store.ts';

const sender = {
  id: 'demo',
  profile: 'p',
  identifierSystems: { placer: [] },
  baseUrl: 'https://placer.example/fhir',
};
const order = (value: string, more: object = {}) => ({
  resource: { resourceType: 'ServiceRequest', identifier: [{ system: 's', value }], ...more },
  expression: `Bundle.entry[${value}].resource`,
});

/** The flow on a store of the test's choice; every resource conforms. */
function take(orders: readonly ReturnType<typeof order>[], store = fakeStore(), faults: readonly Issue[] = []) {
  let ids = 0;
  const world = {
    store,
    validator: { accepts: () => true, validate: () => [] },
    planFaults: () => faults,
    amend: () => Promise.reject(new Error('Nothing is new here.')),
    hash: (data: string | Uint8Array) => Buffer.from(data).toString('base64'),
    newId: () => `id-${++ids}-${store.referrals.size}`,
    now: () => '2026-11-26T10:00:00.000Z',
  };
  const bundle = { resourceType: 'Bundle', entry: orders };
  const incoming = {
    sender,
    bytes: new Uint8Array([1]),
    bundle,
    orders,
    correlationId: 'c-1',
    locate: () => undefined,
  };
  return { store, result: receiveTogether(world, incoming) };
}

describe('orders of one Bundle', () => {
  test('are written in one commit, each with the whole Bundle as its context and proof', async () => {
    const store = fakeStore();
    const commits: Writes[] = [];
    const commit = store.commit;
    store.commit = (writes) => {
      commits.push(writes);
      return commit(writes);
    };
    await take([order('1'), order('2')], store).result;
    expect(commits).toHaveLength(1);
    const kept = [...store.referrals.values()].flat();
    expect(kept.map(({ context }) => (context as { resourceType: string }).resourceType)).toEqual(['Bundle', 'Bundle']);
    expect(kept.map(({ bytes }) => [...bytes])).toEqual([[1], [1]]);
    expect(kept.map(({ correlationId }) => correlationId)).toEqual(['c-1', 'c-1']);
  });

  test('of which one came meanwhile by another way are read again, and the others still come in', async () => {
    const store = fakeStore();
    const commit = store.commit;
    store.commit = async (writes) => {
      store.commit = commit;
      // Somebody is first with the same order.
      await take([order('1')], store).result;
      return commit(writes);
    };
    const result = await take([order('1'), order('2')], store).result;
    expect(result).toMatchObject({ kind: 'taken', orders: [{ kind: 'existing' }, { kind: 'created' }] });
    expect(store.referrals.size).toBe(2);
  });

  test('of which one is another order under a number that is here are all refused', async () => {
    const store = fakeStore();
    await take([order('1')], store).result;
    const result = await take([order('2'), order('1', { status: 'active' })], store).result;
    expect(result).toMatchObject({ kind: 'refused', status: 409 });
    expect(store.referrals.size).toBe(1);
  });

  test('of which no plan can be made are refused', async () => {
    const issue: Issue = {
      severity: 'error',
      code: 'x',
      type: 'required',
      expression: 'TreatmentPlan.patient',
      message: '',
    };
    const { store, result } = take([order('1')], fakeStore(), [issue]);
    expect(await result).toMatchObject({ kind: 'refused', status: 422, issues: [issue] });
    expect(store.outbox).toEqual([]);
  });
});

test.each([
  ['ServiceRequest.code', 'Bundle.entry[0].resource.code'],
  ['ServiceRequest', 'Bundle.entry[0].resource'],
  ['', 'Bundle.entry[0].resource'],
  ['TreatmentPlan.patient', 'TreatmentPlan.patient'],
])('an issue at %s is told at %s', (expression, told) => {
  const issue: Issue = { severity: 'error', code: 'x', type: 'value', expression, message: '' };
  expect(placed(issue, { expression: 'Bundle.entry[0].resource' }, () => ({ line: 1, column: 2 }))).toMatchObject({
    expression: told,
    line: 1,
  });
});
