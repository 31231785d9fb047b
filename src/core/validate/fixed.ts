import type { ElementNode, ExpectedValue } from './element.ts';
import { isObject, own, same } from './json.ts';
import { at, type Path } from './path.ts';
import type { Run } from './run.ts';

/** fixed[x]: exactly this. pattern[x]: at least this. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_ */
export function checkExpected(run: Run, value: unknown, node: ElementNode, path: Path): void {
  for (const expected of node.expected) {
    if (isExpected(value, expected)) continue;
    const place =
      expected.kind === 'pattern' ? differenceOf(value, expected.value, path) : { path, expected: expected.value };
    run.issues.add(place.path, {
      code: expected.kind === 'fixed' ? 'fixed-value' : 'pattern-value',
      type: 'value',
      message: `${place.path.name} must ${expected.kind === 'fixed' ? 'be exactly' : 'have'} ${shown(place.expected)}; correct it.`,
      node,
    });
  }
}

export function isExpected(value: unknown, expected: ExpectedValue): boolean {
  return expected.kind === 'fixed' ? same(value, expected.value) : matchesPattern(value, expected.value);
}

/** Every property of the pattern is in the value; each entry of an array in the pattern is met by some entry. */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((part) => value.some((item) => matchesPattern(item, part)));
  }
  if (!isObject(pattern)) return value === pattern;
  return isObject(value) && Object.keys(pattern).every((key) => matchesPattern(own(value, key), pattern[key]));
}

/** Where the value first leaves the pattern, as deep as one place can be named. */
function differenceOf(value: unknown, pattern: unknown, path: Path): { path: Path; expected: unknown } {
  if (isObject(pattern) && isObject(value)) {
    for (const key of Object.keys(pattern)) {
      const inner = own(value, key);
      if (matchesPattern(inner, pattern[key])) continue;
      return inner === undefined
        ? { path, expected: { [key]: pattern[key] } }
        : differenceOf(inner, pattern[key], at(path, key));
    }
  }
  return { path, expected: pattern };
}

/** What a profile expects may be shown: it comes from the definition, never from the sender. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 300 ? `${json.slice(0, 300)}…` : json;
}
