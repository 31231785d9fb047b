import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/core/mapping/digest.ts';
import { type EngineMappings, loadMappings, newLoader } from '../../../src/core/mapping/load.ts';
import type { MappingSource } from '../../../src/core/mapping/mapping.ts';
import { environment } from './case-table.ts';
import { r4Models } from './models.ts';

const map = (name: string, more: string): MappingSource => ({
  file: `${name}.map`,
  text: `map "http://example.org/${name}" = "${name}"\n${more}\n`,
});
const table = (name: string, from: string, code: string, more: object = {}): MappingSource => ({
  file: `${name}.json`,
  text: JSON.stringify({
    resourceType: 'ConceptMap',
    url: `http://example.org/${name}`,
    group: [{ source: 's', target: 't', element: [{ code: from, target: [{ code, equivalence: 'equal' }] }], ...more }],
  }),
});
const patient = 'group p(source src : Patient, target tgt : Patient) { src.gender -> tgt.gender; }';
const person = 'group q(source src : Person, target tgt : Patient) { src.gender -> tgt.gender; }';
const start: readonly MappingSource[] = [
  map('part', patient),
  map(
    'whole',
    'imports "http://example.org/part"\ngroup w(source src : Patient, target tgt : Patient) { src then p(src, tgt); }',
  ),
  map('other', person),
  map(
    'coded',
    "group c(source src : Patient, target tgt : Patient) { src.id as v -> tgt.id = translate(v, 'http://example.org/one', 'code'); }",
  ),
  table('one', 'a', 'b', { unmapped: { mode: 'other-map', url: 'http://example.org/two' } }),
  table('two', 'z', 'c'),
];

/** `sources` with one file put in place of that of its name, or added. */
function saved(sources: readonly MappingSource[], source: MappingSource): readonly MappingSource[] {
  return [...sources.filter(({ file }) => file !== source.file), source].sort((a, b) => a.file.localeCompare(b.file));
}

function told({ mappings, issues }: EngineMappings): object {
  return { maps: [...mappings].map(([name, { version }]) => `${name} ${version}`), issues };
}

describe('loading again what was changed', () => {
  const steps: readonly (readonly [
    name: string,
    change: (now: readonly MappingSource[]) => readonly MappingSource[],
  ])[] = [
    ['a part gets a comment', (now) => saved(now, map('part', `${patient} // new`))],
    ['a part breaks', (now) => saved(now, map('part', patient.replace('tgt.gender', 'tgt.gendre')))],
    ['the part is mended', (now) => saved(now, map('part', patient))],
    ['a part does not even parse', (now) => saved(now, map('part', 'group p('))],
    ['the part is gone', (now) => now.filter(({ file }) => file !== 'part.map')],
    ['the part is back', (now) => saved(now, map('part', patient))],
    ['a concept map has another code', (now) => saved(now, table('two', 'z', 'd'))],
    ['a concept map that others fall back to is gone', (now) => now.filter(({ file }) => file !== 'two.json')],
    ['it is back', (now) => saved(now, table('two', 'z', 'c'))],
    ['a concept map is no JSON', (now) => saved(now, { file: 'two.json', text: '{' })],
    ['it is JSON again', (now) => saved(now, table('two', 'z', 'c'))],
    ['two maps share a name', (now) => saved(now, { ...map('whole', person), file: 'third.map' })],
    ['they do not any more', (now) => now.filter(({ file }) => file !== 'third.map')],
    [
      'a map becomes a part of another',
      (now) => saved(now, map('other', `imports "http://example.org/coded"\n${person}`)),
    ],
    ['and none again', (now) => saved(now, map('other', person))],
  ];

  test('gives at every step what loading from nothing gives', () => {
    const load = newLoader(r4Models());
    let sources = start;
    expect(told(load(sources))).toEqual(told(loadMappings(sources, r4Models())));
    for (const [name, change] of steps) {
      sources = change(sources);
      expect({ name, ...told(load(sources)) }).toEqual({ name, ...told(loadMappings(sources, r4Models())) });
    }
  });

  test('leaves maps alone that the change does not touch, with their compiled code', () => {
    const load = newLoader(r4Models());
    const before = load(start).mappings;
    const after = load(saved(start, map('part', `${patient} // new`))).mappings;
    const same = [...before].filter(([name, mapping]) => after.get(name) === mapping).map(([name]) => name);
    expect(same).toEqual(['other', 'coded']);
    expect([...after.keys()]).toEqual(['coded', 'other', 'part', 'whole']);
  });

  test('tells what is wrong in a part that other maps use only half, and runs a part by itself', () => {
    const used =
      'imports "http://example.org/part"\ngroup w(source s : Patient, target t : Patient) { s then p(s, t); }';
    const uncalled = 'group u(source src : Patient, target tgt : Patient) { src.gendre -> tgt.gender; }';
    const { issues } = loadMappings([map('part', `${patient}\n${uncalled}`), map('whole', used)], r4Models());
    expect(issues.map(({ code, expression }) => `${code} ${expression}`)).toEqual([
      'mapping-unknown-element part.map:3:59',
    ]);
    const part = loadMappings([map('part', patient), map('whole', used)], r4Models()).mappings.get('part');
    expect(part?.inputs).toEqual([{ name: 'src', type: 'http://hl7.org/fhir/StructureDefinition/Patient' }]);
    expect(part?.run({ src: { resourceType: 'Patient', gender: 'male' } }, environment())).toMatchObject({
      ok: true,
      outputs: { tgt: { resourceType: 'Patient', gender: 'male' } },
    });
  });

  test('runs a row of the concept map that another one falls back to as it is now', () => {
    const load = newLoader(r4Models());
    const idOf = (sources: readonly MappingSource[]): unknown => {
      const run = load(sources)
        .mappings.get('coded')
        ?.run({ src: { resourceType: 'Patient', id: 'z' } }, environment());
      return run?.ok === true ? (run.outputs.tgt as { readonly id?: string }).id : run;
    };
    expect(idOf(start)).toBe('c');
    expect(idOf(saved(start, table('two', 'z', 'd')))).toBe('d');
  });
});

describe('the digest', () => {
  test('is SHA-256 of the UTF-8 bytes, whatever the length', () => {
    for (let length = 0; length < 200; length++) {
      const text = `${'aé€😀x'.repeat(length)}${'y'.repeat(length % 70)}`;
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });
});

test('a concept map that says one thing twice is refused with the place: the last would win without a word', () => {
  const [source] = [table('two', 'z', 'c')];
  const twice = source.text.replace('"code":"c"', '"code":"d","code":"c"');
  const { issues } = loadMappings([{ ...source, text: twice }], r4Models());
  expect(issues).toMatchObject([{ severity: 'error', code: 'mapping-syntax', line: 1 }]);
  expect(issues[0]?.message).toContain("'code' stands twice");
});
