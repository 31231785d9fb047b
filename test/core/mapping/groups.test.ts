import { describe } from 'vitest';
import { type LanguageCase, testCases } from './case-table.ts';

const patient = (more: object): object => ({ resourceType: 'Patient', ...more });
const head = 'map "http://example.org/m" = "m"\n';
const ann = {
  resourceType: 'Patient',
  gender: 'female',
  maritalStatus: {
    coding: [
      { system: 'http://a', code: 'M' },
      { system: 'http://b', code: '1' },
    ],
  },
  name: [{ family: 'Test' }],
};
const library = (url: string, text: string, imports = ''): { file: string; text: string } => ({
  file: `${url}.map`,
  text: `map "http://example.org/${url}" = "${url}"\n${imports}\n${text}`,
});
const conceptMap = (more: object): { file: string; text: string } => ({
  file: 'cm.json',
  text: JSON.stringify({ resourceType: 'ConceptMap', url: 'http://example.org/cm', ...more }),
});
const row = (code: string, target: string, equivalence = 'equivalent') => ({
  code,
  target: [{ code: target, equivalence }],
});
const table = (rows: string): string =>
  `${head}conceptmap "#t" {\n prefix s = "http://a"\n prefix t = "http://x"\n${rows}\n}\n`;
const translated = (output = "'code'"): string =>
  `group g(source src : Patient, target tgt : Patient) { src.maritalStatus as m -> tgt.gender = translate(m, '#t', ${output}); }`;

const cases: readonly LanguageCase[] = [
  {
    name: 'a group is called with its arguments',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.name as n -> tgt.name as m then h(n, m); }\ngroup h(source a : HumanName, target b : HumanName) { a.family as f -> b.text = f; }`,
    input: ann,
    output: patient({ name: [{ text: 'Test' }] }),
  },
  {
    name: 'a group that is given what is being made reads it as it is at that moment',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.gender as s -> tgt.name as m then h(m, m); }\ngroup h(source a : HumanName, target b : HumanName) { a.family as f -> b.given = f "absent"; a -> b.family = 'x' "set"; a.family as f -> b.given = f "present"; }`,
    input: ann,
    output: patient({ name: [{ family: 'x', given: ['x'] }] }),
  },
  {
    name: 'two rules may look at the same element, of which one finds it wanting',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.name as n then h(n, tgt); }\ngroup h(source a : HumanName, target b : Patient) { a where (text.exists()) then { a.family as f -> b.gender = f; } "no"; a.family as f -> b.name as m, m.text = f "yes"; a.family as f -> b.name as m, m.family = f "again"; }`,
    input: { resourceType: 'Patient', name: [{ family: 'Test' }] },
    output: patient({ name: [{ text: 'Test' }, { family: 'Test' }] }),
  },
  {
    name: 'a group without types has those of its call',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.name as n -> tgt.name as m then h(n, m); }\ngroup h(source a, target b) { a.family as f -> b.given = f; }`,
    input: ann,
    output: patient({ name: [{ given: ['Test'] }] }),
  },
  {
    name: 'a variable and a group may have one name',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.name as name -> tgt.name as t then name(name, t); }\ngroup name(source a, target b) { a.family as f -> b.text = f; }`,
    input: ann,
    output: patient({ name: [{ text: 'Test' }] }),
  },
  {
    name: 'several groups and then rules follow one after the other',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src as s then h(s, tgt), k(s, tgt) { s -> tgt.id = 'x'; }; }\ngroup h(source a, target b : Patient) { a -> b.gender = 'male'; }\ngroup k(source a, target b : Patient) { a -> b.active = true; }`,
    output: patient({ gender: 'male', active: true, id: 'x' }),
  },
  {
    name: 'a constant is an argument too',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src as s then h('male', tgt); }\ngroup h(source a, target b : Patient) { a -> b.gender = a; }`,
    output: patient({ gender: 'male' }),
  },
  {
    name: 'a group may call itself as deep as the data goes',
    map: `${head}group g(source src : Questionnaire, target tgt : Patient) { src.item as i then h(i, tgt); }\ngroup h(source a, target b : Patient) { a.linkId as l -> b.name as n, n.text = l; a.item as i then h(i, b); }`,
    input: {
      resourceType: 'Questionnaire',
      item: [{ linkId: '1', item: [{ linkId: '1.1', item: [{ linkId: '1.1.1' }] }] }],
    },
    output: patient({ name: [{ text: '1' }, { text: '1.1' }, { text: '1.1.1' }] }),
  },
  {
    name: 'a group that calls itself without end stops',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src as s then g(s, tgt); }`,
    failure: ['mapping-too-much-work'],
  },
  {
    name: 'extends runs the rules of the other group first',
    map: `${head}group g(source src : Patient, target tgt : Patient) extends h { src -> tgt.name as n, n.text = 'b'; }\ngroup h(source src : Patient, target tgt : Patient) { src -> tgt.name as n, n.text = 'a'; }`,
    output: patient({ name: [{ text: 'a' }, { text: 'b' }] }),
  },
  {
    name: 'imports bring the groups of other maps',
    map: `${head}imports "http://example.org/lib"\ngroup g(source src : Patient, target tgt : Patient) { src as s then h(s, tgt); }`,
    with: [library('lib', "group h(source a, target b : Patient) { a -> b.gender = 'male'; }")],
    output: patient({ gender: 'male' }),
  },
  {
    name: 'imports with a wildcard',
    map: `${head}imports "http://example.org/l*"\ngroup g(source src : Patient, target tgt : Patient) { src as s then h(s, tgt); }`,
    with: [library('lib', "group h(source a, target b : Patient) { a -> b.gender = 'male'; }")],
    output: patient({ gender: 'male' }),
  },
  {
    name: 'imports of imports count too',
    map: `${head}imports "http://example.org/one"\ngroup g(source src : Patient, target tgt : Patient) { src as s then h(s, tgt); }`,
    with: [
      library('one', 'group k(source a, target b) {}', 'imports "http://example.org/two"'),
      library('two', "group h(source a, target b : Patient) { a -> b.gender = 'male'; }"),
    ],
    output: patient({ gender: 'male' }),
  },
  {
    name: 'a group of the map itself goes before one of an import',
    map: `${head}imports "http://example.org/lib"\ngroup g(source src : Patient, target tgt : Patient) { src as s then h(s, tgt); }\ngroup h(source a, target b : Patient) { a -> b.gender = 'other'; }`,
    with: [library('lib', "group h(source a, target b : Patient) { a -> b.gender = 'male'; }")],
    output: patient({ gender: 'other' }),
  },
  {
    name: 'an alias names a type',
    map: `${head}uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Person as source\nuses "http://hl7.org/fhir/StructureDefinition/Patient" alias Human as target\ngroup g(source src : Person, target tgt : Human) { src.name as n -> tgt.name as m, m.text = (n.family); }`,
    input: ann,
    output: patient({ name: [{ text: 'Test' }] }),
  },
  {
    name: 'a first group without types has those of its uses',
    map: `${head}uses "http://hl7.org/fhir/StructureDefinition/Patient" as source\nuses "http://hl7.org/fhir/StructureDefinition/Basic" as target\ngroup g(source src, target tgt) { src -> tgt.id = 'x'; }`,
    output: { resourceType: 'Basic', id: 'x' },
  },
  {
    name: 'metadata lines name the map',
    map: '/// url = \'http://example.org/m\'\n/// name = \'m\'\n/// description = """\nSeveral\nlines\n"""\ngroup g(source src : Patient, target tgt : Patient) { src -> tgt.id = \'x\'; }',
    output: patient({ id: 'x' }),
  },
  {
    name: 'translate takes the row of the code and its system',
    map: `${table('s:M - t:married\ns:"1" - t:wrong')}${translated()}`,
    input: ann,
    output: patient({ gender: 'married' }),
  },
  {
    name: 'translate gives a Coding',
    map: `${table('s:M - t:married')}group g(source src : Patient, target tgt : Patient) { src.maritalStatus as m -> tgt.maritalStatus as c, c.coding = translate(m, '#t', 'Coding'); }`,
    input: ann,
    output: patient({ maritalStatus: { coding: [{ system: 'http://x', code: 'married' }] } }),
  },
  {
    name: 'translate looks at all codings: one that is none stops the map, also behind one that has a row',
    map: `${table('s:M - t:married')}group g(source src : Patient, target tgt : Patient) { src.maritalStatus as m -> tgt.gender = translate(m, '#t', 'code'); }`,
    input: { resourceType: 'Patient', maritalStatus: { coding: [{ system: 'http://a', code: 'M' }, 7] } },
    failure: ['mapping-transform-failed'],
  },
  {
    name: 'translate gives a CodeableConcept',
    map: `${table('s:M - t:married')}group g(source src : Patient, target tgt : Patient) { src.maritalStatus as m -> tgt.maritalStatus = translate(m, '#t', 'CodeableConcept'); }`,
    input: ann,
    output: patient({ maritalStatus: { coding: [{ system: 'http://x', code: 'married' }] } }),
  },
  {
    name: 'translate without output gives what the target is',
    map: `${table('s:M - t:married')}group g(source src : Patient, target tgt : Patient) { src.maritalStatus as m -> tgt.gender = translate(m, '#t'); }`,
    input: ann,
    output: patient({ gender: 'married' }),
  },
  {
    name: 'translate of a code without a row stops the map and tells',
    map: `${table('s:X - t:married')}${translated()}`,
    input: ann,
    failure: ['mapping-unmapped-code'],
    says: 'http://a, http://b',
  },
  {
    name: 'translate does not take a row of another system',
    map: `${table('s:"1" - t:married')}${translated()}`,
    input: patient({ maritalStatus: { coding: [{ system: 'http://b', code: '1' }] } }),
    failure: ['mapping-unmapped-code'],
  },
  {
    name: 'a declared fallback keeps the code and is reported',
    map: `${table('unmapped for s = provided\ns:X - t:married')}${translated()}`,
    input: ann,
    output: patient({ gender: 'M' }),
    reports: ['unmapped-code: A code of http://a has no row in concept map "#t": its fallback "provided" was used.'],
  },
  {
    name: 'a declared fixed fallback is used and reported',
    map: `${table('unmapped for s = t:other\ns:X - t:married')}${translated()}`,
    input: ann,
    output: patient({ gender: 'other' }),
    reports: ['unmapped-code: A code of http://a has no row in concept map "#t": its fallback "fixed" was used.'],
  },
  {
    name: 'a row that says that there is no counterpart is no translation',
    map: `${table('s:M != t:married')}${translated()}`,
    input: ann,
    failure: ['mapping-unmapped-code'],
  },
  {
    name: 'of several rows the closest counts',
    map: `${table('s:M >= t:narrow\ns:M = t:same')}${translated()}`,
    input: ann,
    output: patient({ gender: 'same' }),
  },
  {
    name: 'several rows of equal rank are ambiguous',
    map: `${table('s:M - t:one\ns:M - t:two')}${translated()}`,
    input: ann,
    failure: ['mapping-ambiguous-code'],
  },
  {
    name: 'all unmapped codes of one run are told',
    map: `${table('s:X - t:x')}group g(source src : Patient, target tgt : Patient) { src.name as n then { n.family as f -> tgt.gender = translate(f, '#t', 'code'); n.family as f -> tgt.id = translate(f, '#t', 'code'); }; }`,
    input: ann,
    failure: ['mapping-unmapped-code', 'mapping-unmapped-code'],
  },
  {
    name: 'a ConceptMap resource is used by its url',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.gender as v -> tgt.gender = translate(v, 'http://example.org/cm', 'code'); }`,
    with: [
      conceptMap({
        group: [
          {
            source: 'http://hl7.org/fhir/administrative-gender',
            target: 'http://x',
            element: [row('female', 'other')],
          },
        ],
      }),
    ],
    input: ann,
    output: patient({ gender: 'other' }),
  },
  {
    name: 'a ConceptMap falls back to another map',
    map: `${head}group g(source src : Patient, target tgt : Patient) { src.gender as v -> tgt.gender = translate(v, 'http://example.org/cm', 'code'); }`,
    with: [
      conceptMap({
        group: [
          {
            target: 'http://x',
            element: [row('male', 'x')],
            unmapped: { mode: 'other-map', url: 'http://example.org/cm2' },
          },
        ],
      }),
      {
        file: 'cm2.json',
        text: JSON.stringify({
          resourceType: 'ConceptMap',
          url: 'http://example.org/cm2',
          group: [{ target: 'http://x', element: [row('female', 'unknown')] }],
        }),
      },
    ],
    input: ann,
    output: patient({ gender: 'unknown' }),
    reports: [
      'unmapped-code: A code of no system has no row in concept map "http://example.org/cm": its fallback "other-map" was used.',
    ],
  },
  {
    name: 'a StructureMap resource runs like text',
    map: "/// url = 'http://example.org/m'\n/// name = 'm'\nimports \"http://example.org/json\"\ngroup g(source src : Patient, target tgt : Patient) { src as s then fromJson(s, tgt); }",
    with: [
      {
        file: 'sm.json',
        text: JSON.stringify({
          resourceType: 'StructureMap',
          url: 'http://example.org/json',
          name: 'json',
          group: [
            {
              name: 'fromJson',
              typeMode: 'none',
              input: [
                { name: 'a', type: 'Patient', mode: 'source' },
                { name: 'b', type: 'Patient', mode: 'target' },
              ],
              rule: [
                {
                  name: 'r',
                  source: [
                    { context: 'a', element: 'name', variable: 'n', condition: "family = 'Test'", listMode: 'first' },
                  ],
                  target: [
                    {
                      context: 'b',
                      contextType: 'variable',
                      element: 'name',
                      variable: 'm',
                      transform: 'create',
                      parameter: [{ valueString: 'HumanName' }],
                    },
                    {
                      context: 'm',
                      element: 'text',
                      transform: 'append',
                      parameter: [{ valueString: '<' }, { valueId: 'n2' }],
                    },
                  ].slice(0, 1),
                  rule: [
                    {
                      name: 's',
                      source: [{ context: 'n', element: 'family', variable: 'f' }],
                      target: [
                        {
                          context: 'm',
                          element: 'text',
                          transform: 'evaluate',
                          parameter: [{ valueId: 'f' }, { valueString: '$this.upper()' }],
                        },
                      ],
                    },
                  ],
                },
              ],
            },
          ],
        }),
      },
    ],
    input: ann,
    output: patient({ name: [{ text: 'TEST' }] }),
  },
  {
    name: 'an alias may stand in quotes, as tools publish it',
    map: `map "http://example.org/m" = "m"
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias 'Person in care' as source
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias 'patient' as source
group g(source src : patient, target tgt : Patient) { src.gender -> tgt.gender; }`,
    input: { resourceType: 'Patient', gender: 'male' },
    output: { resourceType: 'Patient', gender: 'male' },
  },
  {
    name: 'a semicolon after a group is passed over',
    map: `map "http://example.org/m" = "m"
group g(source src : Patient, target tgt : Patient) { src then h(src, tgt); };
group h(source src : Patient, target tgt : Patient) { src.gender -> tgt.gender; };`,
    input: { resourceType: 'Patient', gender: 'male' },
    output: { resourceType: 'Patient', gender: 'male' },
  },
  {
    name: 'an element that is called like a word of the language may stand in double quotes',
    from: 'QuestionnaireResponse',
    to: 'Observation',
    map: 'src."source" as s -> tgt.performer = s;',
    input: { resourceType: 'QuestionnaireResponse', source: { reference: 'Patient/1' } },
    output: { resourceType: 'Observation', performer: [{ reference: 'Patient/1' }] },
  },
  {
    name: 'the syntax before R4 is refused by name',
    map: `map "http://example.org/m" = "m"
group g
  input src : Patient as source;
  r: for src.gender as v make tgt.gender = v
endgroup`,
    issues: ['mapping-syntax:3'],
    says: 'the syntax before R4',
  },
  {
    name: 'a target without element before "then" is no reason for a warning',
    map: 'src.maritalStatus as m -> tgt then { m.text as t -> tgt.id = t; };',
    issues: [],
  },
  {
    name: 'an error in a target does not bring errors about its variable along',
    map: "src -> tgt.nam as n, n.family = 'x', n.text = 'y';",
    issues: ['mapping-unknown-element:3'],
  },
  {
    name: 'a StructureMap as other tools write it: copies without a place, contexts without an element, aliases in quotes',
    map: JSON.stringify({
      resourceType: 'StructureMap',
      url: 'http://example.org/m',
      name: 'm',
      status: 'draft',
      structure: [{ url: 'http://hl7.org/fhir/StructureDefinition/Bundle', mode: 'target', alias: "'Bundle'" }],
      group: [
        {
          name: 'main',
          typeMode: 'none',
          documentation: 'Entry point',
          input: [
            { name: 'src', type: 'Patient', mode: 'source' },
            { name: 'bundle', type: 'Bundle', mode: 'target' },
          ],
          rule: [
            {
              name: 'resource',
              source: [{ context: 'src', listMode: 'first', condition: "gender = 'female'" }],
              target: [
                { context: 'bundle', contextType: 'variable', element: 'entry', variable: 'e' },
                { contextType: 'variable', variable: 'u', transform: 'uuid' },
                {
                  context: 'e',
                  element: 'fullUrl',
                  transform: 'append',
                  parameter: [{ valueString: 'urn:uuid:' }, { valueId: 'u' }],
                },
                {
                  context: 'e',
                  element: 'resource',
                  variable: 't',
                  transform: 'create',
                  parameter: [{ valueString: 'Observation' }],
                },
              ],
              rule: [
                {
                  name: 'copied',
                  source: [{ context: 'src' }],
                  target: [{ contextType: 'variable', transform: 'copy', parameter: [{ valueId: 't' }] }],
                  dependent: [{ name: 'fill', variable: ['src', 't'] }],
                },
                {
                  name: 'named',
                  source: [{ context: 'src' }],
                  target: [{ context: 't', contextType: 'variable' }],
                  dependent: [{ name: 'fill', variable: ['src', 't'] }],
                },
              ],
            },
          ],
        },
        {
          name: 'fill',
          typeMode: 'none',
          input: [
            { name: 'src', mode: 'source' },
            { name: 'tgt', mode: 'target' },
          ],
          rule: [
            {
              name: 'status',
              source: [{ context: 'src' }],
              target: [{ context: 'tgt', element: 'status', transform: 'copy', parameter: [{ valueString: 'final' }] }],
            },
          ],
        },
      ],
    }),
    input: { resourceType: 'Patient', gender: 'female' },
    output: {
      resourceType: 'Bundle',
      entry: [
        {
          fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
          resource: { resourceType: 'Observation', status: 'final' },
        },
      ],
    },
  },
];

describe('groups, imports and concept maps', () => testCases(cases));
