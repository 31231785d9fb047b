import { describe, expect, test } from 'vitest';
import { loadMappings } from '../../../src/core/mapping/load.ts';
import { type LanguageCase, testCases, textOf } from './case-table.ts';
import { r4Models } from './models.ts';

/**
 * The feature matrix: what http://hl7.org/fhir/R5/mapping-language.html (and, for `let`, `///` and short forms, the
 * language's own guide) lets an author write, each once as meant and once misused. Fine points are in the other tests.
 */
type Half = Omit<LanguageCase, 'name'>;
type Pair = readonly [feature: string, meant: Half, misused: Half];

const patient = (more: object = {}): object => ({ resourceType: 'Patient', ...more });
const observation = (more: object = {}): object => ({ resourceType: 'Observation', ...more });
const two = patient({ id: 'p', gender: 'female', name: [{ family: 'Test', given: ['Ann'] }, { family: 'Probe' }] });
const file = (name: string, more: string) => ({
  file: `${name}.map`,
  text: `map "http://example.org/lib/${name}" = "${name}"\n${more}\n`,
});
const head = 'map "http://example.org/m" = "m"\n';
const group = (rules: string, more = ''): string =>
  `${head}${more}group g(source src : Patient, target tgt : Patient) {\n${rules}\n}\n`;
const id = 'src -> tgt.id =';
const text = (value: string): object => patient({ name: [{ text: value }] });
const family = (transform: string): string =>
  `src.name first as s then { s.family as v -> tgt.name as n, n.text = ${transform}; };`;
const table = '#t" { prefix s = "http://s" prefix t = "http://t" s:a - t:b }\n';

const transforms: readonly Pair[] = [
  [
    'create',
    {
      map: "src -> create('Observation') as o, o.status = 'final', tgt.contained = o;",
      output: patient({ contained: [observation({ status: 'final' })] }),
    },
    {
      map: "src -> tgt.extension as e, e.value = create('Quantty') as q, q.value = 1;",
      issues: ['mapping-wrong-type:3', 'mapping-missing-required:3'],
      says: 'There is no type "Quantty"',
    },
  ],
  [
    'copy',
    { map: 'src.gender as v -> tgt.gender = copy(v);', input: two, output: patient({ gender: 'female' }) },
    { map: 'src.gender as v -> tgt.gender = copy(v, v);', issues: ['mapping-transform:3'] },
  ],
  [
    'truncate',
    { map: family('truncate(v, 2)'), input: two, output: text('Te') },
    { map: family("truncate(v, 'two')"), issues: ['mapping-transform:3'], says: 'whole number' },
  ],
  [
    'escape',
    { map: family("escape(v, 'xml')"), input: patient({ name: [{ family: 'a<b' }] }), output: text('a&lt;b') },
    { map: family("escape(v, 'htlm')"), issues: ['mapping-transform:3'], says: 'htlm' },
  ],
  [
    'cast',
    {
      map: "src.id as v -> tgt.multipleBirth = cast(v, 'integer');",
      input: patient({ id: '2' }),
      output: patient({ multipleBirthInteger: 2 }),
    },
    {
      map: "src.id as v -> tgt.multipleBirth = cast(v, 'integer');",
      input: patient({ id: 'two' }),
      failure: ['mapping-cast'],
    },
  ],
  [
    'append',
    { map: family("append(v, '-', 'x')"), input: two, output: text('Test-x') },
    { map: family('append(w)'), issues: ['mapping-unknown-variable:3'] },
  ],
  [
    'translate',
    {
      map: group("src.id as v -> tgt.id = translate(v, '#t', 'code');", `conceptmap "${table}`),
      input: patient({ id: 'a' }),
      output: patient({ id: 'b' }),
    },
    {
      map: group("src.id as v -> tgt.id = translate(v, '#t', 'code');", `conceptmap "${table}`),
      input: patient({ id: 'c' }),
      failure: ['mapping-unmapped-code'],
      says: '#t',
    },
  ],
  [
    'reference',
    {
      map: 'src -> tgt.link as l, l.other = reference(src);',
      input: two,
      output: patient({ link: [{ other: { reference: 'Patient/p' } }] }),
    },
    { map: 'src -> tgt.link as l, l.other = reference(src);', failure: ['mapping-reference'] },
  ],
  [
    'dateOp',
    {
      map: "src.id as v -> tgt.birthDate = dateOp(v, 'dd.MM.yyyy');",
      input: patient({ id: '03.02.1980' }),
      output: patient({ birthDate: '1980-02-03' }),
    },
    {
      map: "src.id as v -> tgt.birthDate = dateOp(v, 'dd.MM.yyyy');",
      input: patient({ id: '30.02.1980' }),
      failure: ['mapping-date'],
    },
  ],
  [
    'uuid',
    { map: `${id} uuid();`, output: patient({ id: '00000000-0000-4000-8000-000000000001' }) },
    { map: `${id} uuid('x');`, issues: ['mapping-transform:3'] },
  ],
  [
    'pointer',
    {
      map: 'src -> tgt.id = pointer(src);',
      input: patient({ id: '00000000-0000-4000-8000-00000000000a' }),
      output: patient({ id: 'urn:uuid:00000000-0000-4000-8000-00000000000a' }),
    },
    { map: 'src -> tgt.id = pointer(src);', failure: ['mapping-reference'] },
  ],
  [
    'evaluate',
    { map: family('evaluate(v, $this.lower())'), input: two, output: text('test') },
    { map: family('evaluate(v, $this.lowre())'), issues: ['mapping-expression:3'], says: 'lowre' },
  ],
  [
    'cc',
    {
      map: "src -> tgt.maritalStatus = cc('s', 'M', 'Married');",
      output: patient({ maritalStatus: { coding: [{ system: 's', code: 'M', display: 'Married' }] } }),
    },
    { map: "src -> tgt.gender = cc('s', 'M');", issues: ['mapping-wrong-type:3'] },
  ],
  [
    'c',
    {
      map: "src -> tgt.meta as m, m.tag = c('s', 'x');",
      output: patient({ meta: { tag: [{ system: 's', code: 'x' }] } }),
    },
    { map: "src -> tgt.meta as m, m.tag = c('x');", issues: ['mapping-transform:3'] },
  ],
  [
    'qty keeps a UCUM unit in braces',
    {
      to: 'Observation',
      map: "src -> tgt.value = qty(7, '{score}', 'http://unitsofmeasure.org', '{score}');",
      output: observation({
        valueQuantity: { value: 7, unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' },
      }),
    },
    { to: 'Observation', map: "src -> tgt.value = qty('seven points');", failure: ['mapping-transform-failed'] },
  ],
  [
    'id',
    { map: "src -> tgt.identifier = id('s', '1');", output: patient({ identifier: [{ system: 's', value: '1' }] }) },
    { map: "src -> tgt.identifier = id('s');", issues: ['mapping-transform:3'] },
  ],
  [
    'cp',
    { map: "src -> tgt.telecom = cp('phone', '1');", output: patient({ telecom: [{ system: 'phone', value: '1' }] }) },
    { map: 'src -> tgt.telecom = cp();', issues: ['mapping-transform:3'] },
  ],
  [
    'a transform by a known name',
    { map: `${id} append('a', 'b');`, output: patient({ id: 'ab' }) },
    { map: `${id} apend('a', 'b');`, issues: ['mapping-not-supported:3'], says: 'Did you mean "append"?' },
  ],
];

const names = (...found: readonly string[]): object => patient({ name: found.map((value) => ({ text: value })) });
const each = (mode: string): string => `src.name ${mode} as s -> tgt.name as n, n.text = (s.family);`;
const sources: readonly Pair[] = [
  [
    'first of a source',
    { map: each('first'), input: two, output: names('Test') },
    { map: each('frist'), issues: ['mapping-syntax:3'] },
  ],
  [
    'not_first',
    { map: each('not_first'), input: two, output: names('Probe') },
    { map: 'src.gender not_first as v -> tgt.gender = v;', issues: ['mapping-unreachable-rule:3'] },
  ],
  [
    'last of a source',
    { map: each('last'), input: two, output: names('Probe') },
    { map: each('last first'), issues: ['mapping-syntax:3'], says: 'only one "listMode"' },
  ],
  [
    'not_last',
    { map: each('not_last'), input: two, output: names('Test') },
    { map: 'src.gender not_last as v -> tgt.gender = v;', issues: ['mapping-unreachable-rule:3'] },
  ],
  [
    'only_one',
    { map: each('only_one'), input: patient({ name: [{ family: 'Test' }] }), output: names('Test') },
    { map: each('only_one'), input: two, failure: ['mapping-not-only-one'] },
  ],
  [
    'cardinality',
    { map: each('1..2'), input: two, output: names('Test', 'Probe') },
    { map: each('1..1'), input: two, failure: ['mapping-cardinality'] },
  ],
  [
    'cardinality without an upper limit',
    { map: each('0..*'), input: two, output: names('Test', 'Probe') },
    { map: each('2..1'), issues: ['mapping-cardinality:3'] },
  ],
  [
    'type',
    {
      from: 'Observation',
      map: 'src.value : string as v -> tgt.id = v;',
      input: observation({ valueString: 'x' }),
      output: patient({ id: 'x' }),
    },
    {
      from: 'Observation',
      map: 'src.value : Address as v -> tgt.address = v;',
      issues: ['mapping-unreachable-rule:3'],
      says: 'never Address',
    },
  ],
  [
    'default',
    { map: "src.gender default ('unknown') as v -> tgt.gender = v;", output: patient({ gender: 'unknown' }) },
    { map: "src.gender default ('unknown' as v -> tgt.gender = v;", issues: ['mapping-syntax:3'] },
  ],
  [
    'where',
    {
      map: "src.name as s where (family = 'Probe') -> tgt.name as n, n.text = (s.family);",
      input: two,
      output: names('Probe'),
    },
    {
      map: "src.name as s where (famly = 'Probe') -> tgt.id = 'x';",
      issues: ['mapping-unknown-element:3'],
      says: 'Did you mean "family"?',
    },
  ],
  [
    'check',
    {
      map: "src.gender as v check ($this != 'unknown') -> tgt.gender = v;",
      input: two,
      output: patient({ gender: 'female' }),
    },
    {
      map: "src.gender as v check ($this = 'unknown') -> tgt.gender = v;",
      input: two,
      failure: ['mapping-check-failed'],
    },
  ],
  [
    'log',
    {
      map: "src.gender as v log ('seen') -> tgt.gender = v;",
      input: two,
      output: patient({ gender: 'female' }),
      reports: ['log: seen'],
    },
    { map: "src.gender as v log ('seen' & ) -> tgt.gender = v;", issues: ['mapping-expression:3'] },
  ],
  [
    'a deep path',
    { map: 'src.name.given as v -> tgt.id = v;', input: two, output: patient({ id: 'Ann' }) },
    {
      map: 'src.maritalStatus.txt as v -> tgt.id = v;',
      issues: ['mapping-unknown-element:3'],
      says: 'Did you mean "text"?',
    },
  ],
  [
    'a choice element',
    {
      from: 'Observation',
      map: 'src.value as v -> tgt.id = (v.code);',
      input: observation({ valueQuantity: { code: '{score}' } }),
      output: patient({ id: '{score}' }),
    },
    { from: 'Observation', map: 'src.valueQuantty as v -> tgt.id = (v.code);', issues: ['mapping-unknown-element:3'] },
  ],
  [
    'several sources',
    {
      map: 'src.name as a, src.gender as b -> tgt.name as n, n.text = (a.family & b);',
      input: two,
      output: names('Testfemale', 'Probefemale'),
    },
    { map: 'src.name as a, b.gender as c -> tgt.id = c;', issues: ['mapping-unknown-variable:3'] },
  ],
  [
    'a source without element',
    { map: `${id} 'x';`, output: patient({ id: 'x' }) },
    { map: "scr -> tgt.id = 'x';", issues: ['mapping-unknown-variable:3'], says: 'Did you mean "src"?' },
  ],
];

const targets: readonly Pair[] = [
  [
    'several targets',
    {
      map: "src -> tgt.contact as c, c.name as n, n.family = 'x';",
      output: patient({ contact: [{ name: { family: 'x' } }] }),
    },
    { map: "src -> tgt.contact as c, d.name as n, n.family = 'x';", issues: ['mapping-unknown-variable:3'] },
  ],
  [
    'a deep path',
    { map: "src -> tgt.contact.name.family = 'x';", output: patient({ contact: [{ name: { family: 'x' } }] }) },
    {
      map: "src -> tgt.contact.nam.family = 'x';",
      issues: ['mapping-unknown-element:3'],
      says: 'Did you mean "name"?',
    },
  ],
  [
    'a choice element',
    {
      to: 'Observation',
      map: "src -> tgt.value = create('Quantity') as q, q.value = 1;",
      output: observation({ valueQuantity: { value: 1 } }),
    },
    {
      to: 'Observation',
      map: 'src -> tgt.value as q, q.value = 1;',
      issues: ['mapping-choice-unsettled:3', 'mapping-missing-required:2'],
      says: "create('…')",
    },
  ],
  [
    'first of a target',
    { map: "src -> tgt.name as n, n.text = 'a';\nsrc -> tgt.name as n first, n.text = 'b';", output: names('b', 'a') },
    { map: "src -> tgt.name as n first last, n.text = 'b';", issues: ['mapping-syntax:3'], says: 'only one list mode' },
  ],
  [
    'last of a target',
    { map: "src -> tgt.name as n last, n.text = 'a';\nsrc -> tgt.name as n, n.text = 'b';", output: names('b', 'a') },
    { map: "src -> tgt.name as n lst, n.text = 'a';", issues: ['mapping-syntax:3'] },
  ],
  [
    'single',
    {
      map: "src -> tgt.name as n single, n.text = 'a';\nsrc -> tgt.name as n single, n.family = 'b';",
      output: patient({ name: [{ text: 'a', family: 'b' }] }),
    },
    {
      map: "src -> tgt.name as n single, n.text = 'a';\nsrc -> tgt.name as n single, n.text = 'b';",
      failure: ['mapping-second-value'],
    },
  ],
  [
    'collate',
    {
      map: "src -> tgt.name as n collate, n.text = 'a';\nsrc -> tgt.name as n collate, n.family = 'b';",
      output: patient({ name: [{ text: 'a', family: 'b' }] }),
    },
    { map: "src -> tgt.name as n collate single, n.text = 'a';", issues: ['mapping-syntax:3'] },
  ],
  [
    'share',
    {
      map: "src -> tgt.name as n share one, n.text = 'a';\nsrc -> tgt.name as n share one, n.family = 'b';",
      output: patient({ name: [{ text: 'a', family: 'b' }] }),
    },
    { map: "src -> tgt.name as n share, n.text = 'a';", issues: ['mapping-syntax:3'], says: '"share" needs a name' },
  ],
  [
    'the identity form',
    { map: 'src.gender -> tgt.gender;', input: two, output: patient({ gender: 'female' }) },
    { map: 'src.maritalStatus -> tgt.gender;', issues: ['mapping-wrong-type:3'] },
  ],
  [
    'the identity form for several elements',
    { map: 'src -> tgt: id, gender;', input: two, output: patient({ id: 'p', gender: 'female' }) },
    { map: 'src -> tgt: id, gendr;', issues: ['mapping-unknown-element:3'], says: 'Did you mean "gender"?' },
  ],
  [
    'an expression as a target',
    { map: "src -> ('x' & 'y') as v then { src -> tgt.id = v; };", output: patient({ id: 'xy' }) },
    { map: "src -> ('x' & ) as v then { src -> tgt.id = v; };", issues: ['mapping-expression:3'] },
  ],
  [
    'a constant',
    { map: 'src -> tgt.active = true;', output: patient({ active: true }) },
    { map: 'src -> tgt.active = 1;', issues: ['mapping-wrong-type:3'] },
  ],
  [
    'a date as a constant',
    { map: 'src -> tgt.birthDate = @1980-02-03;', output: patient({ birthDate: '1980-02-03' }) },
    { map: 'src -> tgt.active = @1980-02-03;', issues: ['mapping-wrong-type:3'] },
  ],
  [
    'what an author may write into',
    { map: "src -> tgt.id = 'x';", output: patient({ id: 'x' }) },
    { map: "src -> src.id = 'x';", issues: ['mapping-source-changed:3'] },
  ],
  [
    'names in backticks',
    { map: "src -> tgt.`id` = 'x';", output: patient({ id: 'x' }) },
    {
      map: "src -> tgt.`id = 'x';",
      issues: ['mapping-syntax:3', 'mapping-syntax:3', 'mapping-unknown-element:3'],
      says: 'has no partner',
    },
  ],
];

const groups: readonly Pair[] = [
  [
    'then with a group',
    {
      map: group(
        'src then h(src, tgt);',
        "group h(source a : Patient, target b : Patient) { a -> b.id = 'x'; }\n",
      ).replace(/(group h.*\n)([\s\S]*)/, '$2$1'),
      output: patient({ id: 'x' }),
    },
    { map: group('src then hh(src, tgt);'), issues: ['mapping-unknown-group:3'] },
  ],
  [
    'then with rules',
    {
      map: 'src.name as s then { s.family as f -> tgt.name as n, n.text = f; };',
      input: two,
      output: names('Test', 'Probe'),
    },
    {
      map: 'src.name as s then { s.family as f -> tgt.name as n, n.text = f };',
      issues: ['mapping-syntax:3'],
      says: 'is missing',
    },
  ],
  [
    'then with several groups',
    {
      map: `${head}group g(source s : Patient, target t : Patient) { s then a(s, t), b(s, t); }\ngroup a(source s : Patient, target t : Patient) { s -> t.id = 'x'; }\ngroup b(source s : Patient, target t : Patient) { s -> t.active = true; }`,
      output: patient({ id: 'x', active: true }),
    },
    {
      map: `${head}group g(source s : Patient, target t : Patient) { s then a(s, t), b(s); }\ngroup a(source s : Patient, target t : Patient) { s -> t.id = 'x'; }\ngroup b(source s : Patient, target t : Patient) { s -> t.active = true; }`,
      issues: ['mapping-arguments:2'],
    },
  ],
  [
    'extends',
    {
      map: `${head}group g(source s : Patient, target t : Patient) extends b { s -> t.id = 'x'; }\ngroup b(source s : Patient, target t : Patient) { s -> t.active = true; }`,
      output: patient({ active: true, id: 'x' }),
    },
    {
      map: `${head}group g(source s : Patient, target t : Patient) extends b { s -> t.id = 'x'; }\ngroup b(source s : Patient, target t : Patient) extends g { s -> t.active = true; }`,
      issues: ['mapping-circle:3', 'mapping-circle:2'],
    },
  ],
  [
    '<<types>>',
    {
      map: `${head}group g(source s : Patient, target t : Patient) { s.name -> t.name; }\ngroup h(source s : HumanName, target t : HumanName) <<types>> { s.family as f -> t.text = f; }`,
      input: two,
      output: names('Test', 'Probe'),
    },
    {
      map: `${head}group g(source s : Patient, target t : Patient) <<tipes>> { s.name -> t.name; }`,
      issues: ['mapping-syntax:2'],
      says: 'Did you mean "types"?',
    },
  ],
  [
    '<<type+>>',
    {
      map: `${head}group g(source s : Patient, target t : Patient) { s.extension as e -> t.extension as f then { e.value -> f.value; }; }\ngroup h(source s : Quantity, target t : string) <<type+>> { s.code as c -> t.value = c; }`,
      input: patient({ extension: [{ valueQuantity: { code: '{score}' } }] }),
      output: patient({ extension: [{ valueString: '{score}' }] }),
    },
    {
      map: `${head}group g(source s : Patient, target t : Patient) <<type>> { s.name -> t.name; }`,
      issues: ['mapping-syntax:2'],
    },
  ],
  [
    'imports with a wildcard',
    {
      map: group('src then h(src, tgt);', 'imports "http://example.org/lib/*"\n'),
      with: [file('x', "group h(source a : Patient, target b : Patient) { a -> b.id = 'x'; }")],
      output: patient({ id: 'x' }),
    },
    { map: group(`${id} 'x';`, 'imports "http://example.org/nothing/*"\n'), issues: ['mapping-unknown-import:2'] },
  ],
  [
    'imports of imports',
    {
      map: group('src then h(src, tgt);', 'imports "http://example.org/lib/a"\n'),
      with: [
        file(
          'a',
          'imports "http://example.org/lib/b"\ngroup k(source a : Patient, target b : Patient) { a then h(a, b); }',
        ),
        file('b', "group h(source a : Patient, target b : Patient) { a -> b.id = 'x'; }"),
      ],
      output: patient({ id: 'x' }),
    },
    {
      map: group('src then h(src, tgt);', 'imports "http://example.org/lib/a"\n'),
      with: [
        file('a', "group k(source a : Patient, target b : Patient) { a -> b.id = 'x'; }"),
        file('b', "group h(source a : Patient, target b : Patient) { a -> b.id = 'x'; }"),
      ],
      issues: ['mapping-unknown-group:4'],
    },
  ],
  [
    'parameters with types',
    {
      map: `${head}group g(source s : Patient, target t : Patient) { s.name first as n -> t.name as m then h(n, m); }\ngroup h(source s : HumanName, target t : HumanName) { s.family as f -> t.text = f; }`,
      input: two,
      output: names('Test'),
    },
    {
      map: `${head}group g(source s : Patient, target t : Patient) { s.name first as n -> t.telecom as m then h(n, m); }\ngroup h(source s : HumanName, target t : HumanName) { s.family as f -> t.text = f; }`,
      issues: ['mapping-wrong-type:2'],
    },
  ],
];

/** A StructureMap that copies an element of a patient into its gender. */
const copying = (element: string): string =>
  JSON.stringify({
    resourceType: 'StructureMap',
    url: 'http://example.org/m',
    name: 'm',
    group: [
      {
        name: 'g',
        typeMode: 'none',
        input: [
          { name: 's', type: 'Patient', mode: 'source' },
          { name: 't', type: 'Patient', mode: 'target' },
        ],
        rule: [
          {
            name: 'r',
            source: [{ context: 's', element, variable: 'v' }],
            target: [
              {
                context: 't',
                contextType: 'variable',
                element: 'gender',
                transform: 'copy',
                parameter: [{ valueId: 'v' }],
              },
            ],
          },
        ],
      },
    ],
  });

const declarations: readonly Pair[] = [
  [
    'let',
    { map: group('src -> tgt.id = x;', "let x = 'y';\n"), output: patient({ id: 'y' }) },
    {
      map: group('src -> tgt.id = x;', "let x = 'y'\n"),
      issues: ['mapping-syntax:2'],
      says: 'ends the constant "x" is missing here',
    },
  ],
  [
    'constants that build on each other',
    { map: group('src -> tgt.id = y;', "let x = 'a';\nlet y = x & 'b';\n"), output: patient({ id: 'ab' }) },
    { map: group('src -> tgt.id = x;', "let x = 'a';\nlet x = 'b';\n"), issues: ['mapping-duplicate:3'] },
  ],
  [
    'uses with an alias',
    {
      map: `${head}uses "http://hl7.org/fhir/StructureDefinition/Patient" alias P as source\ngroup g(source s : P, target t : Patient) { s -> t.id = 'x'; }`,
      output: patient({ id: 'x' }),
    },
    {
      map: `${head}uses "http://hl7.org/fhir/StructureDefinition/Patient" alias as source\ngroup g(source s : Patient, target t : Patient) { s -> t.id = 'x'; }`,
      issues: ['mapping-syntax:2'],
    },
  ],
  [
    'the modes of uses',
    {
      map: `${head}uses "http://hl7.org/fhir/StructureDefinition/HumanName" as produced\ngroup g(source s : Patient, target t : Patient) { s -> t.id = 'x'; }`,
      output: patient({ id: 'x' }),
    },
    {
      map: `${head}uses "http://hl7.org/fhir/StructureDefinition/HumanName" as product\ngroup g(source s : Patient, target t : Patient) { s -> t.id = 'x'; }`,
      issues: ['mapping-syntax:2'],
      says: 'Did you mean "produced"?',
    },
  ],
  [
    'metadata',
    {
      map: `/// url = 'http://example.org/m'\n/// name = 'm'\n/// description = """\nTwo\nlines\n"""\ngroup g(source s : Patient, target t : Patient) { s -> t.id = 'x'; }`,
      output: patient({ id: 'x' }),
    },
    {
      map: "/// name = 'm'\ngroup g(source s : Patient, target t : Patient) { s -> t.id = 'x'; }",
      issues: ['mapping-no-url:1'],
    },
  ],
  [
    'comments',
    { map: "// one\nsrc -> /* two */ tgt.id = 'x'; // three", output: patient({ id: 'x' }) },
    { map: "src -> tgt.id = 'x'; /* open", issues: ['mapping-syntax:3', 'mapping-syntax:2'] },
  ],
  [
    'names of rules',
    { map: `${id} 'x' "rule";`, output: patient({ id: 'x' }) },
    { map: `${id} 'x' "rule" "again";`, issues: ['mapping-expression:3'] },
  ],
  [
    'a concept map inside',
    {
      map: group("src.id as v -> tgt.id = translate(v, '#t', 'code');", `conceptmap "${table}`),
      input: patient({ id: 'a' }),
      output: patient({ id: 'b' }),
    },
    {
      map: group("src.id as v -> tgt.id = translate(v, '#tt', 'code');", `conceptmap "${table}`),
      issues: ['mapping-unknown-concept-map:4'],
      says: 'Did you mean "#t"?',
    },
  ],
  [
    'a concept map of its own',
    {
      map: group("src.id as v -> tgt.id = translate(v, 'http://example.org/cm', 'code');"),
      with: [
        {
          file: 'cm.json',
          text: '{"resourceType":"ConceptMap","url":"http://example.org/cm","group":[{"source":"http://s","target":"http://t","element":[{"code":"a","target":[{"code":"b","equivalence":"equivalent"}]}]}]}',
        },
      ],
      input: patient({ id: 'a' }),
      output: patient({ id: 'b' }),
    },
    {
      map: group("src.id as v -> tgt.id = translate(v, 'http://example.org/cn', 'code');"),
      with: [{ file: 'cm.json', text: '{"resourceType":"ConceptMap","url":"http://example.org/cm","group":[]}' }],
      issues: ['mapping-unknown-concept-map:3'],
      says: 'Did you mean "http://example.org/cm"?',
    },
  ],
  [
    'a declared fallback',
    {
      map: group(
        "src.id as v -> tgt.id = translate(v, '#t', 'code');",
        'conceptmap "#t" { prefix s = "http://s" prefix t = "http://t" unmapped for s = provided s:a - t:b }\n',
      ),
      input: patient({ id: 'z' }),
      output: patient({ id: 'z' }),
      reports: ['unmapped-code: A code of no system has no row in concept map "#t": its fallback "provided" was used.'],
    },
    {
      map: group(
        `${id} 'x';`,
        'conceptmap "#t" { prefix s = "http://s" prefix t = "http://t" unmapped for q = provided s:a - t:b }\n',
      ),
      issues: ['mapping-unknown-prefix:2'],
    },
  ],
  [
    'an R4 StructureMap as JSON',
    {
      map: copying('gender'),
      input: two,
      output: patient({ gender: 'female' }),
    },
    {
      map: copying('gendr'),
      issues: ['mapping-unknown-element:1'],
      says: 'Did you mean "gender"?',
    },
  ],
];

const all: readonly (readonly [string, readonly Pair[]])[] = [
  ['transforms', transforms],
  ['sources', sources],
  ['targets', targets],
  ['groups and imports', groups],
  ['declarations', declarations],
];

describe.each(all)('the feature matrix: %s', (_, pairs) => {
  testCases(
    pairs.flatMap(([feature, meant, misused]) => [
      { ...meant, name: feature },
      { ...misused, name: `${feature}, misused` },
    ]),
  );
});

/** The static checks that the language is held to: each tells line, column and what to do. */
const checks: readonly (readonly [check: string, map: string, place: string, says: string, to?: string | undefined])[] =
  [
    ['an unknown path of a source', 'src.contact.name.famly as f -> tgt.id = f;', '3:18', 'Did you mean "family"?'],
    ['an unknown path of a target', "src -> tgt.contact.nam.family = 'x';", '3:20', 'Did you mean "name"?'],
    ['an unknown path in an expression', 'src -> tgt.id = (src.maritalStatus.txt);', '3:36', 'Did you mean "text"?'],
    ['a wrong type', 'src.gender as v -> tgt.active = v;', '3:20', 'takes boolean, but gets code. Use cast().'],
    ['a list into a single place', 'src.name as n -> tgt.id = (n.family);', '3:18', 'first'],
    [
      'an element that must be there',
      "src -> tgt.status = 'final';",
      '2:7',
      'Observation must have "code"',
      'Observation',
    ],
    ['a rule that never runs', "src.name : Address as n -> tgt.id = 'x';", '3:12', 'never Address'],
  ];

describe('the static checks', () => {
  test.each(checks)(
    '%s is told at its line and column, with what to do',
    (_, map = '', place = '', says = '', to = 'Patient') => {
      const source = { file: 'm.map', text: textOf({ map, to }) };
      const [issue] = loadMappings([source], r4Models()).issues;
      expect({ place: `${issue?.line}:${issue?.column}`, message: issue?.message }).toEqual({
        place,
        message: expect.stringContaining(says),
      });
    },
  );

  test('a concept map that leaves the value set of its target is told at its row', () => {
    const rows = 's:a - t:female\n s:b - t:femail }';
    const map = `${head}conceptmap "#t" {\n prefix s = "http://s" prefix t = "http://hl7.org/fhir/administrative-gender"\n ${rows}\ngroup g(source src : Patient, target tgt : Patient) { src.id as v -> tgt.gender = translate(v, '#t', 'code'); }`;
    const codes = new Set(['http://hl7.org/fhir/administrative-gender|female', '|female']);
    const known = { codes, openSystems: new Set<string>(), incomplete: false };
    const models = { ...r4Models(), codes: () => known };
    const { issues } = loadMappings([{ file: 'm.map', text: map }], models);
    expect(issues.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
      'mapping-outside-value-set 5:2',
    ]);
    expect(issues[0]?.message).toContain('http://hl7.org/fhir/ValueSet/administrative-gender');
  });
});
