import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runValidator } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'validator-cases-'));
afterAll(() => rmSync(dir, { recursive: true }));

const patient = { resourceType: 'Patient', gender: 'female' };
const profile = {
  resourceType: 'StructureDefinition',
  url: 'https://example.org/StructureDefinition/named',
  type: 'Patient',
  derivation: 'constraint',
  kind: 'resource',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  differential: {
    element: [
      { id: 'Patient', path: 'Patient' },
      { id: 'Patient.name', path: 'Patient.name', min: 1 },
    ],
  },
};
const base = { module: 'general', supporting: [], expected: { valid: true, errors: [] } };

it('tells how often it agrees with the verdicts of a folder of cases', () => {
  const cases = [
    { ...base, name: 'good', kind: 'base', resource: patient },
    {
      ...base,
      name: 'bad code',
      kind: 'base',
      resource: { ...patient, gender: 'x' },
      expected: { valid: false, errors: [] },
    },
    {
      ...base,
      name: 'no name',
      kind: 'profile',
      profile: 'named.json',
      resource: patient,
      expected: { valid: false, errors: [] },
    },
    {
      ...base,
      name: 'said to be bad',
      kind: 'base',
      resource: patient,
      expected: { valid: false, errors: [{ text: 'bad' }] },
    },
  ];
  writeFileSync(join(dir, 'cases.jsonl'), cases.map((one) => JSON.stringify(one)).join('\n'));
  writeFileSync(join(dir, 'definitions.jsonl'), JSON.stringify({ file: 'named.json', resource: profile }));
  const lines: string[] = [];
  const figures = runValidator(dir, { disagreements: true, print: (line) => lines.push(line) });
  expect(figures).toEqual({ cases: 4, agree: 0.75, recall: 0.667, falseRejects: 0, crashes: 0 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('said to be bad');
});
