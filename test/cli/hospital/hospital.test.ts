import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseFault, readMisbehaviour, seededDice, wellBehaved } from '../../../src/cli/hospital/misbehaviour.ts';
import { type SimulatedHospital, startHospital } from '../../../src/cli/hospital/server.ts';

let hospital: SimulatedHospital;
beforeEach(async () => {
  hospital = await startHospital({ port: 0 });
});
afterEach(() => hospital.close());

const procedureUrl = 'urn:uuid:8d1c2c39-2f6b-4c1e-a7d5-0d7a52e2a111';
const bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: procedureUrl,
      resource: {
        resourceType: 'Procedure',
        status: 'completed',
        subject: { reference: 'Patient/1' },
        identifier: [{ system: 'urn:s', value: 'S-1' }],
      },
      request: { method: 'POST', url: 'Procedure', ifNoneExist: 'identifier=urn:s|S-1' },
    },
    {
      resource: {
        resourceType: 'Task',
        status: 'in-progress',
        intent: 'order',
        identifier: [{ system: 'urn:t', value: 'T-1' }],
        output: [{ type: { text: 'session' }, valueReference: { reference: procedureUrl } }],
      },
      request: { method: 'PUT', url: 'Task?identifier=urn:t|T-1' },
    },
  ],
};

async function send(): Promise<Response> {
  return fetch(hospital.baseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(bundle),
  });
}

async function count(type: string, identifier: string): Promise<number> {
  const found = await fetch(`${hospital.baseUrl}/${type}?identifier=${identifier}`);
  return ((await found.json()) as { total: number }).total;
}

describe('the simulated hospital', () => {
  it('takes a transaction once, however often it is sent', async () => {
    const first = (await (await send()).json()) as { entry: { response: { status: string } }[] };
    const second = (await (await send()).json()) as typeof first;
    expect(first.entry.map(({ response }) => response.status)).toEqual(['201', '201']);
    expect(second.entry.map(({ response }) => response.status)).toEqual(['200', '200']);
    expect([await count('Procedure', 'urn:s|S-1'), await count('Task', 'urn:t|T-1')]).toEqual([1, 1]);
  });

  it('makes one of twenty transactions that come at once', async () => {
    await Promise.all(Array.from({ length: 20 }, send));
    expect(await count('Procedure', 'urn:s|S-1')).toBe(1);
  });

  it('points the Task to the Procedure of the same transaction', async () => {
    await send();
    const found = await fetch(`${hospital.baseUrl}/Task?identifier=urn:t|T-1`);
    expect(JSON.stringify(await found.json())).toMatch(/"valueReference":\{"reference":"Procedure\/[\w-]+"\}/);
  });

  it('finds nothing under an identifier that nobody has', async () => {
    await send();
    expect(await count('Procedure', 'urn:s|S-2')).toBe(0);
  });

  it('can be down, and then has done nothing', async () => {
    hospital.misbehave({ ...wellBehaved, unavailable: 1, retryAfterSeconds: 7 });
    const answer = await send();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
    hospital.misbehave(wellBehaved);
    expect(await count('Procedure', 'urn:s|S-1')).toBe(0);
  });

  it('can drop the connection after it has done the work', async () => {
    hospital.misbehave({ ...wellBehaved, dropAfterAccept: 1 });
    await expect(send()).rejects.toThrow();
    hospital.misbehave(wellBehaved);
    expect(await count('Procedure', 'urn:s|S-1')).toBe(1);
  });

  it('is told over HTTP how to misbehave, and says what it does not know', async () => {
    const door = hospital.baseUrl.replace('/fhir', '/misbehave');
    const tell = (body: object) =>
      fetch(door, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    expect((await tell({ refuse: 1 })).status).toBe(200);
    expect((await send()).status).toBe(422);
    expect((await tell({ explode: 1 })).status).toBe(400);
    expect((await tell({ refuse: -1 })).status).toBe(400);
  });
});

describe('the dice of misbehaviour', () => {
  it('fall the same way for the same seed', () => {
    const roll = (seed: number) => Array.from({ length: 5 }, seededDice(seed));
    expect(roll(7)).toEqual(roll(7));
    expect(roll(7)).not.toEqual(roll(8));
  });

  it('choose each fault in its own part of the range', () => {
    const how = { ...wellBehaved, unavailable: 0.1, dropAfterAccept: 0.1 };
    expect([0, 0.099, 0.1, 0.199, 0.2, 0.99].map((dice) => chooseFault(how, dice))).toEqual([
      'unavailable',
      'unavailable',
      'drop-after-accept',
      'drop-after-accept',
      'none',
      'none',
    ]);
  });

  it('are told in JSON objects only', () => {
    expect(readMisbehaviour([])).toBeTypeOf('string');
    expect(readMisbehaviour({ refuse: 1.1 })).toBe('refuse is 1.1; a probability is a number from 0 to 1.');
    expect(readMisbehaviour({ refuse: 1 })).toEqual({ ...wellBehaved, refuse: 1 });
    expect(readMisbehaviour({ slowMilliseconds: 5 })).toEqual({ ...wellBehaved, slowMilliseconds: 5 });
  });
});
