import { describe, expect, test } from 'vitest';
import { differences } from '../../src/cli/mapping-tools/differences.ts';

describe('two outputs mean the same', () => {
  test.each<readonly [string, unknown, unknown]>([
    ['with keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['with numbers in another form', JSON.parse('{"value":6}'), JSON.parse('{"value":6.0}')],
    ['with one instant in two zones', { at: '2026-03-04T09:00:00+01:00' }, { at: '2026-03-04T08:00:00Z' }],
    ['with one instant with and without fractions', { at: '2026-03-04T08:00:00.000Z' }, { at: '2026-03-04T08:00:00Z' }],
    [
      'with codings in another order',
      { coding: [{ code: 'a' }, { code: 'b' }] },
      { coding: [{ code: 'b' }, { code: 'a' }] },
    ],
    ['with entries of a transaction in another order', { entry: [1, 2] }, { entry: [2, 1] }],
  ])('%s', (_, expected, actual) => {
    expect(differences(expected, actual)).toEqual([]);
  });
});

describe('two outputs differ', () => {
  test.each<readonly [string, unknown, unknown, readonly string[]]>([
    ['in a value', { a: { b: 1 } }, { a: { b: 2 } }, ['a.b']],
    ['in something missing', { a: 1, b: 2 }, { a: 1 }, ['b']],
    ['in something more', { a: 1 }, { a: 1, b: 2 }, ['b']],
    ['in the order of given names', { given: ['Ada', 'Bea'] }, { given: ['Bea', 'Ada'] }, ['given[0]', 'given[1]']],
    [
      'in one member of a set',
      { coding: [{ code: 'a' }, { code: 'b' }] },
      { coding: [{ code: 'c' }, { code: 'a' }] },
      ['coding[1].code'],
    ],
    ['in how often a member of a set is there', { coding: ['a', 'a'] }, { coding: ['a'] }, ['coding[1]']],
    ['in the moment', { at: '2026-03-04T09:00:00+01:00' }, { at: '2026-03-04T09:00:00Z' }, ['at']],
    ['in the day, which has no zone', { on: '2026-03-04' }, { on: '2026-03-05' }, ['on']],
    ['in kind', { a: [1] }, { a: { 0: 1 } }, ['a']],
    ['in number and text', { a: 1 }, { a: '1' }, ['a']],
  ])('%s', (_, expected, actual, paths) => {
    expect(differences(expected, actual).map(({ path }) => path)).toEqual(paths);
  });
});
