import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { differences } from '../../profiles/build/compare.ts';
import { generate } from '../../profiles/build/generate.ts';
import { readR4 } from '../../profiles/build/r4.ts';
import { stripStructure } from '../../profiles/build/strip.ts';
import { generatedFolder } from '../../src/io/definitions/definitions.ts';

const structure: StructureDefinition = {
  resourceType: 'StructureDefinition',
  id: 'Thing',
  url: 'urn:Thing',
  name: 'Thing',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Thing',
  snapshot: {
    element: [
      {
        id: 'Thing',
        path: 'Thing',
        short: 'A thing',
        definition: 'Long',
        min: 0,
        max: '*',
        base: { path: 'Thing', min: 0, max: '*' },
      },
      {
        id: 'Thing.code',
        path: 'Thing.code',
        short: 'Code',
        comment: 'Long',
        min: 0,
        max: '1',
        base: { path: 'Thing.code', min: 0, max: '*' },
        type: [{ code: 'code' }],
        isModifier: false,
        constraint: [
          { key: 'ele-1', severity: 'error', human: 'h', expression: 'e', xpath: 'x' },
          { key: 'th-1', severity: 'error', human: 'h', expression: 'e', xpath: 'x' },
        ],
      },
    ],
  },
};

describe('stripping', () => {
  const { snapshot } = stripStructure(structure, ({ id }) => id === 'Thing') as StructureDefinition;

  test('keeps what validation reads and drops what only people read', () => {
    expect(snapshot?.element?.[1]).toEqual({
      id: 'Thing.code',
      path: 'Thing.code',
      min: 0,
      max: '1',
      base: { path: 'Thing.code', min: 0, max: '*' },
      type: [{ code: 'code' }],
      constraint: [{ key: 'th-1', severity: 'error', human: 'h', expression: 'e' }],
    });
  });

  test('keeps the short text where it is wanted, and no base that says nothing new', () => {
    expect(snapshot?.element?.[0]).toEqual({ id: 'Thing', path: 'Thing', short: 'A thing', min: 0, max: '*' });
  });
});

describe('what is generated of R4', () => {
  test('is what is committed, byte for byte', () => {
    const files = generate(readR4(), []);
    const ours = [...files].filter(([path]) => path.startsWith('r4/'));
    expect(ours.length).toBeGreaterThan(250);
    for (const [path, text] of ours)
      expect(readFileSync(`${generatedFolder}/${path}`, 'utf8') === text, path).toBe(true);
  });
});

test('differences are told by file, in order', () => {
  const left = new Map([
    ['b', '1234'],
    ['c', 'same'],
    ['a', 'x'],
  ]);
  const right = new Map([
    ['b', '1254'],
    ['c', 'same'],
    ['d', 'y'],
  ]);
  expect(differences(left, right)).toEqual(['a is gone', 'b differs at character 2', 'd is new']);
});

describe('the command', () => {
  const command = `${generatedFolder}/../build/main.ts`;

  test.each([
    ['--help', 0],
    ['--unknown', 2],
  ])('answers %s with its help and exit code %i', (option, status) => {
    const answer = spawnSync(process.execPath, [command, option], { encoding: 'utf8' });
    expect([answer.status, answer.stderr]).toEqual([status, '']);
    for (const mode of ['--check', '--package', '--help'])
      expect(answer.stdout).toContain(`npm run profiles -- ${mode}`);
  });
});
