import { describe, expect, test } from 'vitest';
import { compileFhirPath } from '../../../src/core/fhirpath/compile.ts';
import { workLimit } from '../../../src/core/fhirpath/context.ts';
import { FhirPathError } from '../../../src/core/fhirpath/expression.ts';

function nested(depth: number): unknown {
  let value: unknown = { code: 'x' };
  for (let i = 0; i < depth; i++) value = { extension: [value] };
  return value;
}

const evaluate = (expression: string, focus: unknown) => compileFhirPath(expression).evaluate(focus, {});

describe('data that is meant to break the engine', () => {
  test('nesting deeper than the stack is walked', () => {
    expect(evaluate('descendants().count()', nested(50_000))).toEqual([50_001]);
    expect(evaluate('descendants().last() is code', nested(50_000))).toEqual([false]);
    expect(evaluate('$this = $this.select($this)', nested(50_000))).toEqual([true]);
    const [one, other] = [nested(50_000), nested(50_001)];
    expect(evaluate('a = b', { a: one, b: other })).toEqual([false]);
  });

  test('equivalence of structures that nest too deep is refused', () => {
    expect(() => evaluate('a ~ b', { a: nested(50_000), b: nested(50_000) })).toThrow(/depth/);
  });

  test('work beyond the limit ends with an error', () => {
    const list = Array.from({ length: 2_000 }, (_, i) => ({ a: i }));
    expect(() => evaluate('x.where(%resource.x.where(a > -1).count() = 0)', { x: list })).toThrow(/steps/);
    expect(() => evaluate('x.select(%context.x.select(%context.x))', { x: list })).toThrow(FhirPathError);
    expect(workLimit).toBe(1_000_000);
  });

  test('a projection that grows for ever ends with an error', () => {
    expect(() => evaluate("repeat($this & 'a')", 'a')).toThrow(FhirPathError);
    expect(() => evaluate('repeat($this + 1)', 0)).toThrow(FhirPathError);
  });

  test('a text that doubles for ever ends with an error', () => {
    const doubling = `(${Array.from({ length: 40 }, () => '1').join(' | ')}).combine(${'1.combine('.repeat(1)}1)).aggregate($total & $total & 'aa', '')`;
    expect(() =>
      evaluate(`${'x'}.aggregate(iif($total.empty(), 'aa', $total.replace('a', 'aaaaaaaaaa')))`, {
        x: Array(50).fill(1),
      }),
    ).toThrow(FhirPathError);
    expect(() => evaluate(doubling, {})).not.toThrow();
    expect(() => evaluate("x.aggregate($total & $total & 'aa', '')", { x: Array(50).fill(1) })).toThrow(FhirPathError);
  });

  test('no regular expression takes more than linear time', () => {
    const text = `${'a'.repeat(20_000)}!`;
    for (const pattern of ['(a+)+$', '(a|aa)+', '(a*)*b', '(.*)*x', '([a-z]+)*[0-9]', '(a?){50}a{50}b']) {
      expect(evaluate(`$this.matches('${pattern}')`, text)).toEqual([false]);
      expect(evaluate(`$this.replaceMatches('(?:${pattern})z', '') = $this`, 'aaaaaaaaaaaa!')).toEqual([true]);
    }
  });

  test('a regular expression from the data costs what it costs', () => {
    expect(() => evaluate('a.matches(b)', { a: 'é'.repeat(100_000), b: '(a?){1000}é*(é?){1000}' })).toThrow(/steps/);
  });

  test('names that every object answers to are no elements', () => {
    const focus: unknown = JSON.parse('{"__proto__": {"a": 1}, "x": {"hasOwnProperty": "own"}}');
    expect(evaluate('constructor | toString | valueOf', focus)).toEqual([]);
    expect(evaluate('__proto__.a', focus)).toEqual([1]);
    expect(evaluate('x.hasOwnProperty', focus)).toEqual(['own']);
    expect(evaluate('x.constructor.exists() or x.__proto__.exists()', focus)).toEqual([false]);
  });

  test('JSON that is no FHIR gives no exception but ours', () => {
    for (const focus of [
      null,
      undefined,
      1,
      'a',
      true,
      {},
      { a: null },
      { a: [null, [1], [[]]] },
      { _a: [null, {}] },
      { a: { a: [{ a: 0 }] } },
    ]) {
      for (const expression of [
        'a',
        'a.a',
        'a.exists()',
        'a.a.count()',
        'children()',
        'descendants()',
        'a = a',
        'a | a',
        'a.a = 1',
        'a in (1 | 2)',
        '$this is Patient',
      ]) {
        try {
          compileFhirPath(expression).evaluate(focus, {});
        } catch (error) {
          expect(error).toBeInstanceOf(FhirPathError);
        }
      }
    }
  });

  test('errors name the expression and the place, never the data', () => {
    const focus = { name: ['Ann Secret', 'Bo Secret'] };
    try {
      evaluate("'x' & name", focus);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FhirPathError);
      expect(error).toMatchObject({ expression: "'x' & name", offset: 4 });
      expect(String(error)).not.toContain('Secret');
    }
  });
});

describe('expressions that are meant to break the compiler', () => {
  test.each([
    ['parentheses', `${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['signs', `${'-'.repeat(5_000)}1`],
    ['operators in a row', Array(5_000).fill('true').join(' or ')],
    ['steps in a row', `a${'.a'.repeat(5_000)}`],
    ['calls in a row', `a${'.first()'.repeat(5_000)}`],
    ['calls in calls', `${'a.where('.repeat(5_000)}b${')'.repeat(5_000)}`],
  ])('too many %s are refused', (_, expression) => {
    expect(() => compileFhirPath(expression)).toThrow(FhirPathError);
  });

  test('what R4 nests is far below the limit', () => {
    expect(() => compileFhirPath(`${'('.repeat(50)}1${')'.repeat(50)}`)).not.toThrow();
    expect(() => compileFhirPath(Array(100).fill('true').join(' or '))).not.toThrow();
  });
});
