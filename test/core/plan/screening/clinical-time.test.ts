import { expect, test } from 'vitest';
import { isAtLeastOld, isOlder } from '../../../../src/core/plan/screening/clinical-time.ts';

const now = '2026-11-26T10:00:00Z';
type Unit = 'hours' | 'days' | 'weeks' | 'months';

test.each([
  ['2026-11-24T10:00:00Z', 48, 'hours', true, false],
  ['2026-11-24T10:00:01Z', 48, 'hours', false, false],
  ['2026-11-24T09:59:59Z', 48, 'hours', true, true],
  ['2026-11-24T11:00:00+01:00', 48, 'hours', true, false],
  ['2026-11-24T10:00:00', 48, 'hours', true, false],
  ['2026-11-24', 48, 'hours', false, false],
  ['2026-11-23', 48, 'hours', true, true],
  ['2026-10-15', 6, 'weeks', true, false],
  ['2026-10-16', 6, 'weeks', false, false],
  ['2026-10-14', 6, 'weeks', true, true],
  ['2026-08-26', 3, 'months', true, false],
  ['2026-08-27', 3, 'months', false, false],
  ['2026-08-25', 3, 'months', true, true],
  ['2026-08', 3, 'months', false, false],
  ['2026-07', 3, 'months', true, true],
  ['2026', 1, 'days', false, false],
  ['2025', 10, 'months', true, true],
  ['2027-01-01', 1, 'days', false, false],
  ['in spring', 1, 'days', false, false],
  [undefined, 1, 'days', false, false],
] as const)('%s is %i %s old: at least %s, more %s', (date, value, unit, atLeast, older) => {
  const duration = { value, unit: unit as Unit };
  expect(isAtLeastOld(date, duration, now)).toBe(atLeast);
  expect(isOlder(date, duration, now)).toBe(older);
});

test('three months after the last of November is the last of February', () => {
  const months = { value: 3, unit: 'months' } as const;
  expect(isAtLeastOld('2025-11-30', months, '2026-02-28T12:00:00Z')).toBe(true);
  expect(isAtLeastOld('2025-11-30', months, '2026-02-27T12:00:00Z')).toBe(false);
  expect(isAtLeastOld('2023-11-30', months, '2024-02-28T12:00:00Z')).toBe(false);
  expect(isAtLeastOld('2023-11-30', months, '2024-02-29T12:00:00Z')).toBe(true);
});
