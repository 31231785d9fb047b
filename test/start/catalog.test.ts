import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CatalogFault, catalogLoader } from '../../src/start/catalog.ts';

const home = join(import.meta.dirname, '../..');
let folder: string;
let load: ReturnType<typeof catalogLoader>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tactus-catalog-'));
  const cases = join(home, 'mappings/cases');
  cpSync(join(home, 'mappings'), folder, { recursive: true, filter: (path) => !path.startsWith(cases) });
  load = catalogLoader({ mappings: folder, profiles: join(home, 'profiles/generated') });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withSettings(...screeningSettings: string[]): void {
  const file = join(folder, 'partners/demo-hospital.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), screeningSettings }));
}

function faults(): string[] {
  try {
    load();
    return [];
  } catch (fault) {
    if (!(fault instanceof CatalogFault)) throw fault;
    return fault.issues.map(({ expression, message }) => `${expression} ${message}`);
  }
}

describe('the screening settings of a hospital', () => {
  test('are those that a rule asks for', () => {
    withSettings('hold-first-trimester');
    expect(faults()).toEqual([]);
  });

  test('stop the start when they are misspelt, because the rule would be milder than the hospital wants', () => {
    withSettings('hold-first-trimester', 'hold-first-trimster');
    expect(faults()).toEqual([
      'mappings/partners/demo-hospital.json .screeningSettings names "hold-first-trimster", which no rule asks for; known are hold-first-trimester.',
    ]);
  });
});

describe('a file of data', () => {
  const file = 'rules/fever.json';
  const saved = () => readFileSync(join(folder, file), 'utf8');

  test.each<[string, (text: string) => string, string]>([
    ['says one thing twice', (text) => text.replace('"disposition"', '"disposition": "flag", "disposition"'), 'twice'],
    ['is half written', (text) => text.slice(0, 300), 'line 9'],
    ['is empty', () => '', 'is empty'],
  ])('that %s is not used, and is named with the place', (_, spoil, told) => {
    withSettings();
    const before = saved();
    writeFileSync(join(folder, file), spoil(before));
    expect(load).toThrow(/^mappings\/rules\/fever\.json cannot be used: /);
    expect(load).toThrow(told);
    writeFileSync(join(folder, file), before);
    expect(faults()).toEqual([]);
  });
});
