import { describe, expect, it } from 'vitest';
import {
  nextAttempt,
  retryAfterMaxSeconds,
  retryAfterSeconds,
  retryDelaysSeconds,
} from '../../../src/core/delivery/retry.ts';

const now = Date.parse('2026-11-26T09:00:00Z');

describe('the next attempt of a delivery', () => {
  it('follows the table, first after five seconds', () => {
    const waits = retryDelaysSeconds.map((_, index) => ((nextAttempt(index + 1, now, {}, 0) ?? 0) - now) / 1000);
    expect(waits).toEqual(retryDelaysSeconds);
  });

  it('comes after the last failure of the table no more', () => {
    const last = retryDelaysSeconds.length;
    expect(nextAttempt(last, now, {}, 0)).toBeDefined();
    expect(nextAttempt(last + 1, now, {}, 0)).toBeUndefined();
  });

  it('survives a weekend: the delays are more than 60 hours in all', () => {
    expect(retryDelaysSeconds.reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(60 * 3600);
  });

  it('waits at least as long as the hospital asks', () => {
    expect(nextAttempt(1, now, { retryAfterSeconds: 4 }, 0)).toBe(now + 5_000);
    expect(nextAttempt(1, now, { retryAfterSeconds: 6 }, 0)).toBe(now + 6_000);
  });

  it('does not wait ten years although a hospital asks for it', () => {
    expect(nextAttempt(1, now, { retryAfterSeconds: 315_360_000 }, 0)).toBe(now + retryAfterMaxSeconds * 1000);
  });

  it('never waits more than ten minutes with a serious adverse event', () => {
    expect(nextAttempt(6, now, { urgent: true }, 0)).toBe(now + 600_000);
    expect(nextAttempt(6, now, { urgent: false }, 0)).toBe(now + 3_600_000);
  });

  it('spreads what failed together over a tenth of the delay', () => {
    expect(nextAttempt(2, now, {}, 0)).toBe(now + 30_000);
    expect(nextAttempt(2, now, {}, 1)).toBe(now + 33_000);
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120],
    [' 0 ', 0],
    ['Thu, 26 Nov 2026 09:01:00 GMT', 60],
    ['Thu, 26 Nov 2026 08:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['12.5', undefined],
    ['', undefined],
    ['99999999999', undefined],
    ['Thu, 99 Nov 2026 09:01:00 GMT', undefined],
  ])('%j is %s seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });
});
