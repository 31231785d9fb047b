import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/validate.ts';
import { drawIssues } from '../../src/cli/validate-picture.ts';

const dir = mkdtempSync(join(tmpdir(), 'validate-'));
const good = join(dir, 'good.json');
const bad = join(dir, 'bad.json');
const broken = join(dir, 'broken.json');
writeFileSync(good, JSON.stringify({ resourceType: 'Patient', gender: 'female' }));
writeFileSync(bad, '{\n  "resourceType": "Patient",\n  "gender": "x"\n}\n');
writeFileSync(broken, '{ "resourceType": ');
afterAll(() => rmSync(dir, { recursive: true }));

let told = '';
beforeEach(() => {
  told = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    told += String(chunk);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

it('a valid file ends with 0, one that is not with 1', async () => {
  expect(await run([good])).toBe(0);
  expect(await run([good, bad])).toBe(1);
  expect(told).toContain('bad.json: not valid: 1 fault');
});

it('a fault is shown with its line, a caret under it, and the sentence', async () => {
  await run([bad]);
  const lines = told.split('\n');
  const at = lines.findIndex((line) => line.includes(' 3 | '));
  expect(lines[at]?.indexOf('"gender"')).toBe(lines[at + 1]?.indexOf('^'));
  expect(lines[at - 2]).toContain("gender has the code 'x'");
  expect(lines[at - 1]).toContain('Patient.gender');
});

it('a text that is no JSON is not valid', async () => {
  expect(await run([broken])).toBe(1);
});

it('for machines each file is one JSON line', async () => {
  await run(['--json', good, bad]);
  const [first, second] = told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { valid: boolean; issues: { line?: number }[] });
  expect(first?.valid).toBe(true);
  expect(second?.valid).toBe(false);
  expect(second?.issues[0]?.line).toBe(3);
});

it('a profile can be asked for, one from a package too', async () => {
  const profile = {
    resourceType: 'StructureDefinition',
    url: 'https://example.org/named',
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
  const folder = mkdtempSync(join(dir, 'package-'));
  writeFileSync(join(folder, 'named.json'), JSON.stringify(profile));
  expect(await run([good, '--package', folder, '--profile', 'https://example.org/named'])).toBe(1);
  await expect(run([good, '--profile', 'https://example.org/named'])).rejects.toThrow('https://example.org/named');
});

it('a definition of a package that cannot be used is named with every reason, and refuses what is held to it', async () => {
  const refusals: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    refusals.push(String(chunk));
    return true;
  });
  const element = [
    { id: 'Patient', path: 'Patient' },
    { id: 'Patient.shoe', path: 'Patient.shoe', min: 1 },
    {
      id: 'Patient.name',
      path: 'Patient.name',
      constraint: [{ key: 'n-1', severity: 'error', human: 'x', expression: 'given.(' }],
    },
  ];
  const url = 'https://example.org/odd';
  const profile = {
    resourceType: 'StructureDefinition',
    url,
    type: 'Patient',
    derivation: 'constraint',
    differential: { element },
  };
  const folder = mkdtempSync(join(dir, 'package-'));
  writeFileSync(join(folder, 'odd.json'), JSON.stringify(profile));
  expect(await run([good, '--package', folder])).toBe(0);
  expect(refusals).toHaveLength(1);
  for (const part of [url, 'Patient.shoe', 'n-1']) expect(refusals[0]).toContain(part);
  expect(await run([good, '--package', folder, '--profile', url])).toBe(1);
});

it('help is told on request, and where no file is named', async () => {
  expect(await run(['--help'])).toBe(0);
  expect(await run([])).toBe(2);
  expect(told).toContain('npx tactus validate FILE');
});

it('of a long line the part around the place is shown', () => {
  const text = `${'x'.repeat(500)}HERE${'y'.repeat(500)}`;
  const picture = drawIssues('f', text, [
    { severity: 'error', code: 'c', type: 'value', expression: 'A', message: 'm', line: 1, column: 501 },
  ]);
  const lines = picture.split('\n');
  const at = lines.findIndex((line) => line.startsWith(' 1 | '));
  expect(lines[at]?.indexOf('HERE')).toBe(lines[at + 1]?.indexOf('^'));
});
