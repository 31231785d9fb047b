import { describe, expect, test } from 'vitest';
import { screen } from '../../../../src/core/plan/screening.ts';
import { concept, condition, found, now, onset, order, rules, screened, systems, treats } from './record.ts';

/** Claims of health websites that were read for this project and are wrong or doubtful: none of them may be a rule. */

const everySentence = [...rules.rules.values()].flatMap((rule) => [
  rule.title,
  rule.prescriber,
  rule.therapist,
  ...(rule.variants ?? []).flatMap(({ prescriber, therapist }) => [prescriber ?? '', therapist ?? '']),
  ...(rule.duties ?? []).map(({ sentence }) => sentence),
]);
const says = (words: RegExp) => everySentence.filter((sentence) => words.test(sentence));

describe('it is no rule', () => {
  test('that massage removes toxins or bacteria', () => {
    expect(says(/toxin|poison|purif|harmful/i)).toEqual([]);
  });

  test('that massage strengthens the immune system or prevents infections', () => {
    expect(says(/strengthen|prevent|chance of|boost/i)).toEqual([]);
  });

  test('that lupus is an infection', () => {
    expect(found(screened([condition('M32.9')]))).toEqual([]);
    expect(says(/lupus/i)).toEqual([]);
  });

  test('that massage lowers cortisol, treats the root cause or speeds healing', () => {
    expect(says(/cortisol|root cause|faster|speeds|circulation/i)).toEqual([]);
  });

  test('that preterm contractions are an indication: they hold or reject', () => {
    const asReason = (code: string) =>
      screen({ referral: order([], { reasonCode: [concept(systems.sct, code)] }), facts: treats('back'), rules, now });
    expect(asReason('199049003').disposition).toBe('hold');
    expect(asReason('6383007').disposition).toBe('reject');
  });

  test('that a dislocated joint or a torn ligament may be massaged at once', () => {
    const fresh = onset('2026-11-25T12:00:00Z');
    expect(screened([condition('417076003', fresh)], treats('shoulder')).disposition).toBe('hold');
    expect(screened([condition('263134008', fresh)], treats('knee')).disposition).toBe('hold');
    expect(screened([condition('263134008')], treats('knee')).disposition).toBe('hold');
  });

  test('that arthritis needs deeper pressure: deep work is excluded, stretching allowed', () => {
    const codes = screened([condition('69896004')], treats('hand')).modifications.map(({ code }) => code);
    expect(codes).toEqual(['moderate-pressure', 'no-deep', 'stretching']);
    expect(says(/deeper/i)).toEqual([]);
  });

  test('that osteoarthritis is treated with a certain pressure', () => {
    expect(found(screened([condition('M17.1'), condition('396275006')], treats('knee')))).toEqual([]);
  });

  test('that nearly everybody can be massaged: a record that did not come is no all-clear', () => {
    const { disposition, completeness, duties } = screened([]);
    expect({ disposition, completeness }).toEqual({ disposition: 'none', completeness: 'absent' });
    expect(duties.map(({ code }) => code)).toContain('screen-before-first-session');
  });

  test('that a session must last a certain time or come a certain number of times a week', () => {
    const dose = [...rules.rules.values()]
      .flatMap(({ modifications }) => modifications)
      .filter(({ code }) => code === 'max-duration');
    expect(dose).toEqual([]);
    expect(says(/minutes|times a week|weekly/i)).toEqual([]);
  });

  test('that surgery is an option of massage', () => {
    expect(says(/surgery|needle/i)).toEqual([]);
  });
});
