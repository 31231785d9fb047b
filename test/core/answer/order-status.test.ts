import { describe, expect, test } from 'vitest';
import { changeableStatuses, heedOrderStatus, wishOf } from '../../../src/core/answer/order-status.ts';

const accepted = { state: 'accepted', reasons: [], questions: [] } as const;
const held = { state: 'held', reasons: ['missing-session-count'], questions: ['q'] } as const;
const rejected = { state: 'rejected', reasons: ['red-flag'], questions: [] } as const;

describe('what the status of an order wishes', () => {
  test.each([
    ['active', 'proceed'],
    ['on-hold', 'wait'],
    ['revoked', 'end'],
    ['entered-in-error', 'end'],
    ['draft', undefined],
    ['completed', undefined],
    ['unknown', undefined],
    ['toString', undefined],
    [undefined, undefined],
    [7, undefined],
  ])('%s: %s', (status, wish) => {
    expect(wishOf({ status })).toBe(wish);
  });

  test('those that a change can have are those that wish something', () => {
    expect(changeableStatuses).toEqual(['active', 'on-hold', 'revoked', 'entered-in-error']);
  });
});

describe('the status stands above what was decided', () => {
  test.each([
    ['active', accepted, accepted],
    ['active', rejected, rejected],
    ['on-hold', accepted, { state: 'held', reasons: ['order-on-hold'], questions: [] }],
    ['on-hold', held, { state: 'held', reasons: ['order-on-hold', 'missing-session-count'], questions: ['q'] }],
    ['on-hold', rejected, rejected],
    ['revoked', held, { state: 'cancelled', reasons: ['order-revoked'], questions: [] }],
    ['revoked', rejected, { state: 'cancelled', reasons: ['order-revoked'], questions: [] }],
    ['entered-in-error', accepted, { state: 'cancelled', reasons: ['order-entered-in-error'], questions: [] }],
    ['draft', accepted, accepted],
  ] as const)('%s over %o', (status, decided, told) => {
    expect(heedOrderStatus({ status }, decided)).toEqual(told);
  });
});
