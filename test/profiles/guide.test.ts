import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { generatedFolder, loadDefinitions } from '../../src/io/definitions/definitions.ts';
import { conformance, examples, profiles } from './guide.ts';

const guide = join(generatedFolder, '..');
const base = /^canonical: (\S+)$/m.exec(readFileSync(join(guide, 'sushi-config.yaml'), 'utf8'))?.[1] ?? '';
const valueSets = conformance.filter((resource): resource is ValueSet => resource.resourceType === 'ValueSet');
const codeSystems = conformance.filter((resource): resource is CodeSystem => resource.resourceType === 'CodeSystem');
const definitions = loadDefinitions();

describe('the guide', () => {
  test('has one canonical base: its sources repeat it only where FSH cannot refer to it', () => {
    expect(base).toMatch(/^https:\/\//);
    const folder = join(guide, 'input/fsh');
    const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
    const repeated = lines.filter((line) => line.includes(base));
    expect(repeated.map((line) => line.replace(base, '…'))).toEqual([
      'Alias: $sid-plan = …/sid/plan',
      'Alias: $sid-session = …/sid/session',
      'Alias: $sid-measurement = …/sid/measurement',
      '* url = "…/CapabilityStatement/tactus-server"',
    ]);
    const strayed = lines.filter((line) => /tactus\.example/.test(line) && !line.includes(base));
    expect(strayed).toEqual([]);
    for (const resource of conformance) expect('url' in resource && resource.url).toMatch(new RegExp(`^${base}/`));
  });

  test('explains each profile in a text that a hospital engineer can work from', () => {
    for (const { id, type, description } of profiles) {
      expect(description?.length, id).toBeGreaterThan(type === 'Extension' ? 30 : 400);
    }
  });

  test('has a whole sentence for each of its rules', () => {
    const rules = profiles
      .flatMap(({ snapshot }) => snapshot?.element ?? [])
      .flatMap(({ constraint }) => constraint ?? []);
    const own = rules.filter(({ key }) => /^m[a-z]{2}-\d+$/.test(key ?? ''));
    expect(new Set(own.map(({ key }) => key)).size).toBeGreaterThanOrEqual(30);
    for (const { key, human } of own) expect(human, key).toMatch(/^[A-Z'].{30,}\.?$/);
  });

  test('says in docs/profiles.md what it has', () => {
    const page = readFileSync(join(guide, '../docs/profiles.md'), 'utf8');
    const named = [...profiles, ...codeSystems].map(({ id }) => id ?? '');
    for (const id of [...named, 'TreatmentPlan', 'Session']) expect(page, id).toContain(`\`${id}\``);
    for (const { id, concept } of codeSystems)
      for (const { code } of concept ?? []) expect(page, id).toContain(`${code}`);
  });
});

describe('terminology', () => {
  test.each([
    ['http://snomed.info/sct', /SNOMED/],
    ['http://loinc.org', /LOINC/],
    ['http://nucc.org/provider-taxonomy', /NUCC/],
    ['http://www.ama-assn.org/go/cpt', /CPT/],
  ])('of %s is used with the notice of its owner', (system, notice) => {
    const users = valueSets.filter(({ compose }) => compose?.include?.some((part) => part.system === system));
    expect(users.length).toBeGreaterThan(0);
    for (const { id, copyright } of users) expect(copyright, id).toMatch(notice);
  });

  test('carries CPT numbers without the descriptors of their owner', () => {
    const parts = valueSets.flatMap(({ compose }) => compose?.include ?? []);
    const concepts = parts.filter(({ system }) => system?.endsWith('/cpt')).flatMap(({ concept }) => concept ?? []);
    expect(concepts.length).toBeGreaterThan(0);
    expect(concepts.filter(({ display }) => display !== undefined)).toEqual([]);
  });

  test('in required bindings is expanded completely and holds no code that is not verified', () => {
    const elements = profiles.flatMap(({ snapshot }) => snapshot?.element ?? []);
    const required = elements.filter(
      ({ binding }) => binding?.strength === 'required' && binding.valueSet?.startsWith(base),
    );
    expect(required.length).toBeGreaterThan(20);
    for (const { id, binding } of required) {
      const set = definitions.codes(binding?.valueSet ?? '');
      expect(set?.codes.size, id).toBeGreaterThan(0);
      expect([set?.incomplete, set?.openSystems.size], id).toEqual([false, 0]);
      for (const code of ['387854002', '822410621000087104', 'X0201', 'X0205']) {
        expect(set?.codes.has(`|${code}`), `${code} at ${id}`).toBe(false);
      }
    }
  });
});

describe('profiles/generated', () => {
  test('keeps to its size: 4 MB of R4 and 2 MB of ours', () => {
    const sizeOf = (name: string): number => statSync(join(generatedFolder, name)).size;
    const files = readdirSync(generatedFolder, { recursive: true }).map(String);
    const own = files.filter((name) => /^(tactus|examples)\/.+/.test(name));
    const r4 = files.filter((name) => /\.ndjson$|^r4\/.+\.json$/.test(name));
    expect(own.reduce((total, name) => total + sizeOf(name), 0)).toBeLessThan(2e6);
    expect(r4.reduce((total, name) => total + sizeOf(name), 0)).toBeLessThan(4e6);
  });

  test('names in its index only files that are there, by their own url', () => {
    const index = JSON.parse(readFileSync(join(generatedFolder, 'index.json'), 'utf8')) as Record<string, string>;
    expect(Object.keys(index).length).toBeGreaterThan(250);
    for (const [url, file] of Object.entries(index)) {
      expect(existsSync(join(generatedFolder, file)), file).toBe(true);
      expect(JSON.parse(readFileSync(join(generatedFolder, file), 'utf8')).url).toBe(url);
    }
  });

  test('holds invented people only: no example has a name, an address or a date of birth', () => {
    for (const [id, example] of examples) {
      expect(JSON.stringify(example), id).not.toMatch(/"(birthDate|telecom|address|family|given)"/);
    }
  });
});
