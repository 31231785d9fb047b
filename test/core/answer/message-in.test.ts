import type { OperationOutcome } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { messageDefinitions } from '../../../src/core/answer/message-definition.ts';
import { messageEvents } from '../../../src/core/answer/message-events.ts';
import { readMessage } from '../../../src/core/answer/message-in.ts';
import { type ResponseCode, responseMessage } from '../../../src/core/answer/message-response.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';

const own = 'https://tactus.example/fhir/CodeSystem/massage-message-event';
const order = { resourceType: 'ServiceRequest', status: 'active' };

function message(header: object, ...resources: readonly object[]) {
  const first = {
    resourceType: 'MessageHeader',
    id: 'm-1',
    eventCoding: { system: own, code: 'referral-new' },
    ...header,
  };
  return {
    resourceType: 'Bundle',
    type: 'message',
    entry: [
      { fullUrl: 'urn:uuid:h', resource: first },
      ...resources.map((resource, at) => ({ fullUrl: `urn:uuid:${at}`, resource })),
    ],
  };
}

const read = (...given: Parameters<typeof message>) => readMessage(message(...given));

describe('what a message is about', () => {
  test.each<[string, object, object[], number[], number[]]>([
    ['the order in focus', { focus: [{ reference: 'urn:uuid:1' }] }, [order, order], [2], [1]],
    [
      'both orders in focus',
      { focus: [{ reference: 'urn:uuid:0' }, { reference: 'urn:uuid:1' }] },
      [order, order],
      [1, 2],
      [],
    ],
    [
      'the order of the Task in focus',
      { focus: [{ reference: 'urn:uuid:0' }] },
      [{ resourceType: 'Task', focus: { reference: 'urn:uuid:1' } }, order],
      [2],
      [],
    ],
    [
      'the order of the Claim in focus',
      { focus: [{ reference: 'urn:uuid:0' }] },
      [{ resourceType: 'Claim', referral: { reference: 'urn:uuid:2' } }, order, order],
      [3],
      [2],
    ],
    ['its only order', {}, [order], [1], []],
    ['nothing, of two orders', {}, [order, order], [], [1, 2]],
    [
      'an order by type and id',
      { focus: [{ reference: 'ServiceRequest/5' }] },
      [order, { ...order, id: '5' }],
      [2],
      [1],
    ],
  ])('is %s', (_, header, resources, orders, prior) => {
    expect(read(header, ...resources)).toMatchObject({ ok: true, message: { orders, prior } });
  });

  test('is known by the UUID of its fullUrl when its header has no id', () => {
    const uuid = '00000000-0000-4000-8000-000000000001';
    const sent = message({ id: undefined }, order);
    const [first, ...rest] = sent.entry;
    const found = readMessage({ ...sent, entry: [{ ...first, fullUrl: `urn:uuid:${uuid}` }, ...rest] });
    expect(found).toMatchObject({ ok: true, message: { id: uuid } });
    expect(readMessage(sent).ok).toBe(false);
  });
});

describe('what a message is for', () => {
  const bars = { system: 'https://fhir.nhs.uk/CodeSystem/message-events-bars', code: 'servicerequest-request' };
  const reason = (code: string) => ({ reason: { coding: [{ code }] }, focus: [{ reference: 'urn:uuid:0' }] });

  test.each<[string, object, object, string]>([
    ['a header with a response', { response: { identifier: 'x', code: 'ok' } }, order, 'response'],
    ['BaRS, new', { eventCoding: bars, ...reason('new') }, order, 'new'],
    ['BaRS, update', { eventCoding: bars, ...reason('update') }, order, 'update'],
    ['BaRS, no reason', { eventCoding: bars }, order, 'new'],
    ['BaRS, revoked', { eventCoding: bars, ...reason('update') }, { ...order, status: 'revoked' }, 'cancel'],
    [
      'BaRS, entered in error',
      { eventCoding: bars, ...reason('new') },
      { ...order, status: 'entered-in-error' },
      'cancel',
    ],
  ])('%s', (_, header, resource, purpose) => {
    expect(read(header, resource)).toMatchObject({ ok: true, message: { purpose } });
  });

  test.each(messageEvents.filter(({ purpose }) => purpose !== 'by-reason'))(
    '$system#$code',
    ({ system, code, purpose }) => {
      expect(read({ eventCoding: { system, code } }, order)).toMatchObject({ ok: true, message: { purpose } });
    },
  );

  test.each([
    [{ eventCoding: { system: own, code: 'other' } }],
    [{ eventCoding: { system: 'urn:other', code: 'I12' } }],
    [{ eventCoding: undefined, eventUri: 'urn:x' }],
  ])('%j is not known, and the sentence names what is', (header) => {
    const found = read(header, order);
    expect(found).toMatchObject({ ok: false, status: 422, issues: [{ code: 'message-event', type: 'not-supported' }] });
    expect(found.ok ? '' : found.issues[0]?.message).toContain(`${own}#referral-new`);
  });

  test('an event that could carry text into our sentence is not repeated', () => {
    const found = read({ eventCoding: { system: own, code: 'Maxi Muster, born 1970' } }, order);
    expect(found.ok ? '' : found.issues[0]?.message).not.toContain('Muster');
  });
});

describe('what we say is R4', () => {
  const validator = createValidator(loadDefinitions());
  const faults = (resource: unknown) =>
    validator.validate(resource).filter(({ severity }) => severity === 'error' || severity === 'fatal');

  test.each(messageDefinitions('https://tactus.example/fhir'))('$id', (definition) => {
    expect(faults(definition)).toEqual([]);
  });

  test.each<[ResponseCode, OperationOutcome | undefined]>([
    ['ok', undefined],
    ['fatal-error', { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'value' }] }],
  ])('an answer with the code %s', (code, outcome) => {
    const answer = responseMessage({
      inResponseTo: 'm-1',
      code,
      tasks: code === 'ok' ? [{ resourceType: 'Task', id: 't-1', status: 'received', intent: 'order' }] : [],
      ...(outcome === undefined ? {} : { outcome }),
      messageId: '00000000-0000-4000-8000-000000000001',
      destination: 'https://placer.example/messages',
      source: 'https://tactus.example/fhir',
      now: '2026-11-26T10:00:00.000Z',
    });
    expect(faults(answer)).toEqual([]);
  });
});
