import { beforeEach, describe, expect, it } from 'vitest';
import type { EhrResponse } from '../../src/flows/ehr.ts';
import { type Admission, type Gate, openGate } from '../../src/flows/gate.ts';

/** Patience ends when the test says so. */
let patience: PromiseWithResolvers<void>;
let failures: unknown[];
let changes: string[];
let gate: Gate;
beforeEach(() => {
  patience = Promise.withResolvers();
  failures = [];
  changes = [];
  gate = openGate(
    {
      wait: () => patience.promise,
      changed: (partner, isHanging) => changes.push(`${partner} ${isHanging ? 'hangs' : 'answers'}`),
      failed: (error) => failures.push(error),
    },
    { patienceMilliseconds: 1, slowLimit: 2, timeoutLimit: 3 },
  );
});

function go(partner = 'north', isUrgent = false): Extract<Admission, { kind: 'go' }> {
  const admission = gate.admit(partner, isUrgent);
  if (admission.kind !== 'go') throw new Error(`${partner} is ${admission.kind}`);
  return admission;
}

/** Work that goes on after its pack has left it. */
async function slow(partner = 'north') {
  const work = Promise.withResolvers<void>();
  const left = go(partner).run(() => work.promise);
  patience.resolve();
  await left;
  patience = Promise.withResolvers();
  return {
    end: async (error?: Error) => {
      if (error) work.reject(error);
      else work.resolve();
      await work.promise.catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

async function hears(partner: string, ...responses: readonly ('timeout' | 'connection' | number)[]): Promise<void> {
  for (const one of responses) {
    const heard: EhrResponse =
      typeof one === 'number'
        ? { kind: 'answered', status: one, headers: {}, body: undefined }
        : { kind: 'broken', reason: one };
    expect(await gate.watch(async () => heard)({ partner, method: 'GET', path: '' })).toBe(heard);
  }
}

describe('work for a hospital', () => {
  it('is waited for while it is quick, and its failure is the failure of its pack', async () => {
    let isDone = false;
    await go().run(async () => {
      await Promise.resolve();
      isDone = true;
    });
    expect(isDone).toBe(true);
    await expect(go().run(() => Promise.reject(new Error('the store is away')))).rejects.toThrow('the store is away');
    expect(failures).toEqual([]);
  });

  it('goes on alone when it is slow, and a late failure is told', async () => {
    const one = await slow();
    await one.end(new Error('the store is away'));
    expect(failures).toEqual([new Error('the store is away')]);
  });

  it('is not begun while two pieces of it are slow, unless it is urgent; other hospitals do not notice', async () => {
    const one = await slow();
    expect(gate.admit('north', false).kind).toBe('go');
    const other = await slow();
    expect(gate.admit('north', false).kind).toBe('busy');
    expect(gate.admit('north', true).kind).toBe('go');
    expect(gate.admit('south', false).kind).toBe('go');
    await one.end();
    expect(gate.admit('north', false).kind).toBe('go');
    await other.end();
  });

  it('that is quick never counts as slow, however much of it there is', async () => {
    const works = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
    const all = works.map((work) => go().run(() => work.promise));
    for (const work of works) work.resolve();
    await Promise.all(all);
    patience.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.admit('north', false).kind).toBe('go');
  });
});

describe('a hospital that does not answer', () => {
  it('is asked by everybody after two timeouts, and by one at a time after three', async () => {
    await hears('north', 'timeout', 'timeout');
    expect([gate.admit('north', false).kind, gate.admit('north', false).kind]).toEqual(['go', 'go']);
    await hears('north', 'timeout');
    expect([gate.admit('north', false).kind, gate.admit('north', true).kind]).toEqual(['go', 'hanging']);
    expect(gate.admit('south', false).kind).toBe('go');
    expect(changes).toEqual(['north hangs']);
  });

  it('is asked by the next one when the one before has ended, however it ended', async () => {
    await hears('north', 'timeout', 'timeout', 'timeout');
    await go().run(() => hears('north', 'timeout'));
    await go()
      .run(() => Promise.reject(new Error('away')))
      .catch(() => {});
    const probe = await slow();
    expect(gate.admit('north', false).kind).toBe('hanging');
    await probe.end();
    expect(gate.admit('north', false).kind).toBe('go');
    expect(changes).toEqual(['north hangs']);
  });

  it.each([[200], [503], ['connection']] as const)('is asked by everybody again after it said %s', async (said) => {
    await hears('north', 'timeout', 'timeout', 'timeout');
    await go().run(() => hears('north', said));
    expect([gate.admit('north', false).kind, gate.admit('north', false).kind]).toEqual(['go', 'go']);
    expect(changes).toEqual(['north hangs', 'north answers']);
  });

  it('does not hang for timeouts with answers in between', async () => {
    await hears('north', 'timeout', 'timeout', 200, 'timeout', 'timeout');
    expect([gate.admit('north', false).kind, gate.admit('north', false).kind]).toEqual(['go', 'go']);
    expect(changes).toEqual([]);
  });
});
