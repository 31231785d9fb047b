import { describe, expect, it } from 'vitest';
import { ownMappings } from './own-mappings.ts';

/** `and` ends where its left side is false, and looks at the right one where the left is empty: compiled as interpreted. */
const { loaded, cases } = ownMappings();
const mapping = loaded.mappings.get('referral-to-plan');
const minimal = cases.get('referral-to-plan')?.get('minimal');
const environment = { now: '2026-11-26T09:00:00Z', newId: () => '00000000-0000-4000-8000-000000000001' };

/** An order whose period is a text, which the gate would never let in: what a condition says of it is seen only there. */
function order(frequency: number | undefined): Record<string, unknown> {
  const repeat = { ...(frequency === undefined ? {} : { frequency }), period: 'often', periodUnit: 'wk' };
  return { ...minimal, referral: { ...(minimal?.referral as object), occurrenceTiming: { repeat } } };
}

describe('frequency >= 1 and frequency <= 14 and period >= 1, where the period is a text', () => {
  it.each([
    ['no frequency: the period is looked at, and fails', undefined, false],
    ['a frequency of 0: that ends it', 0, true],
    ['a frequency of 15: that ends it', 15, true],
    ['a frequency of 1: the period is looked at, and fails', 1, false],
  ])('%s', (_, frequency, ok) => {
    if (mapping === undefined || minimal === undefined) throw new Error('referral-to-plan or its minimal case is gone');
    const input = order(frequency);
    const interpreted = mapping.interpretTrace(input, environment);
    const { trace: _trace, dropped: _dropped, ...plain } = interpreted;
    expect(interpreted.ok).toBe(ok);
    expect(mapping.run(input, environment)).toEqual(plain);
    expect(mapping.trace(input, environment)).toEqual(interpreted);
    expect(mapping.trace(input, environment)).toEqual(interpreted);
  });
});
