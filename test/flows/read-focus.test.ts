import { describe, expect, test } from 'vitest';
import type { EhrRequest, EhrResponse } from '../../src/flows/ehr.ts';
import { orderInFocus, referralOfTask } from '../../src/flows/read-focus.ts';
import { fakeStore } from './fake-store.ts';

const sender = {
  id: 'demo',
  profile: 'p',
  identifierSystems: { placer: [] },
  baseUrl: 'https://placer.example/fhir',
};

function world(answer: EhrResponse) {
  const asked: EhrRequest[] = [];
  const call = async (request: EhrRequest) => {
    asked.push(request);
    return answer;
  };
  return { asked, store: fakeStore(), call, base: 'https://tactus.example/fhir', planNumberSystem: 'urn:plan' };
}

const about = (reference: string) => ({ resourceType: 'Task', focus: { reference } });
const order = { resourceType: 'ServiceRequest', id: '7' };
const answered = (status: number, body: unknown): EhrResponse => ({ kind: 'answered', status, headers: {}, body });

describe('an order that is read at the placer', () => {
  test('is asked for at its partner by one GET that carries the journey', async () => {
    const { asked, ...rest } = world(answered(200, order));
    expect(await orderInFocus(rest, sender, about('ServiceRequest/7'), 'c-1')).toMatchObject({
      kind: 'sent',
      resource: order,
      fullUrl: 'https://placer.example/fhir/ServiceRequest/7',
    });
    expect(asked).toEqual([{ partner: 'demo', method: 'GET', path: 'ServiceRequest/7', correlationId: 'c-1' }]);
  });

  test.each(['timeout', 'connection', 'too-large', 'redirect', 'not-json'] as const)(
    'cannot be read (%s): the sender may try again',
    async (reason) => {
      const found = await orderInFocus(world({ kind: 'broken', reason }), sender, about('ServiceRequest/7'), null);
      expect(found).toMatchObject({ kind: 'refused', issues: [{ code: 'focus-unreadable', type: 'transient' }] });
    },
  );

  test.each([
    [404, undefined],
    [403, { resourceType: 'OperationOutcome' }],
    [500, undefined],
    [200, { ...order, id: '8' }],
    [200, [order]],
    [200, null],
  ])('is not there (HTTP %i, %j)', async (status, body) => {
    const found = await orderInFocus(world(answered(status, body)), sender, about('ServiceRequest/7'), null);
    expect(found).toMatchObject({ kind: 'refused', issues: [{ code: 'focus-not-found' }] });
  });
});

test('a Task at the placer that leads to another Task, and so to no order, is refused after one reading', async () => {
  const { asked, ...rest } = world(answered(200, { resourceType: 'Task', id: '5', focus: { reference: 'Task/5' } }));
  const found = await referralOfTask(rest, sender, { reference: 'Task/5' }, null);
  expect(found.kind).toBe('refused');
  expect(asked).toHaveLength(1);
});
