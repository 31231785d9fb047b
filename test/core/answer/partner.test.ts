import { describe, expect, test } from 'vitest';
import { loadPartners, verdictOnIntent } from '../../../src/core/answer/partner.ts';
import { partner } from './answer-parts.ts';

const faults = (change: Readonly<Record<string, unknown>>, file = 'mappings/partners/demo-hospital.json') =>
  loadPartners([{ file, content: { ...partner, ...change } }]).issues.map(({ message }) => message);

describe('a partner file', () => {
  test('that is right has no fault', () => {
    expect(faults({})).toEqual([]);
  });

  test.each([
    ['without a base URL', { baseUrl: undefined }, /demo-hospital\.json\.baseUrl is missing/],
    [
      'with a slash at the end of its base URL',
      { baseUrl: 'http://127.0.0.1:8090/fhir/' },
      /baseUrl must be a URL without slash at its end/,
    ],
    ['with another way of delivery', { delivery: 'fax' }, /delivery must be one of transaction, conditional-create/],
    [
      'with another way of answering',
      { answers: 'letter' },
      /answers must be one of push-task, update-task, keep, message/,
    ],
    ['with an unknown anchor', { anchor: 'uk' }, /anchor must be one of own, au, nl, bser/],
    [
      'with an unknown question',
      { policy: { ...partner.policy, asks: ['height'] } },
      /asks\[0\] must be one of session-count/,
    ],
    [
      'with an unknown intent',
      { policy: { ...partner.policy, intents: { otherwise: 'reject', wish: 'accept' } } },
      /intents\.wish is not an element that we know/,
    ],
    [
      'without a verdict on other intents',
      { policy: { ...partner.policy, intents: {} } },
      /intents\.otherwise is missing/,
    ],
    ['with a secret', { token: 'x' }, /token is not an element that we know/],
  ])('%s is refused with its place', (_, change, message) => {
    expect(faults(change).join('\n')).toMatch(message);
  });

  test('whose name is not its id is refused', () => {
    expect(faults({}, 'mappings/partners/other.json')[0]).toMatch(/other\.json\.id .*name without \.json/);
  });
});

test('an intent that the policy does not name is treated as otherwise', () => {
  expect(verdictOnIntent(partner.policy, 'order')).toBe('accept');
  expect(verdictOnIntent(partner.policy, 'plan')).toBe('hold');
  expect(verdictOnIntent(partner.policy, 'option')).toBe('reject');
  expect(verdictOnIntent(partner.policy, 'constructor')).toBe('reject');
  expect(verdictOnIntent(partner.policy, undefined)).toBe('reject');
});
