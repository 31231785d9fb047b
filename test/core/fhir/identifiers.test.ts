import { describe, expect, test } from 'vitest';
import { alternatives, parseToken, placerNumber } from '../../../src/core/fhir/identifiers.ts';

const type = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] });
const number = (value: string, more: object = {}) => ({ system: 'urn:a', value, ...more });
const found = (identifier: unknown, systems: readonly string[] = []) => placerNumber({ identifier }, systems)?.value;

describe("the hospital's number of an order", () => {
  test.each<[string, unknown, string | undefined]>([
    [
      'is the one of type PLAC, wherever it stands',
      [number('1', { use: 'official' }), number('2', { type: type('PLAC') })],
      '2',
    ],
    ['is else the official one', [number('1'), number('2', { use: 'official' })], '2'],
    ['is else the first', [number('1'), number('2')], '1'],
    ['is never ours', [number('1', { type: type('FILL') }), number('2')], '2'],
    ['is never only ours', [number('1', { type: type('FILL') })], undefined],
    ['is not an old one', [number('1', { use: 'old' }), number('2')], '2'],
    ['is not one of second rank', [number('1', { use: 'secondary' })], undefined],
    ['needs a system', [{ value: '1' }], undefined],
    ['needs a value', [{ system: 'urn:a' }, number('2')], '2'],
    [
      'needs texts',
      [
        { system: 'urn:a', value: 7 },
        { system: '', value: '1' },
      ],
      undefined,
    ],
    ['is none where there is no list', { system: 'urn:a', value: '1' }, undefined],
    ['is none among things that are no identifiers', [null, 'x', [number('1')]], undefined],
  ])('%s', (_, identifier, value) => {
    expect(found(identifier)).toBe(value);
  });

  test('is only looked for in the systems that the file of the hospital lists', () => {
    const both = [number('1'), { system: 'urn:b', value: '2' }];
    expect(found(both, ['urn:b'])).toBe('2');
    expect(found(both, ['urn:c'])).toBeUndefined();
  });

  test('is none of what is no resource', () => {
    for (const value of [null, undefined, 7, 'x', []]) expect(placerNumber(value)).toBeUndefined();
  });
});

describe('a search token', () => {
  test.each<[string, object | undefined]>([
    ['urn:a|1', { system: 'urn:a', value: '1' }],
    ['urn:a|1\\|2', { system: 'urn:a', value: '1|2' }],
    ['urn:a|1\\,2', { system: 'urn:a', value: '1,2' }],
    ['urn:a|1\\\\', { system: 'urn:a', value: '1\\' }],
    ['urn:a|1\\x', { system: 'urn:a', value: '1\\x' }],
    ['urn:a|1\\', { system: 'urn:a', value: '1\\' }],
    ['urn:a|1|2', undefined],
    ['|1', undefined],
    ['urn:a|', undefined],
    ['1', undefined],
    ['', undefined],
  ])('%s', (token, read) => {
    expect(parseToken(token)).toEqual(read);
  });

  test('tells numbers apart byte by byte', () => {
    expect(parseToken('urn:a|caf\u00e9')).not.toEqual(parseToken('urn:a|cafe\u0301'));
  });

  test('may stand beside others', () => {
    expect(alternatives('a,b\\,c,,d')).toEqual(['a', 'b\\,c', 'd']);
    expect(alternatives(',')).toEqual([]);
  });
});
