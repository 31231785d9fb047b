import { expect, it } from 'vitest';
import { fuzzValidator } from './validate.ts';

const count = process.env.CI ? 20_000 : 2000;

it(`${count} mutated resources neither crash the validator, nor hang it, nor part its two tiers`, {
  timeout: 300_000,
}, () => {
  const result = fuzzValidator(count, 20_261_126);
  // How long one took is for the command to judge: a test beside others cannot.
  expect(result.faults.filter((fault) => !/ms$|heap/.test(fault))).toEqual([]);
  expect(result.valid).toBeGreaterThan(count / 100);
  expect(result.valid).toBeLessThan(count / 2);
});
