import { describe, expect, test } from 'vitest';
import type { EngineMapping } from '../../../src/core/mapping/engine.ts';
import { loadMappings } from '../../../src/core/mapping/load.ts';
import { mutants } from '../../../src/core/mapping/mutants.ts';
import { traceParameters } from '../../../src/core/mapping/trace-json.ts';
import { environment, load } from './case-table.ts';
import { r4Models } from './models.ts';

const text = `map "http://example.org/m" = "m"
conceptmap "#t" {
  prefix s = "http://hl7.org/fhir/administrative-gender"
  prefix t = "http://x"
  s:female - t:other
  s:male - t:unknown
}
group g(source src : Patient, target tgt : Patient) {
  src.gender as v -> tgt.gender = translate(v, '#t', 'code') "gender";
  src.name as n -> tgt.name as m, m.text = append(n2, ' ') "name";
  src.maritalStatus as s -> tgt.maritalStatus = s "status";
  src.telecom as t where (system = 'phone') -> tgt.telecom as u then {
    t.value as v -> u.value = v "value";
  } "telecom";
  src -> tgt.active = true "active";
}
`.replace("append(n2, ' ')", "(n.family & '!')");
const input = {
  resourceType: 'Patient',
  gender: 'female',
  birthDate: '1980-01-01',
  name: [{ family: 'Test', given: ['Ann'] }],
  maritalStatus: { coding: [{ code: 'M' }], text: 'x' },
  telecom: [
    { system: 'email', value: '1' },
    { system: 'phone', value: '2' },
  ],
};

function mapping() {
  const found = loadMappings([{ file: 'm.map', text }], r4Models()).mappings.get('m');
  if (found === undefined) throw new Error('the map does not load');
  return found;
}

/** The first trace of a mapping is told by the interpreter, the second by compiled code. */
function traceOf(traced: EngineMapping) {
  const first = traced.trace({ src: input }, environment());
  const second = traced.trace({ src: input }, environment());
  expect(second).toEqual(first);
  return second;
}

describe('the trace', () => {
  const traced = traceOf(mapping());
  const of = (target: string) => traced.trace.find((entry) => entry.target === target);

  test('it tells for each element of the output where it came from, by which rule', () => {
    expect(traced.trace.map(({ target, sources, transform }) => [target, sources, transform])).toEqual([
      ['tgt.gender', ['src.gender'], 'translate'],
      ['tgt.name[0]', ['src.name[0]'], 'create'],
      ['tgt.name[0].text', ['src.name[0].family'], 'evaluate'],
      ['tgt.maritalStatus.coding[0].code', ['src.maritalStatus.coding[0].code'], 'copy'],
      ['tgt.maritalStatus.text', ['src.maritalStatus.text'], 'copy'],
      ['tgt.telecom[0]', ['src.telecom[1]'], 'create'],
      ['tgt.telecom[0].value', ['src.telecom[1].value'], 'copy'],
      ['tgt.active', [], 'copy'],
    ]);
    expect(of('tgt.telecom[0].value')?.place).toEqual({
      map: 'http://example.org/m',
      group: 'g',
      rule: 'value',
      line: 13,
    });
  });

  test('it tells the row of the concept map', () => {
    expect(of('tgt.gender')?.conceptMapRow).toBe(
      '#t#http://hl7.org/fhir/administrative-gender|female -> http://x|other',
    );
  });

  test('what no rule read is dropped; what a condition looked at was read', () => {
    expect(traced.dropped).toEqual(['src.birthDate', 'src.name[0].given[0]', 'src.telecom[0].value']);
  });

  test('its output is that of a run', () => {
    const { trace: _, dropped: __, ...result } = traced;
    expect(result).toEqual(mapping().run({ src: input }, environment()));
  });

  test('something made first and put into its place later has the path of its place', () => {
    const bundle = load({
      name: '',
      to: 'Bundle',
      map: "src -> create('Patient') as p, p.id = 'x', tgt.entry as e, e.resource = p;",
    }).mappings.get('m');
    const targets = bundle === undefined ? [] : traceOf(bundle).trace.map((entry) => entry.target);
    expect(targets).toEqual(['tgt.entry[0].resource.id', 'tgt.entry[0]']);
  });

  test('as Parameters it holds paths and no values', () => {
    const parameters = traceParameters(mapping(), traced);
    expect(parameters.parameter[2]).toEqual({
      name: 'trace',
      part: [
        { name: 'target', valueString: 'tgt.gender' },
        { name: 'source', valueString: 'src.gender' },
        { name: 'map', valueString: 'http://example.org/m' },
        { name: 'group', valueString: 'g' },
        { name: 'rule', valueString: 'gender' },
        { name: 'line', valueInteger: 9 },
        { name: 'transform', valueString: 'translate' },
        { name: 'conceptMapRow', valueString: '#t#http://hl7.org/fhir/administrative-gender|female -> http://x|other' },
      ],
    });
    expect(JSON.stringify(parameters)).not.toContain('Ann');
  });
});

describe('coverage', () => {
  test('it tells rules that ran and that were skipped, rows, elements read, dropped and set', () => {
    const found = mapping();
    const run = found.coverage({ src: { resourceType: 'Patient', gender: 'male', birthDate: '1980' } }, environment());
    const named = (numbers: ReadonlySet<number>): readonly (string | undefined)[] =>
      [...numbers].map((at) => found.rules[at]?.place.rule);
    expect(named(run.fired)).toEqual(['gender', 'active']);
    expect(named(run.skipped)).toEqual(['name', 'status', 'telecom']);
    expect([...run.rows]).toEqual(['#t#http://hl7.org/fhir/administrative-gender|male -> http://x|unknown']);
    expect([...run.read]).toEqual(['src.gender']);
    expect([...run.dropped]).toEqual(['src.birthDate']);
    expect([...run.set]).toEqual(['tgt.gender', 'tgt.active']);
    expect(found.coverable.rows.size).toBe(2);
    expect(found.coverable.rules.length).toBe(6);
  });
});

describe('mutants', () => {
  const found = mutants({ file: 'm.map', text });

  test('each rule is removed once, each constant altered, each where negated, each row removed', () => {
    const counts = new Map<string, number>();
    for (const mutant of found) counts.set(mutant.kind, (counts.get(mutant.kind) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      'rule-removed': 6,
      'constant-altered': 1,
      'condition-negated': 1,
      'row-removed': 2,
    });
  });

  test('every mutant of a good map is a map that loads and does something else', () => {
    const more = { ...input, gender: 'male' };
    const outputs = (map: string) => {
      const { mappings, issues } = loadMappings([{ file: 'm.map', text: map }], r4Models());
      expect(issues.filter((issue) => issue.severity === 'error')).toEqual([]);
      return [input, more].map((one) => mappings.get('m')?.run({ src: one }, environment()));
    };
    for (const mutant of found) expect(outputs(mutant.source.text), mutant.description).not.toEqual(outputs(text));
  });

  test('rows of ConceptMap resources are removed one by one', () => {
    const resource = {
      resourceType: 'ConceptMap',
      url: 'u',
      group: [
        {
          element: [
            { code: 'a', target: [{ code: 'b' }] },
            { code: 'c', target: [{ code: 'd' }] },
          ],
        },
      ],
    };
    expect(
      mutants({ file: 'c.json', text: JSON.stringify(resource) }).map(
        (mutant) => JSON.parse(mutant.source.text).group[0].element.length,
      ),
    ).toEqual([1, 1]);
  });
});

describe('a mapping is configuration, not code', () => {
  const hostile = [
    "'; globalThis.hit = 1; //",
    `$${'{globalThis.hit = 1}'}`,
    '*/ globalThis.hit = 1; /*',
    '\\u0027); globalThis.hit = 1; (\\u0027',
    '\\\\',
    '\u2028globalThis.hit=1',
    '`',
    '</script>',
  ];

  test.each(hostile)('the text %j stays a text, in constants, rule names, conditions and messages', (raw) => {
    const quoted = raw.replace(/[\\'"]/g, '\\$&');
    const one = load({
      name: '',
      map: `src where (id != '${quoted}') -> tgt.id = '${quoted}', tgt.identifier = id('${quoted}', 'x') "${quoted}";`,
    });
    const result = one.mappings.get('m')?.run({ src: { resourceType: 'Patient', id: 'p' } }, environment());
    expect(result).toMatchObject({ ok: true, outputs: { tgt: { id: raw, identifier: [{ system: raw }] } } });
    expect('hit' in globalThis).toBe(false);
  });

  test.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'])(
    'the name %s is refused as source, target, constant and parameter',
    (name) => {
      const codes = [
        `src.\`${name}\` as v -> tgt.id = v;`,
        `src -> tgt.\`${name}\` = 'x';`,
        `map "http://example.org/m" = "m"\nlet ${name} = 'x';\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
        `map "http://example.org/m" = "m"\ngroup g(source ${name} : Patient, target tgt : Patient) { ${name} -> tgt.id = 'x'; }`,
      ].map((map) => load({ name: '', map }).issues[0]?.code);
      expect(codes).toEqual([
        'mapping-forbidden-name',
        'mapping-forbidden-name',
        'mapping-forbidden-name',
        'mapping-forbidden-name',
      ]);
    },
  );

  test('an input with __proto__ as an element changes no prototype', () => {
    const mapping = load({ name: '', map: 'src.maritalStatus -> tgt.maritalStatus;' }).mappings.get('m');
    const result = mapping?.run(
      { src: JSON.parse('{"resourceType":"Patient","maritalStatus":{"text":"x","__proto__":{"polluted":true}}}') },
      environment(),
    );
    expect(result).toMatchObject({ ok: false, failures: [{ code: 'mapping-forbidden-name' }] });
    expect('polluted' in {}).toBe(false);
  });

  test('the version changes with the text of the map, of its imports and of the concept maps, and with nothing else', () => {
    const map = {
      file: 'm.map',
      text: `map "http://example.org/m" = "m"\nimports "http://example.org/lib"\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
    };
    const library = { file: 'lib.map', text: `map "http://example.org/lib" = "lib"\ngroup h(source a, target b) { }` };
    const other = {
      file: 'other.map',
      text: `map "http://example.org/other" = "other"\ngroup h(source a, target b) { }`,
    };
    const version = (...sources: readonly { file: string; text: string }[]): string | undefined =>
      loadMappings(sources, r4Models()).mappings.get('m')?.version;
    const before = version(map, library);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(version(library, map, other)).toBe(before);
    expect(version(map, { ...library, text: `${library.text} ` })).not.toBe(before);
  });
});
