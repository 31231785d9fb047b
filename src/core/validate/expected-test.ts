import type { ExpectedValue } from './element.ts';
import { matchesPattern } from './fixed.ts';
import { isObject, same } from './json.ts';

export type Test = (value: unknown) => boolean;

/** As `isExpected`, with the expected value taken apart beforehand. */
export function expectedTest(expected: ExpectedValue): Test {
  return expected.kind === 'fixed' ? fixedTest(expected.value) : patternTest(expected.value);
}

function fixedTest(expected: unknown): Test {
  return typeof expected === 'object' ? (value) => same(value, expected) : (value) => value === expected;
}

/** As `matchesPattern`. */
export function patternTest(pattern: unknown): Test {
  if (Array.isArray(pattern)) {
    const parts = pattern.map(patternTest);
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return (value) => Array.isArray(value) && value.some(only);
    return (value) => Array.isArray(value) && parts.every((part) => value.some(part));
  }
  if (!isObject(pattern)) return (value) => value === pattern;
  const keys = Object.keys(pattern);
  // Names that objects inherit are left to the test that tells own properties.
  if (keys.some((key) => key in Object.prototype)) return (value) => matchesPattern(value, pattern);
  const parts = keys.map((key) => patternTest(pattern[key]));
  return (value) => {
    if (!isObject(value)) return false;
    for (let at = 0; at < keys.length; at += 1) if (parts[at]?.(value[keys[at] ?? '']) !== true) return false;
    return true;
  };
}
