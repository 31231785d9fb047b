import type { CodeSystem, ValueSet, ValueSetCompose } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { withoutVersion } from '../../../src/io/definitions/definitions.ts';
import { codesOfSystem, expandValueSet, type Terminology, toCodeSet } from '../../../src/io/definitions/expansion.ts';

const animals: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'urn:animals',
  status: 'active',
  content: 'complete',
  concept: [
    { code: 'mammal', concept: [{ code: 'cat' }, { code: 'dog', property: [{ code: 'pet', valueBoolean: true }] }] },
    { code: 'swimmer' },
    {
      code: 'seal',
      property: [
        { code: 'parent', valueCode: 'swimmer' },
        { code: 'parent', valueCode: 'mammal' },
      ],
    },
  ],
};
const sets = new Map<string, ValueSet>();
const terminology: Terminology = {
  valueSet: (url) => sets.get(withoutVersion(url)),
  codeSystem: (url) => (url === animals.url ? animals : undefined),
  expanded: (url) =>
    url === 'urn:elsewhere' ? { url, systems: { 'urn:animals': ['cat'] }, open: ['urn:far'] } : undefined,
};

function valueSet(url: string, compose: ValueSetCompose): ValueSet {
  const made: ValueSet = { resourceType: 'ValueSet', url, status: 'active', compose };
  sets.set(url, made);
  return made;
}

const filtered = (
  op: 'is-a' | 'descendent-of' | 'is-not-a' | '=' | 'in' | 'not-in' | 'generalizes' | 'exists' | 'regex',
  value: string,
  property = 'concept',
) =>
  expandValueSet(
    valueSet(`urn:${op}`, { include: [{ system: 'urn:animals', filter: [{ property, op, value }] }] }),
    terminology,
  );

describe('an include', () => {
  test('of concepts takes these, in their order', () => {
    const set = valueSet('urn:two', {
      include: [{ system: 'urn:animals', concept: [{ code: 'dog' }, { code: 'cat' }] }],
    });
    expect(expandValueSet(set, terminology)).toEqual({ url: 'urn:two', systems: { 'urn:animals': ['dog', 'cat'] } });
  });

  test('of a system takes all of it', () => {
    const set = expandValueSet(valueSet('urn:all', { include: [{ system: 'urn:animals' }] }), terminology);
    expect(set.systems).toEqual({ 'urn:animals': '*' });
    const codes = toCodeSet(set, () => codesOfSystem(animals)).codes;
    expect([...codes].filter((code) => code.startsWith('|'))).toEqual(['|mammal', '|cat', '|dog', '|swimmer', '|seal']);
  });

  test('of a system that is not known here leaves it open', () => {
    const set = expandValueSet(valueSet('urn:sct', { include: [{ system: 'urn:far' }] }), terminology);
    expect(toCodeSet(set, () => undefined)).toEqual({
      codes: new Set(),
      openSystems: new Set(['urn:far']),
      incomplete: false,
    });
  });

  test('of value sets takes what is in all of them', () => {
    valueSet('urn:a', { include: [{ system: 'urn:animals', concept: [{ code: 'cat' }, { code: 'dog' }] }] });
    valueSet('urn:b', { include: [{ system: 'urn:animals', concept: [{ code: 'dog' }, { code: 'seal' }] }] });
    const set = valueSet('urn:both', { include: [{ valueSet: ['urn:a', 'urn:b|2'] }] });
    expect(expandValueSet(set, terminology).systems).toEqual({ 'urn:animals': ['dog'] });
    const narrowed = valueSet('urn:narrowed', { include: [{ system: 'urn:animals', valueSet: ['urn:a'] }] });
    expect(expandValueSet(narrowed, terminology).systems).toEqual({ 'urn:animals': ['cat', 'dog'] });
  });

  test('of a value set that was expanded elsewhere takes what was open there too', () => {
    const set = expandValueSet(valueSet('urn:import', { include: [{ valueSet: ['urn:elsewhere'] }] }), terminology);
    expect(set).toEqual({ url: 'urn:import', systems: { 'urn:animals': ['cat'] }, open: ['urn:far'] });
  });

  test.each(['urn:unknown', 'urn:circle'])('of %s, which cannot be had, is told as incomplete', (url) => {
    const set = valueSet('urn:circle', { include: [{ valueSet: [url] }] });
    expect(expandValueSet(set, terminology)).toEqual({ url: 'urn:circle', systems: {}, incomplete: true });
  });
});

describe('an exclude', () => {
  test('takes codes away, of a whole system too', () => {
    const set = valueSet('urn:less', {
      include: [{ system: 'urn:animals' }],
      exclude: [{ system: 'urn:animals', concept: [{ code: 'mammal' }, { code: 'swimmer' }] }],
    });
    expect(expandValueSet(set, terminology).systems).toEqual({ 'urn:animals': ['cat', 'dog', 'seal'] });
  });

  test('of a system that is not known leaves it open', () => {
    const set = valueSet('urn:less-far', {
      include: [{ system: 'urn:far' }],
      exclude: [{ system: 'urn:far', concept: [{ code: 'x' }] }],
    });
    expect(expandValueSet(set, terminology)).toEqual({
      url: 'urn:less-far',
      systems: { 'urn:far': [] },
      open: ['urn:far'],
    });
  });
});

describe('a filter', () => {
  test.each([
    ['is-a', 'mammal', ['mammal', 'cat', 'dog', 'seal']],
    ['descendent-of', 'mammal', ['cat', 'dog', 'seal']],
    ['is-not-a', 'mammal', ['swimmer']],
    ['=', 'cat', ['cat']],
    ['in', 'cat, dog', ['cat', 'dog']],
  ] as const)('%s %s', (op, value, codes) => expect(filtered(op, value).systems).toEqual({ 'urn:animals': codes }));

  test('of a property', () => expect(filtered('=', 'true', 'pet').systems).toEqual({ 'urn:animals': ['dog'] }));

  test.each([
    ['not-in', 'cat, dog', 'code', ['mammal', 'seal', 'swimmer']],
    ['generalizes', 'cat', 'code', ['cat', 'mammal']],
    ['exists', 'true', 'pet', ['dog']],
    ['exists', 'false', 'pet', ['mammal', 'cat', 'seal', 'swimmer']],
    ['regex', '[cd]..', 'code', ['cat', 'dog']],
  ] as const)('%s %s of %s', (op, value, property, codes) =>
    expect(new Set(filtered(op, value, property).systems['urn:animals'])).toEqual(new Set(codes)),
  );

  test('that is a pattern of the kind that hangs other engines ends', () => {
    expect(filtered('regex', '(a+)+$', 'code').systems).toEqual({ 'urn:animals': [] });
  });

  test('whose pattern needs backtracking is not run: its system stays open', () => {
    expect(filtered('regex', '(a)\\1', 'code')).toEqual({
      url: 'urn:regex',
      systems: { 'urn:animals': [] },
      open: ['urn:animals'],
    });
  });

  test('on a hierarchy that is not known here is certain of its top only', () => {
    const far = { system: 'urn:far', filter: [{ property: 'concept', op: 'is-a' as const, value: 'top' }] };
    expect(expandValueSet(valueSet('urn:top', { include: [far] }), terminology)).toEqual({
      url: 'urn:top',
      systems: { 'urn:far': ['top'] },
      open: ['urn:far'],
    });
  });
});

test('a value set without compose is what its expansion lists, abstract entries left out', () => {
  const contains = [{ system: 'urn:x', code: 'a', abstract: true, contains: [{ system: 'urn:x', code: 'b' }] }];
  const set: ValueSet = {
    resourceType: 'ValueSet',
    url: 'urn:e',
    status: 'active',
    expansion: { timestamp: '2026-11-26', contains },
  };
  expect(expandValueSet(set, terminology)).toEqual({ url: 'urn:e', systems: { 'urn:x': ['b'] } });
});
