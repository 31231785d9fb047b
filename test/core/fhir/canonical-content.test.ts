import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalContent, differingPaths } from '../../../src/core/fhir/canonical-content.ts';

const order = { resourceType: 'ServiceRequest', status: 'active', note: [{ text: 'a' }, { text: 'b' }] };

describe('the content of a resource', () => {
  test.each<[string, Record<string, unknown>]>([
    ['its id', { ...order, id: 'x' }],
    ['what a server sets', { ...order, meta: { versionId: '2', lastUpdated: '2026-01-01T00:00:00Z', source: '#a' } }],
    ['the order of its properties', { note: order.note, status: 'active', resourceType: 'ServiceRequest' }],
  ])('is the same whatever %s', (_, other) => {
    expect(canonicalContent(other)).toBe(canonicalContent(order));
    expect(differingPaths(order, other)).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a value', { ...order, status: 'revoked' }, ['ServiceRequest.status']],
    [
      'the order of a list',
      { ...order, note: [{ text: 'b' }, { text: 'a' }] },
      ['ServiceRequest.note[0].text', 'ServiceRequest.note[1].text'],
    ],
    ['one more in a list', { ...order, note: [...order.note, { text: 'c' }] }, ['ServiceRequest.note[2]']],
    ['one less in a list', { ...order, note: [{ text: 'a' }] }, ['ServiceRequest.note[1]']],
    [
      'an element that is new',
      { ...order, priority: 'stat', code: { text: 'x' } },
      ['ServiceRequest.code', 'ServiceRequest.priority'],
    ],
    ['a tag or a profile', { ...order, meta: { versionId: '1', profile: ['urn:p'] } }, ['ServiceRequest.meta']],
    ['the type of a value', { ...order, note: 'a' }, ['ServiceRequest.note']],
    ['null for nothing', { ...order, status: null }, ['ServiceRequest.status']],
  ])('differs by %s', (_, other, paths) => {
    expect(canonicalContent(other)).not.toBe(canonicalContent(order));
    expect(differingPaths(order, other)).toEqual(paths);
  });

  test('differs in at most fifty places that are told', () => {
    const many = (from: number) => ({ list: Array.from({ length: 100 }, (_, at) => from + at) });
    expect(differingPaths(many(0), many(1))).toHaveLength(50);
  });

  test('is equal exactly when no path differs', () => {
    const part = fc.jsonValue({ maxDepth: 3 });
    const resource = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'meta', 'id'), part, { maxKeys: 4 });
    fc.assert(
      fc.property(resource, resource, (one, other) => {
        expect(differingPaths(one, other).length === 0).toBe(canonicalContent(one) === canonicalContent(other));
        expect(differingPaths(one, JSON.parse(JSON.stringify(one)))).toEqual([]);
      }),
      { numRuns: 2000, seed: 20261126 },
    );
  });
});
