import { describe, expect, test } from 'vitest';
import { loadMappings } from '../../../src/core/mapping/load.ts';
import { pictureOf } from '../../../src/core/mapping/problems.ts';
import { type LanguageCase, testCases } from './case-table.ts';
import { r4Models } from './models.ts';

const head = 'map "http://example.org/m" = "m"\n';
const bad = (name: string, map: string, issues: readonly string[], says?: string): LanguageCase => ({
  name,
  map,
  issues,
  ...(says === undefined ? {} : { says }),
});

const cases: readonly LanguageCase[] = [
  bad(
    'an unknown source element is an error with a suggestion',
    'src.gendre as v -> tgt.gender = v;',
    ['mapping-unknown-element:3'],
    'Did you mean "gender"?',
  ),
  bad(
    'an unknown target element is an error with a suggestion',
    'src.gender as v -> tgt.gendr = v;',
    ['mapping-unknown-element:3'],
    'Did you mean "gender"?',
  ),
  bad(
    'an unknown element in a condition is an error',
    "src.name as n where (famly = 'x') -> tgt.gender = 'male';",
    ['mapping-unknown-element:3'],
    'HumanName has no element "famly". Did you mean "family"?',
  ),
  bad(
    'an unknown variable is an error with a suggestion',
    'src.gender as v -> tgr.gender = v;',
    ['mapping-unknown-variable:3'],
    'Did you mean "tgt"?',
  ),
  bad('an unknown argument is an error', 'src.gender as v -> tgt.gender = w;', ['mapping-unknown-variable:3']),
  bad(
    'an unknown group is an error with a suggestion',
    'src as s then gg(s, tgt);',
    ['mapping-unknown-group:3'],
    'Did you mean "g"?',
  ),
  bad(
    'a call with too few arguments is an error',
    'src as s then g(s);',
    ['mapping-arguments:3'],
    'takes 2 arguments (src, tgt)',
  ),
  bad('a source where a target is needed is an error', 'src as s then g(s, s);', ['mapping-arguments:3']),
  bad('writing into a source is an error', "src -> src.gender = 'male';", ['mapping-source-changed:3']),
  bad(
    'a wrong type is an error',
    'src.maritalStatus as n -> tgt.gender = n;',
    ['mapping-wrong-type:3'],
    '"tgt.gender" takes code, but gets CodeableConcept',
  ),
  bad('a text for a boolean is an error with advice', "src -> tgt.active = 'yes';", ['mapping-wrong-type:3'], 'cast()'),
  bad(
    'identity between different types is an error',
    'src.name -> tgt.telecom;',
    ['mapping-wrong-type:3'],
    'no default group',
  ),
  bad(
    'a choice that is made without type is an error',
    'src -> tgt.deceased as d;',
    ['mapping-choice-unsettled:3'],
    "create('…')",
  ),
  bad('a primitive that is made without value is an error', 'src -> tgt.gender;', ['mapping-no-value:3']),
  bad(
    'a transform that does not exist is an error by name',
    'src.gender as v -> tgt.gender = trunkate(v, 1);',
    ['mapping-not-supported:3'],
    'Did you mean "truncate"?',
  ),
  bad(
    'a transform with too few arguments is an error',
    'src.gender as v -> tgt.gender = truncate(v);',
    ['mapping-transform:3'],
    'a text and a length',
  ),
  bad('a length below 0 is an error', 'src.gender as v -> tgt.gender = truncate(v, -1);', ['mapping-transform:3']),
  bad(
    'an unknown escaping is an error',
    "src.gender as v -> tgt.gender = escape(v, 'pdf');",
    ['mapping-transform:3'],
    'pdf',
  ),
  bad(
    'cast to an unknown type is an error',
    "src.gender as v -> tgt.gender = cast(v, 'colour');",
    ['mapping-transform:3'],
    'colour',
  ),
  bad(
    'a date format that is not supported is an error',
    "src.gender as v -> tgt.birthDate = toDate(v, 'dd MMM yy');",
    ['mapping-transform:3'],
    'not supported',
  ),
  bad(
    'a concept map that is not loaded is an error',
    "src.gender as v -> tgt.gender = translate(v, 'http://example.org/x', 'code');",
    ['mapping-unknown-concept-map:3'],
  ),
  bad(
    'translate with an unknown output is an error',
    `${head}conceptmap "#t" { prefix s = "a" prefix t = "b" s:x - t:y }\ngroup g(source src : Patient, target tgt : Patient) { src.gender as v -> tgt.gender = translate(v, '#t', 'kode'); }`,
    ['mapping-transform:3'],
    'Did you mean "code"?',
  ),
  bad(
    'an undeclared prefix is an error',
    `${head}conceptmap "#t" { prefix s = "a" s:x - t:y }\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
    ['mapping-unknown-prefix:2'],
  ),
  bad(
    'a FHIRPath expression that cannot be read is an error at its place',
    "src as n where (gender = ) -> tgt.gender = 'male';",
    ['mapping-expression:3'],
  ),
  bad('names of JavaScript are refused as elements', "src.constructor as c -> tgt.gender = 'male';", [
    'mapping-forbidden-name:3',
  ]),
  bad('names of JavaScript are refused as targets', "src -> tgt.__proto__ = 'male';", ['mapping-forbidden-name:3']),
  bad(
    'a second where is an error',
    "src.name as n where (true) where (true) -> tgt.gender = 'male';",
    ['mapping-syntax:3'],
    'only one "where"',
  ),
  bad('a cardinality that cannot be met is an error', "src.name 3..2 as n -> tgt.name as m, m.text = 'x';", [
    'mapping-cardinality:3',
  ]),
  bad(
    'a group that extends itself is an error',
    `${head}group g(source src : Patient, target tgt : Patient) extends g { src -> tgt.id = 'x'; }`,
    ['mapping-circle:2'],
  ),
  bad(
    'a base group that is not there is an error',
    `${head}group g(source src : Patient, target tgt : Patient) extends h { src -> tgt.id = 'x'; }`,
    ['mapping-unknown-group:2'],
  ),
  bad(
    'two groups of one name are an error',
    `${head}group g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
    ['mapping-duplicate:3'],
  ),
  bad(
    'a map without url is an error',
    "group g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }".replace(
      'group',
      "/// name = 'm'\ngroup",
    ),
    ['mapping-no-url:1'],
  ),
  bad('a map without group is an error', head, ['mapping-no-group:1']),
  bad(
    'an unknown mode of uses is an error with a suggestion',
    `${head}uses "http://x" as sorce\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
    ['mapping-syntax:2'],
    'Did you mean "source"?',
  ),
  bad(
    'an unknown declaration is an error with a suggestion',
    `${head}import "http://x"\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
    ['mapping-syntax:2'],
    'Did you mean "imports"?',
  ),
  bad(
    'an unknown import is a warning',
    `${head}imports "http://example.org/n"\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }`,
    ['mapping-unknown-import:2'],
  ),
  bad(
    'an unknown type is a warning, and nothing about it is checked',
    `${head}group g(source src : Patyent, target tgt : Patient) { src.whatever as w -> tgt.id = w; }`,
    ['mapping-unknown-type:2'],
  ),
  bad('a list into one place is a warning', 'src.name as n -> tgt.gender = (n.family);', [
    'mapping-list-into-single:3',
  ]),
  bad(
    'a rule that can never apply is a warning',
    "src.maritalStatus : Address as n -> tgt.gender = 'male';",
    ['mapping-unreachable-rule:3'],
    'never Address',
  ),
  bad('a list mode on one place that skips it is a warning', "src.gender not_first as g -> tgt.gender = 'male';", [
    'mapping-unreachable-rule:3',
  ]),
  bad(
    'an element that must be there and is never set is a warning',
    `${head}group g(source src : Patient, target tgt : Observation) { src -> tgt.status = 'final'; }`,
    ['mapping-missing-required:2'],
    'code',
  ),
  bad(
    'a resource of a type that the models do not know is not made',
    `${head}uses "http://example.org/Observation" alias Obs as produced\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.contained = create('Obs') as o, o.status = 'final'; }`,
    ['mapping-unknown-type:3', 'mapping-unknown-type:3'],
    'it would have no resourceType',
  ),
  bad(
    'a constant that is no date is an error',
    "src -> tgt.birthDate = '80-1-1';",
    ['mapping-wrong-type:3'],
    'it should be a date: YYYY, YYYY-MM or YYYY-MM-DD',
  ),
  bad(
    'a constant of 0 for a positive number is an error',
    'src -> tgt.telecom as t, t.rank = 0;',
    ['mapping-wrong-type:3'],
    'a whole number of 1 or more',
  ),
  bad(
    'a fraction for a whole number is an error',
    'src -> tgt.multipleBirthInteger = 1.5;',
    ['mapping-wrong-type:3'],
    'a whole number between',
  ),
  bad(
    'a condition that is a text is an error with advice',
    "src.name as n where \"use = 'official'\" -> tgt.gender = 'male';",
    ['mapping-expression:3'],
    "write where (use = 'official')",
  ),
  bad(
    'a condition that never holds is a warning',
    "src.name as n where (false) -> tgt.gender = 'male';",
    ['mapping-unreachable-rule:3'],
    'never runs',
  ),
  bad(
    'a text without its closing quote is an error',
    "src -> tgt.id = 'x;",
    ['mapping-syntax:3', 'mapping-syntax:5', 'mapping-syntax:2'].slice(0, 1),
  ),
];

describe('misuse', () => testCases(cases.slice(0, -1)));

describe('errors', () => {
  test('a missing semicolon is told where it is missing, and the next rule is read all the same', () => {
    const rules = [
      'src.gender as v -> tgt.gender = v',
      'src.name -> tgt.name',
      'src.birthDate as b where (b > @2000-01-01) -> tgt.id = \'x\' "rule"',
      "src.id as i where i = 'a' and",
      '  src.active -> tgt.id = (i &',
      '  src.id);',
      'src.gendre as v -> tgt.gender = v',
    ];
    const text = `${head}group g(source src : Patient, target tgt : Patient) {\n${rules.join('\n')}\n}\n`;
    const { issues } = loadMappings([{ file: 'm.map', text }], r4Models());
    expect(issues.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
      'mapping-syntax 3:34',
      'mapping-syntax 4:21',
      'mapping-syntax 5:66',
      'mapping-syntax 9:34',
      'mapping-unknown-element 9:5',
    ]);
  });

  test('an error in an expression stands at its own line and column', () => {
    const text = `${head}group g(source src : Patient, target tgt : Patient) {\n  src.name as n where (use = 'x'\n    and famly = 'y') -> tgt.id = 'x';\n  src as s -> tgt.id = (src.gender & src.gendre);\n}\n`;
    const { issues } = loadMappings([{ file: 'm.map', text }], r4Models());
    expect(issues.map((issue) => issue.expression)).toEqual(['m.map:4:9', 'm.map:5:42']);
  });

  test('all errors of a file are told at once, in the rules after a broken one too', () => {
    const text = `${head}group g(source src : Patient, target tgt : Patient) {\n src.name as -> tgt.id = 'x';\n src.gendre as v -> tgt.gender = v;\n src -> tgt.active = ;\n src -> tgt.gendre = 'male';\n}\n`;
    const { issues, mappings } = loadMappings([{ file: 'm.map', text }], r4Models());
    expect(issues.map((issue) => issue.expression)).toEqual(['m.map:3:14', 'm.map:5:22', 'm.map:4:6', 'm.map:6:13']);
    expect(mappings.size).toBe(0);
  });

  test('a picture shows file, line, column and a caret', () => {
    const source = {
      file: 'm.map',
      text: `${head}group g(source src : Patient, target tgt : Patient) {\n\tsrc.gendre as v -> tgt.gender = v;\n}`,
    };
    const [issue] = loadMappings([source], r4Models()).issues;
    expect(issue && pictureOf(issue, [source])).toBe(
      'error[mapping-unknown-element]: Patient has no element "gendre". Did you mean "gender"?\n  --> m.map:3:6\n  |\n3 | \tsrc.gendre as v -> tgt.gender = v;\n  | \t    ^',
    );
  });

  test('a picture of a long line shows what is around the place', () => {
    const rule = (at: number): string => `${' '.repeat(at)}src.gendre as v -> tgt.gender = v; // ${'x'.repeat(100)}`;
    const pictures = [0, 300].map((at) => {
      const text = `${head}group g(source src : Patient, target tgt : Patient) {\n${rule(at)}\n}`;
      const source = { file: 'm.map', text };
      const [issue] = loadMappings([source], r4Models()).issues;
      return issue === undefined ? [] : pictureOf(issue, [source]).split('\n').slice(3);
    });
    for (const [line = '', caret = ''] of pictures) {
      expect(line.length).toBeLessThan(130);
      expect(line.slice(caret.indexOf('^'), caret.indexOf('^') + 6)).toBe('gendre');
    }
    expect(pictures.map(([line]) => [line?.startsWith('3 | …'), line?.endsWith('…')])).toEqual([
      [false, true],
      [true, true],
    ]);
  });

  test('a failure tells map, group, rule, line, source path and type, and no value', () => {
    const text = `${head}group g(source src : Patient, target tgt : Patient) {\n  src.telecom as t then {\n    t.value as v check ($this != 'secret') -> tgt.id = v "only";\n  };\n}`;
    const mapping = loadMappings([{ file: 'm.map', text }], r4Models()).mappings.get('m');
    const result = mapping?.run(
      { src: { resourceType: 'Patient', telecom: [{ value: 'open' }, { value: 'secret' }] } },
      { now: '2026-01-01T00:00:00Z', newId: () => 'x' },
    );
    expect(result).toMatchObject({
      ok: false,
      failures: [
        {
          code: 'mapping-check-failed',
          place: { map: 'http://example.org/m', group: 'g', rule: 'only', line: 4 },
          sourcePath: 'src.telecom[1].value',
          sourceType: 'string',
        },
      ],
    });
    expect(JSON.stringify(result)).not.toContain('"secret"');
  });

  test('a map with an error keeps out the maps that import it, and no others', () => {
    const map = (name: string, more: string): { file: string; text: string } => ({
      file: `${name}.map`,
      text: `map "http://example.org/${name}" = "${name}"\n${more}\n`,
    });
    const good = "group g(source src : Patient, target tgt : Patient) { src -> tgt.id = 'x'; }";
    const { mappings } = loadMappings(
      [map('a', good), map('b', good.replace('id', 'idd')), map('c', `imports "http://example.org/b"\n${good}`)],
      r4Models(),
    );
    expect([...mappings.keys()]).toEqual(['a']);
  });

  test('a constant outside of the required value set is an error with a suggestion, one inside is none', () => {
    const codes = new Set(
      ['male', 'female'].flatMap((code) => [`http://hl7.org/fhir/administrative-gender|${code}`, `|${code}`]),
    );
    const set = { codes, openSystems: new Set<string>(), incomplete: false };
    const told = (code: string, known: object) => {
      const text = `${head}group g(source src : Patient, target tgt : Patient) {\n  src -> tgt.gender = '${code}';\n}`;
      const models = { ...r4Models(), codes: () => ({ ...set, ...known }) };
      return loadMappings([{ file: 'm.map', text }], models).issues.map(
        ({ line, column, message }) => `${line}:${column} ${message}`,
      );
    };
    expect(told('female', {})).toEqual([]);
    expect(told('femail', {})).toEqual([
      '3:23 "tgt.gender" cannot be "femail": it is not in http://hl7.org/fhir/ValueSet/administrative-gender, which the target requires. Did you mean "female"?',
    ]);
    expect(told('femail', { incomplete: true })).toEqual([]);
  });

  test('a concept map that gives codes outside of the required value set is an error', () => {
    const text = `${head}conceptmap "#t" { prefix s = "a" prefix t = "http://hl7.org/fhir/administrative-gender" s:x - t:femail }\ngroup g(source src : Patient, target tgt : Patient) { src.id as v -> tgt.gender = translate(v, '#t', 'code'); }`;
    const codes = new Set(['http://hl7.org/fhir/administrative-gender|female', '|female']);
    const models = {
      ...r4Models(),
      codes: (url: string) =>
        url === 'http://hl7.org/fhir/ValueSet/administrative-gender'
          ? { codes, openSystems: new Set<string>(), incomplete: false }
          : undefined,
    };
    expect(
      loadMappings([{ file: 'm.map', text }], models).issues.map((issue) => `${issue.code}:${issue.line}`),
    ).toContain('mapping-outside-value-set:2');
  });
});
