import { describe, expect, it } from 'vitest';
import { fromLocation, type Heard, judge, readTransactionResponse } from '../../../src/core/delivery/answer.ts';

const now = Date.parse('2026-11-26T09:00:00Z');

function heard(status: number, body?: unknown, headers: Record<string, string> = {}): Heard {
  return { kind: 'answered', status, headers, body };
}

function outcome(severity: string, code: string, text = 'Eve Example was born in 1970'): unknown {
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, details: { text }, diagnostics: text }] };
}

describe("what a hospital's answer means", () => {
  it.each([
    [200, 'taken'],
    [201, 'taken'],
    [202, 'taken'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [405, 'refused'],
    [408, 'again'],
    [409, 'refused'],
    [410, 'refused'],
    [412, 'refused'],
    [415, 'refused'],
    [422, 'refused'],
    [425, 'again'],
    [429, 'again'],
    [500, 'again'],
    [501, 'refused'],
    [502, 'again'],
    [503, 'again'],
    [504, 'again'],
  ])('HTTP %i is %s', (status, kind) => {
    expect(judge(heard(status), now).kind).toBe(kind);
  });

  it.each([
    ['timeout', 'again'],
    ['connection', 'again'],
    ['too-large', 'again'],
    ['redirect', 'refused'],
    ['not-json', 'refused'],
  ] as const)('a call that ended with %s is %s', (reason, kind) => {
    expect(judge({ kind: 'broken', reason }, now).kind).toBe(kind);
  });

  it('a 4xx whose OperationOutcome says transient is tried again', () => {
    expect(judge(heard(409, outcome('error', 'lock-error')), now).kind).toBe('again');
    expect(judge(heard(409, outcome('error', 'conflict')), now).kind).toBe('refused');
  });

  it('a 200 with an OperationOutcome of errors is no success', () => {
    expect(judge(heard(200, outcome('error', 'business-rule')), now).kind).toBe('refused');
    expect(judge(heard(200, outcome('warning', 'business-rule')), now).kind).toBe('taken');
  });

  it('Retry-After is read in seconds and as a date', () => {
    const asked = judge(heard(503, undefined, { 'retry-after': '7' }), now);
    expect(asked).toMatchObject({ kind: 'again', retryAfterSeconds: 7 });
    const dated = judge(heard(429, undefined, { 'retry-after': 'Thu, 26 Nov 2026 09:00:09 GMT' }), now);
    expect(dated).toMatchObject({ kind: 'again', retryAfterSeconds: 9 });
  });

  it("repeats nothing of the hospital's free text, which may hold what we sent", () => {
    expect(JSON.stringify(judge(heard(422, outcome('error', 'invariant')), now))).not.toContain('Eve');
  });
});

describe('a transaction-response', () => {
  const entry = { response: { status: '201 Created', location: 'Procedure/17/_history/1' } };

  it('tells status, type and id of every entry', () => {
    const body = { resourceType: 'Bundle', type: 'transaction-response', entry: [entry] };
    expect(readTransactionResponse(body, 1)).toEqual([{ status: 201, type: 'Procedure', id: '17' }]);
  });

  it.each([
    ['of another type', { resourceType: 'Bundle', type: 'batch-response', entry: [entry] }],
    ['with another number of entries', { resourceType: 'Bundle', type: 'transaction-response', entry: [entry, entry] }],
    ['that is none', { resourceType: 'Patient' }],
    ['that is empty', undefined],
  ])('%s is not believed', (_, body) => {
    expect(readTransactionResponse(body, 1)).toBeUndefined();
  });
});

describe('Location', () => {
  it.each([
    ['https://ehr.example/fhir/Procedure/17/_history/2', ['Procedure', '17']],
    ['Procedure/17', ['Procedure', '17']],
    ['17', undefined],
    [undefined, undefined],
  ])('%s names %s', (location, named) => {
    expect(fromLocation(location)).toEqual(named);
  });
});
