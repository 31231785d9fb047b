import { describe, expect, it } from 'vitest';
import { isValidPrimitive, primitives } from '../../../src/core/validate/primitive.ts';

/** Both sides of every border: https://hl7.org/fhir/R4/datatypes.html#primitive */
const table: Readonly<Record<string, { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }>> = {
  boolean: { good: [true, false], bad: ['true', 1, null] },
  integer: { good: [0, -2147483648, 2147483647], bad: [2147483648, -2147483649, 1.5, '1'] },
  unsignedInt: { good: [0, 2147483647], bad: [-1, 0.5] },
  positiveInt: { good: [1], bad: [0, -1] },
  decimal: { good: [0, -1.5, 1e-7], bad: ['1', Number.POSITIVE_INFINITY] },
  string: { good: ['a', ' a\n\t', 'é'], bad: ['', ' ', '\n', 'a\u0000', 'x'.repeat(1_048_577)] },
  code: { good: ['a', 'a b', 'a-b'], bad: ['', ' a', 'a ', 'a  b', 'a\tb '] },
  id: { good: ['a', 'A-1.b', 'x'.repeat(64)], bad: ['', 'a_b', 'x'.repeat(65), 'é'] },
  uri: { good: ['urn:oid:1.2.3', 'a/b', 'http://x'], bad: ['', 'a b', 'urn:oid:3.1', 'urn:uuid:1', 'urn:oid:1.02'] },
  canonical: { good: ['http://x|1.0', '#a', 'urn:x:y'], bad: ['Library/x', 'x y'] },
  oid: { good: ['urn:oid:2.16.840'], bad: ['2.16.840', 'urn:oid:2', 'urn:oid:2.', 'urn:oid:1.2a'] },
  uuid: {
    good: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    bad: ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:c757873d'],
  },
  date: {
    good: ['2026', '2026-02', '2024-02-29', '2000-02-29'],
    bad: ['26', '2026-13', '2026-00', '2025-02-29', '1900-02-29', '2026-1-1', '0000', '2026-11-26T'],
  },
  dateTime: {
    good: ['2026', '2026-11-26T23:59:60Z', '2026-11-26T00:00:00.5+14:00'],
    bad: [
      '2026-11-26T09:00:00',
      '2026-11-26T09:00Z',
      '2026-11-26T24:00:00Z',
      '2026-11-26T09:00:00+14:01',
      '2026-11-26T09:00:00.Z',
    ],
  },
  instant: { good: ['2026-11-26T09:00:00Z'], bad: ['2026-11-26', '2026-11-26T09:00:00'] },
  time: { good: ['00:00:00', '23:59:59.9'], bad: ['24:00:00', '09:00', '9:00:00', '09:00:00Z'] },
  base64Binary: {
    good: ['AAAA', 'AA==', 'AAA=', 'AA AA\n', 'AAAAAAAA'],
    bad: ['', 'A', 'AAA', 'A===', '=AAA', 'AA=A', 'AAA.'],
  },
};

describe('primitive values', () => {
  it.each(Object.entries(table))('%s: well-formed ones are taken, others not', (type, { good, bad }) => {
    expect(good.filter((value) => !isValidPrimitive(type, value))).toEqual([]);
    expect(bad.filter((value) => isValidPrimitive(type, value))).toEqual([]);
  });

  it('of every type are decided for hostile text of a megabyte', () => {
    const hostile = [
      'AAAA  '.repeat(170_000).concat('!'),
      '1.'.repeat(500_000),
      `urn:oid:${'1.'.repeat(500_000)}`,
      ' '.repeat(1_000_000),
      'a '.repeat(500_000),
      '-'.repeat(1_000_000),
    ];
    for (const type of Object.keys(primitives))
      for (const value of hostile) expect(typeof isValidPrimitive(type, value)).toBe('boolean');
    expect(isValidPrimitive('base64Binary', hostile[0])).toBe(false);
  });
});
