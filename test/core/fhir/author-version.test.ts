import { describe, expect, test } from 'vitest';
import { compareAuthored, compareVersions } from '../../../src/core/fhir/author-version.ts';

const state = (versionId?: string, lastUpdated?: string, authoredOn?: string, id?: string) => ({
  ...(id === undefined ? {} : { id }),
  meta: { ...(versionId === undefined ? {} : { versionId }), ...(lastUpdated === undefined ? {} : { lastUpdated }) },
  ...(authoredOn === undefined ? {} : { authoredOn }),
});

describe('which of two states was written later', () => {
  test.each([
    ['9', '10', -1],
    ['10', '10', 0],
    ['11', '10', 1],
    ['007', '7', 0],
  ])('version %s and %s as numbers: %i', (one, other, verdict) => {
    expect(compareAuthored(state(one), state(other))).toBe(verdict);
  });

  test('version ids that are no numbers have no order; then the time counts, in any zone', () => {
    const noon = '2026-11-30T12:00:00Z';
    expect(compareAuthored(state('b', noon), state('a', '2026-11-30T13:00:00+01:00'))).toBe(0);
    expect(compareAuthored(state('a', noon), state('b', '2026-11-30T11:59:59.999Z'))).toBe(1);
    expect(compareAuthored(state('1', noon), state('b', '2026-11-30T12:00:00.001Z'))).toBe(-1);
  });

  test('the version goes before the time', () => {
    expect(compareAuthored(state('2', '2026-01-01T00:00:00Z'), state('1', '2026-12-01T00:00:00Z'))).toBe(1);
  });

  test('authoredOn counts last, and only for what is known to be one order', () => {
    const [one, other] = [state(undefined, undefined, '2026-11-20'), state(undefined, undefined, '2026-11-21')];
    expect(compareAuthored(one, other)).toBe(-1);
    expect(compareVersions(one, other)).toBeUndefined();
  });

  test('nothing tells about resources without any of these, with nonsense, or with two ids', () => {
    expect(compareAuthored({}, {})).toBeUndefined();
    expect(compareAuthored({ meta: null }, { meta: 'x' })).toBeUndefined();
    expect(compareAuthored(state(undefined, 'yesterday'), state(undefined, 'today'))).toBeUndefined();
    expect(
      compareVersions(state('1', undefined, undefined, 'a'), state('2', undefined, undefined, 'b')),
    ).toBeUndefined();
  });
});
