import type { ExpectedValue } from './element.ts';
import { expectedTest } from './expected-test.ts';
import { dot, quote, type Source } from './fast-source.ts';
import { isObject } from './json.ts';

/** As `isExpected`: a JavaScript condition on the variable of that name, true where the value is as expected. */
export function expectedCode(source: Source, expected: ExpectedValue, name: string): string {
  if (expected.kind === 'pattern' || typeof expected.value !== 'object')
    return patternCode(source, expected.value, name);
  return `${source.constant(expectedTest(expected))}(${name})`;
}

/** As `matchesPattern`. A pattern becomes code of its own, which reads the properties of the codes that it meets best. */
function patternCode(source: Source, pattern: unknown, name: string): string {
  if (typeof pattern === 'string' || typeof pattern === 'number' || typeof pattern === 'boolean')
    return `${name}===${quote(pattern)}`;
  if (Array.isArray(pattern)) {
    const parts = pattern.map((part) => someItem(source, part));
    return `(Array.isArray(${name})${parts.map((part) => `&&${part}(${name})`).join('')})`;
  }
  const keys = isObject(pattern) ? Object.keys(pattern) : [];
  // Names that objects inherit are left to the test that tells own properties.
  if (!isObject(pattern) || keys.some((key) => key in Object.prototype))
    return `${source.constant(expectedTest({ kind: 'pattern', value: pattern }))}(${name})`;
  const test = source.helper('v', (frame) => {
    const tests = keys.map((key) => {
      const inner = frame.variable();
      return `(${inner}=v${dot(key)},${patternCode(source, pattern[key], inner)})`;
    });
    return `return typeof v==="object"&&v!==null&&!Array.isArray(v)${tests.map((test) => `&&${test}`).join('')};`;
  });
  return `${test}(${name})`;
}

function someItem(source: Source, part: unknown): string {
  return source.helper('v', (frame) => {
    const [at, item] = [frame.variable(), frame.variable()];
    const loop = `for(${at}=0;${at}<v.length;${at}++){${item}=v[${at}];`;
    return `${loop}if(${patternCode(source, part, item)})return true;}return false;`;
  });
}
