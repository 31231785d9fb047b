import { beforeEach, describe, expect, test } from 'vitest';
import type { PlanRecord } from '../../src/flows/records.ts';
import { demoOrder, demoWorld } from './demo-world.ts';

let world: ReturnType<typeof demoWorld>;
let first: PlanRecord;
beforeEach(async () => {
  world = demoWorld();
  first = await world.order(demoOrder());
});

const base = demoWorld().sender.baseUrl;
const number = (value: string) => ({ identifier: { system: 'https://demo-hospital.example/sid/referral', value } });
const next = (changes: Record<string, unknown>, value = 'R-2') => world.order(demoOrder(changes, value));
const before = () => world.planOf(first.referralId);
const stateAndReasons = async () => {
  const { plan, reasons } = await before();
  return [plan.status, reasons];
};

describe('a new order that replaces one', () => {
  test('ends it as cancelled before the first session, and both histories say so', async () => {
    const second = await next({ replaces: [number('R-1')] });
    expect([second.plan.status, second.follows]).toEqual([
      'accepted',
      { how: 'replaces', referralId: first.referralId },
    ]);
    expect(await stateAndReasons()).toEqual(['cancelled', ['order-replaced']]);
    expect(world.events(first.plan.planId)).toEqual(['accepted', 'replaced', 'followed-by-replacement']);
    const made = world.store.past.find(({ id }) => id === second.plan.planId);
    expect(made?.detail.follows).toEqual({ how: 'replaces', referralId: first.referralId });
    expect((await world.task(first.referralId)).statusReason?.text).toBe(
      'Another order has taken the place of this one.',
    );
  });

  test('stops it after the first session, with its summary: that is how content changes then', async () => {
    await world.session(first.plan.planId);
    await next({ replaces: [number('R-1')], occurrenceTiming: { repeat: { count: 9 } } });
    expect(await stateAndReasons()).toEqual(['stopped', ['order-replaced']]);
    expect(world.store.deliveries.get(`${first.plan.planId}-summary`)?.state).toBe('pending');
  });

  test('is found by our id too', async () => {
    await next({ replaces: [{ reference: `ServiceRequest/${first.referralId}` }] });
    expect((await stateAndReasons())[0]).toBe('cancelled');
  });

  describe('by its id at the hospital', () => {
    beforeEach(async () => {
      await world.order(demoOrder({ id: '123' }, 'R-20'));
    });
    const stateOf = async (value: string) => {
      const found = await world.store.referralByPlacer('demo-hospital', {
        system: 'https://demo-hospital.example/sid/referral',
        value,
      });
      return (await world.planOf(found?.id ?? '')).plan.status;
    };

    test.each([
      'ServiceRequest/123',
      'ServiceRequest/123/_history/4',
      `${base}/ServiceRequest/123`,
      `${base}/ServiceRequest/123/_history/4`,
    ])('%s is found, although its number is another', async (reference) => {
      const received = await world.receive(demoOrder({ replaces: [{ reference }] }, 'R-21'));
      expect(received.kind === 'created' && received.issues.map(({ code }) => code)).toEqual([]);
      if (received.kind === 'created') await world.plan(received.referral.id);
      expect([await stateOf('R-20'), await stateOf('R-21')]).toEqual(['cancelled', 'accepted']);
    });

    test('is found by that of any version that told one', async () => {
      await world.amend(demoOrder({ priority: 'urgent' }, 'R-20'));
      await next({ replaces: [{ reference: 'ServiceRequest/123' }] }, 'R-21');
      expect(await stateOf('R-20')).toBe('cancelled');
    });

    test('is not looked for at another server, and not guessed where two were sent with it', async () => {
      await next({ replaces: [{ reference: 'https://other.example/fhir/ServiceRequest/123' }] }, 'R-21');
      expect(await stateOf('R-20')).toBe('accepted');
      await world.order(demoOrder({ id: '123' }, 'R-22'));
      await next({ replaces: [{ reference: 'ServiceRequest/123' }] }, 'R-23');
      expect([await stateOf('R-20'), await stateOf('R-22')]).toEqual(['accepted', 'accepted']);
    });
  });

  test.each(['', 'https://tactus.example/fhir/', 'http://behind-a-proxy.example/fhir/'])(
    'is found by our address, however we are called (%s)',
    async (address) => {
      await next({ replaces: [{ reference: `${address}ServiceRequest/${first.referralId}` }] });
      expect((await stateAndReasons())[0]).toBe('cancelled');
    },
  );

  test('is found where it came in the same Bundle or is contained: by the number that it has there', async () => {
    const context = {
      resourceType: 'Bundle',
      type: 'message',
      entry: [{ fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001', resource: demoOrder() }],
    };
    const replaces = [{ reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' }];
    const created = await world.amend(undefined, { resource: demoOrder({ replaces }, 'R-30'), context });
    if (created.kind !== 'created') throw new Error(created.kind);
    expect(created.issues).toEqual([]);
    await world.plan(created.referral.id);
    expect((await stateAndReasons())[0]).toBe('cancelled');
    const contained = [{ ...demoOrder({}, 'R-30'), id: 'before' }];
    await next({ replaces: [{ reference: '#before' }], contained }, 'R-31');
    expect((await world.planOf(created.referral.id)).plan.status).toBe('cancelled');
  });

  describe('that is not here', () => {
    const told = async (changes: Record<string, unknown>) => {
      const received = await world.receive(demoOrder(changes, 'R-40'));
      if (received.kind !== 'created') throw new Error(JSON.stringify(received));
      await world.plan(received.referral.id);
      return received;
    };

    test('is told to the sender with what was looked for, and stands in the history of the plan', async () => {
      const { issues, referral } = await told({
        replaces: [number('R-99'), { reference: 'ServiceRequest/nowhere' }],
        basedOn: [{ reference: 'ServiceRequest/parent' }, { reference: 'CarePlan/1' }, { display: 'the old one' }],
      });
      expect(issues.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
        'warning: ServiceRequest.replaces[0] names no order of yours that is here; looked for by its number. No order was ended by this one.',
        'warning: ServiceRequest.replaces[1] names no order of yours that is here; looked for by our id nowhere, and by your id nowhere. No order was ended by this one.',
        'warning: ServiceRequest.basedOn[0] names no order of yours that is here; looked for by our id parent, and by your id parent. This order is taken as one of its own.',
      ]);
      const { plan } = await world.planOf(referral.id);
      expect(plan.status).toBe('accepted');
      expect(world.store.past.find(({ id }) => id === plan.planId)?.detail.unknownBefore).toEqual([
        'ServiceRequest.replaces[0]',
        'ServiceRequest.replaces[1]',
        'ServiceRequest.basedOn[0]',
      ]);
    });

    test('looks the same when it is of another hospital', async () => {
      const [mine] = world.store.referrals.get(first.referralId) ?? [];
      if (mine === undefined) throw new Error('There is no referral.');
      const resource = { ...mine.resource, id: 'secret' };
      world.store.referrals.set('foreign', [{ ...mine, id: 'foreign', partner: 'other', resource }]);
      const asked = { replaces: [{ reference: 'ServiceRequest/foreign' }, { reference: 'ServiceRequest/secret' }] };
      const seen = (await told(asked)).issues.map(({ message }) => message);
      expect(seen.map((message) => message.replaceAll(/foreign|secret/g, 'nowhere'))).toEqual([
        'ServiceRequest.replaces[0] names no order of yours that is here; looked for by our id nowhere, and by your id nowhere. No order was ended by this one.',
        'ServiceRequest.replaces[1] names no order of yours that is here; looked for by our id nowhere, and by your id nowhere. No order was ended by this one.',
      ]);
    });

    test('is told of a change, too', async () => {
      const amended = await world.amend(demoOrder({ replaces: [number('R-99')] }));
      expect(amended.kind === 'amended' && amended.issues.map(({ code }) => code)).toEqual(['order-before-not-found']);
    });
  });

  test('leaves what has ended as it ended', async () => {
    await world.amend(demoOrder({ status: 'revoked' }));
    await next({ replaces: [number('R-1')] });
    expect(await stateAndReasons()).toEqual(['cancelled', ['order-revoked']]);
    expect(world.events(first.plan.planId).at(-1)).toBe('followed-by-replacement');
  });

  test('ends one whose plan was not made yet', async () => {
    const received = await world.receive(demoOrder({}, 'R-5'));
    if (!('referral' in received)) throw new Error('The order was not received.');
    await next({ replaces: [number('R-5')] }, 'R-6');
    expect((await world.planOf(received.referral.id)).plan.status).toBe('cancelled');
  });

  test('names nothing when it names what is not here, another hospital, or itself', async () => {
    const second = await next({ replaces: [number('R-99'), number('R-2'), { reference: 'ServiceRequest/nowhere' }] });
    expect([second.plan.status, second.follows]).toEqual(['accepted', undefined]);
    expect((await stateAndReasons())[0]).toBe('accepted');
  });

  test('does nothing while it is withdrawn itself', async () => {
    await next({ replaces: [number('R-1')], status: 'active' }, 'R-3');
    const other = await next({}, 'R-4');
    const gone = await world.amend(demoOrder({ replaces: [number('R-4')], status: 'revoked' }, 'R-7'));
    if (gone.kind !== 'created') throw new Error(gone.kind);
    await world.plan(gone.referral.id);
    expect((await world.planOf(other.referralId)).plan.status).toBe('accepted');
  });

  test('ends it once, however often the worker comes', async () => {
    const second = await next({ replaces: [number('R-1')] });
    await world.plan(second.referralId, second.referralId);
    expect(world.events(first.plan.planId)).toEqual(['accepted', 'replaced', 'followed-by-replacement']);
  });

  test('does it again when the process died between the two', async () => {
    const received = await world.receive(demoOrder({ replaces: [number('R-1')] }, 'R-2'));
    if (!('referral' in received)) throw new Error('The order was not received.');
    const { commit } = world.store;
    let commits = 0;
    world.store.commit = (writes) => (++commits === 2 ? Promise.reject(new Error('died')) : commit(writes));
    await expect(world.plan(received.referral.id)).rejects.toThrow('died');
    world.store.commit = commit;
    expect((await stateAndReasons())[0]).toBe('cancelled');
    await world.plan(received.referral.id);
    expect((await world.planOf(received.referral.id)).plan.status).toBe('accepted');
    expect(world.events(first.plan.planId)).toEqual(['accepted', 'replaced', 'followed-by-replacement']);
  });

  test('in a circle comes to an end', async () => {
    await world.receive(demoOrder({ replaces: [number('R-9')] }, 'R-8'));
    const second = await next({ replaces: [number('R-8')] }, 'R-9');
    expect(second.plan.planId).toBeDefined();
  });
});

describe('a new order that extends one', () => {
  test('leaves it as it is: both go on, and both histories say so', async () => {
    await world.session(first.plan.planId);
    const second = await next({ basedOn: [number('R-1')] });
    expect(second.follows).toEqual({ how: 'extends', referralId: first.referralId });
    expect((await stateAndReasons())[0]).toBe('in-progress');
    expect(world.events(first.plan.planId).at(-1)).toBe('followed-by-extension');
    expect([second.plan.status, second.plan.progress.delivered]).toEqual(['accepted', 0]);
  });

  test('does not take a care plan for an order', async () => {
    const second = await next({ basedOn: [{ reference: 'CarePlan/1' }] });
    expect(second.follows).toBeUndefined();
  });
});
