import { describe, expect, test } from 'vitest';
import { compileFhirPath, compileNode } from '../../../src/core/fhirpath/compile.ts';
import { parseFhirPath } from '../../../src/core/fhirpath/parser.ts';

describe('an expression inside another language', () => {
  test.each([
    [
      "src.a as v where use = 'home' check value.exists() -> tgt.b = v;",
      'where ',
      ' check value.exists() -> tgt.b = v;',
    ],
    ['check value.exists() -> tgt.b = v;', 'check ', ' -> tgt.b = v;'],
    ['where a = b then group(x);', 'where ', ' then group(x);'],
    ['where a - 1 > b -> x', 'where ', ' -> x'],
    ['where (a or b) "rule name";', 'where ', ' "rule name";'],
    ['evaluate(src, a.where(b = 1).first()) "x";', 'src, ', ') "x";'],
    ["log 'a' & b, c", 'log ', ', c'],
    ['(a + 1) as vvv', '(', ') as vvv'],
    ['where a = 4 days ;', 'where ', ' ;'],
    ['where a = 4 "name"', 'where ', ' "name"'],
    ["where a 'never closed", 'where ', " 'never closed"],
  ])('%s', (text, before, after) => {
    const start = text.indexOf(before) + before.length;
    const { node, end } = parseFhirPath(text, { start, stopAtUnknown: true });
    expect(text.slice(end)).toBe(after);
    expect(compileNode(node, text).text).toBe(text);
  });

  test('an expression that is not begun is refused with its offset', () => {
    expect(() => parseFhirPath('where -> x', { start: 6, stopAtUnknown: true })).toThrow(
      expect.objectContaining({ offset: 6 }),
    );
  });
});

describe('what a caller may hand over', () => {
  test('an array is a collection', () => {
    const compiled = compileFhirPath('given.first() | count().toString()');
    expect(compiled.evaluate([{ given: ['A'] }, { given: ['B', 'C'] }], {})).toEqual(['A', '2']);
    expect(compileFhirPath('all(a = 1)').holds([{ a: 1 }, { a: 1 }], {})).toBe(true);
    expect(compileFhirPath('$this').evaluate([1, 2], {})).toEqual([1, 2]);
    expect(compileFhirPath('where($this > 1)').evaluate([1, 2], {})).toEqual([2]);
    expect(compileFhirPath('%context').evaluate([1, 2], {})).toEqual([1, 2]);
    expect(compileFhirPath('empty()').evaluate([], {})).toEqual([true]);
    expect(compileFhirPath('exists()').evaluate([null], {})).toEqual([false]);
  });

  test('nothing is the empty collection', () => {
    expect(compileFhirPath('empty()').evaluate(undefined, {})).toEqual([true]);
    expect(compileFhirPath('$this').evaluate(null, {})).toEqual([]);
    expect(compileFhirPath('exists()').holds(undefined, {})).toBe(false);
    expect(compileFhirPath('a = 1').holds(undefined, {})).toBe(true);
  });

  test('a rule holds when it is true or empty, and only then', () => {
    const holds = (expression: string) => compileFhirPath(expression).holds({}, {});
    expect(['true', '{}', 'a = 1', '1 = 1'].map(holds)).toEqual([true, true, true, true]);
    expect(['false', "'x'", '1', '(true | false)'].map(holds)).toEqual([false, false, false, false]);
  });

  test('the type of the focus decides how it compares', () => {
    const compiled = compileFhirPath('start <= end');
    const focus = { start: '2026-01-01T10:00:00+02:00', end: '2026-01-01T09:00:00Z' };
    expect(compiled.holds(focus, {}, 'Period')).toBe(true);
    expect(compileFhirPath('start <= end', { rootType: 'Period' }).holds(focus, {})).toBe(true);
    expect(compiled.holds(focus, {})).toBe(true);
  });

  test('results can be asked for with their types', () => {
    const patient = { resourceType: 'Patient', birthDate: '1974-12-25', _birthDate: { id: 'b' } };
    const [found] = compileFhirPath('birthDate').select(patient, {});
    expect(found).toMatchObject({ value: '1974-12-25', type: 'date', extra: { id: 'b' } });
    expect(compileFhirPath('1 + 1').select(patient, {})[0]).toMatchObject({ value: 2, type: 'System.Integer' });
  });

  test('%resource and %rootResource are the focus where none is given', () => {
    const compiled = compileFhirPath('%resource.id | %rootResource.id | %context.id');
    expect(compiled.evaluate({ id: 'a' }, {})).toEqual(['a']);
    expect(compiled.evaluate({ id: 'a' }, { resource: { id: 'b' } })).toEqual(['b', 'a']);
    expect(compiled.evaluate({ id: 'a' }, { resource: { id: 'b' }, rootResource: { id: 'c' } })).toEqual([
      'b',
      'c',
      'a',
    ]);
  });

  test('resolve asks the caller', () => {
    const resolve = (reference: string) =>
      reference === 'Patient/1' ? { resourceType: 'Patient', id: '1' } : undefined;
    const focus = { subject: { reference: 'Patient/1' }, requester: { reference: 'Practitioner/2' } };
    expect(compileFhirPath('subject.resolve() is Patient').evaluate(focus, { resolve })).toEqual([true]);
    expect(compileFhirPath('(subject | requester).resolve().id').evaluate(focus, { resolve })).toEqual(['1']);
  });

  test('without a clock now() is an error, not a guess', () => {
    expect(() => compileFhirPath('now()').evaluate({}, {})).toThrow(/time/);
  });
});
