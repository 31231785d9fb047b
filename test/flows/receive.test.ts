import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Issue } from '../../src/core/fhir/issue.ts';
import type { Validator } from '../../src/core/validate/validator.ts';
import { type IncomingReferral, type ReceiveWorld, receiveReferral } from '../../src/flows/receive.ts';
import type { NewReferral } from '../../src/flows/records.ts';
import { fakeStore } from './fake-store.ts';

/** What conforms is not the subject here: everything does, unless a test says otherwise. */
let faults: { readonly base: readonly Issue[]; readonly profile: readonly Issue[] };
const validator: Validator = {
  validate: (_, request) => (request?.profiles === undefined ? faults.base : [...faults.base, ...faults.profile]),
  accepts: (_, profiles) => (profiles === undefined ? faults.base : [...faults.base, ...faults.profile]).length === 0,
};
const fault = (code: string): Issue => ({
  severity: 'error',
  code,
  type: 'required',
  expression: 'ServiceRequest.code',
  message: 'No.',
});

let store: ReturnType<typeof fakeStore>;
let world: ReceiveWorld;
beforeEach(() => {
  faults = { base: [], profile: [] };
  store = fakeStore();
  let ids = 0;
  world = {
    store,
    validator,
    planFaults: () => [],
    hash: (data) => createHash('sha256').update(data).digest('hex'),
    newId: () => `referral-${++ids}`,
    now: () => '2026-11-26T10:00:00.000Z',
  };
});

const sender = {
  id: 'demo',
  baseUrl: 'https://demo.example/fhir',
  profile: 'urn:profile',
  identifierSystems: { placer: [] },
};

function incoming(content: object, more: Partial<IncomingReferral> = {}): IncomingReferral {
  const resource = { resourceType: 'ServiceRequest', identifier: [{ system: 'urn:a', value: '1' }], ...content };
  const text = JSON.stringify(resource);
  return { sender, text, bytes: new TextEncoder().encode(text), correlationId: null, ...more };
}

const receive = (content: object, more?: Partial<IncomingReferral>) => receiveReferral(world, incoming(content, more));

/** What an amendment does: the referral gets its next version. */
async function amend(content: object): Promise<void> {
  const before = [...store.referrals.values()][0]?.at(-1) as NewReferral;
  await receiveInto({ ...before, version: before.version + 1 }, content);
}
async function receiveInto(record: NewReferral, content: object): Promise<void> {
  const other = fakeStore();
  await receiveReferral({ ...world, store: other }, incoming(content));
  const made = [...other.referrals.values()][0]?.[0] as NewReferral;
  const { resource, contentHash, bytesHash, bytes } = made;
  await store.commit({
    referral: { record: { ...record, resource, contentHash, bytesHash, bytes }, expect: record.version - 1 },
    history: [],
    outbox: [],
  });
}

describe('a referral that comes again', () => {
  test('as it was before it was amended is no news: the newer version stays', async () => {
    await receive({ priority: 'routine' });
    await amend({ priority: 'urgent' });
    await amend({ priority: 'stat' });
    for (const priority of ['routine', 'urgent', 'stat']) {
      const again = await receive({ priority });
      expect(again).toMatchObject({ kind: 'existing', referral: { version: 3, resource: { priority: 'stat' } } });
    }
    expect(store.outbox).toHaveLength(1);
  });

  test('as it never was is a conflict with its present version', async () => {
    await receive({ priority: 'routine' });
    await amend({ priority: 'urgent' });
    const other = await receive({ priority: 'asap' });
    expect(other).toMatchObject({ kind: 'conflict', issues: [{ expression: 'ServiceRequest.priority' }] });
    expect(other.kind === 'conflict' && other.issues[0]?.message).toContain('ServiceRequest/referral-1, version 2');
  });
});

describe('a referral that is refused', () => {
  test('is told 400 when it is no valid R4, and 422 when only the profile is broken', async () => {
    faults = { base: [fault('base')], profile: [fault('profile')] };
    expect(await receive({})).toMatchObject({
      kind: 'refused',
      status: 400,
      issues: [{ code: 'base' }, { code: 'profile' }],
    });
    faults = { base: [], profile: [fault('profile')] };
    expect(await receive({})).toMatchObject({ kind: 'refused', status: 422, issues: [{ code: 'profile' }] });
    expect(store.referrals.size).toBe(0);
  });

  test('is told all rules that it breaks at once', async () => {
    const result = await receive({
      identifier: [],
      doNotPerform: true,
      implicitRules: 'urn:rules',
      contained: [{ resourceType: 'Patient', modifierExtension: [{ url: 'urn:x' }] }],
    });
    expect(result.kind === 'refused' && result.issues.map(({ code, expression }) => [code, expression])).toEqual([
      ['implicit-rules', 'ServiceRequest.implicitRules'],
      ['do-not-perform', 'ServiceRequest.doNotPerform'],
      ['modifier-extension', 'ServiceRequest.contained[0].modifierExtension[0]'],
      ['placer-missing', 'ServiceRequest.identifier'],
    ]);
  });

  test('with elements of FHIR R5 is told so beside its faults', async () => {
    faults = { base: [fault('unknown-property')], profile: [] };
    const result = await receive({ code: { concept: {} } });
    expect(result.kind === 'refused' && result.issues.map(({ code }) => code)).toEqual([
      'unknown-property',
      'newer-release',
    ]);
  });
});

test('The commit carries everything or nothing: proof, history and work', async () => {
  const commits: Parameters<ReceiveWorld['store']['commit']>[0][] = [];
  const watched: ReceiveWorld['store'] = {
    ...store,
    commit: (writes) => {
      commits.push(writes);
      return store.commit(writes);
    },
  };
  await receiveReferral({ ...world, store: watched }, incoming({ priority: 'stat' }, { correlationId: 'c-1' }));
  expect(commits).toHaveLength(1);
  expect(commits[0]).toMatchObject({
    referral: { expect: 0, record: { id: 'referral-1', version: 1, correlationId: 'c-1' } },
    history: [{ about: 'referral', event: 'received', by: 'demo' }],
    outbox: [{ queue: 'intake', subject: 'referral-1', priority: 0 }],
  });
});

test('A store that is away is not answered for: the error goes on, and nothing is said to be accepted', async () => {
  store.broken = new Error('away');
  await expect(receive({})).rejects.toThrow('away');
});
