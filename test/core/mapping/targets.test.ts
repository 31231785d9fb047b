import { describe } from 'vitest';
import { type LanguageCase, testCases } from './case-table.ts';

const ann = {
  resourceType: 'Patient',
  id: 'p1',
  gender: 'female',
  active: true,
  birthDate: '1980-02-03',
  maritalStatus: { text: 'M' },
  name: [{ family: 'Test', given: ['Ann', 'Bea'] }, { family: 'Probe' }],
  identifier: [{ system: 's', value: '1' }],
  extension: [
    { url: 'u', valueQuantity: { value: 1, code: '{score}' } },
    { url: 'v', valueDateTime: '2026-01-01' },
  ],
};
const patient = (more: object): object => ({ resourceType: 'Patient', ...more });

const cases: readonly LanguageCase[] = [
  {
    name: 'elements that repeat in the model are arrays, others are not',
    map: "src -> tgt.name as n, n.family = 'x', n.given = 'y', n.given = 'z';",
    output: patient({ name: [{ family: 'x', given: ['y', 'z'] }] }),
  },
  {
    name: 'datatypes have no resourceType',
    map: "src -> tgt.name = create('HumanName') as n, n.family = 'x';",
    output: patient({ name: [{ family: 'x' }] }),
  },
  {
    name: 'resources have a resourceType',
    to: 'Bundle',
    map: "src -> tgt.entry as e, e.resource = create('Patient') as p, p.gender = 'male';",
    output: { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', gender: 'male' } }] },
  },
  {
    name: 'a choice is written under the key of its type',
    to: 'Observation',
    map: "src -> tgt.value = create('Quantity') as q, q.value = 1, q.code = '{score}';",
    output: { resourceType: 'Observation', valueQuantity: { value: 1, code: '{score}' } },
  },
  {
    name: 'a constant for a choice takes the key of its own type',
    to: 'Observation',
    map: 'src -> tgt.value = true;',
    output: { resourceType: 'Observation', valueBoolean: true },
  },
  {
    name: 'a copied choice keeps its type',
    map: 'src.extension as e -> tgt.extension as f, f.url = (e.url) then { e.value as v -> f.value = v; };',
    input: ann,
    output: patient({ extension: ann.extension }),
  },
  {
    name: 'a choice may be written by its JSON key',
    to: 'Observation',
    map: "src -> tgt.valueString = 'x';",
    output: { resourceType: 'Observation', valueString: 'x' },
  },
  {
    name: 'a deep path makes what is between',
    to: 'Observation',
    map: "src -> tgt.code.text = 'x';",
    output: { resourceType: 'Observation', code: { text: 'x' } },
  },
  {
    name: 'a deep path uses what is there already',
    to: 'Observation',
    map: "src -> tgt.code.text = 'x';\nsrc -> tgt.code.id = 'y';",
    output: { resourceType: 'Observation', code: { text: 'x', id: 'y' } },
  },
  {
    name: 'a deep path through a list makes a new item each time',
    map: "src -> tgt.name.family = 'x';\nsrc -> tgt.name.family = 'y';",
    output: patient({ name: [{ family: 'x' }, { family: 'y' }] }),
  },
  {
    name: 'an element of one value is used again when it is made again',
    map: "src -> tgt.maritalStatus as m, m.text = 'x';\nsrc -> tgt.maritalStatus as m, m.id = 'y';",
    output: patient({ maritalStatus: { text: 'x', id: 'y' } }),
  },
  {
    name: 'several targets are made in order and see each other',
    map: "src -> tgt.contact as c, c.name as n, n.family = 'x';",
    output: patient({ contact: [{ name: { family: 'x' } }] }),
  },
  {
    name: 'a target without element is another name for the same thing',
    map: "src -> tgt as t, t.gender = 'male';",
    output: patient({ gender: 'male' }),
  },
  {
    name: 'an element that stays empty is left out',
    map: 'src -> tgt.name as n then { src.maritalStatus as m -> n.family = (m.text); };',
    output: patient({}),
  },
  {
    name: 'a list that stays empty is left out, its other items stay',
    map: 'src.name as n -> tgt.name as m then { n.given first as g -> m.text = g; };',
    input: ann,
    output: patient({ name: [{ text: 'Ann' }] }),
  },
  {
    name: 'an element on the way to one that stays empty is left out',
    map: 'src -> tgt.maritalStatus.coding as c then { src.photo as p -> c.code = (p.id); };',
    output: patient({}),
  },
  {
    name: 'share makes one element for all rules that name it',
    map: 'src.name as n -> tgt.name as m share one then { n.family as f -> m.suffix = f; };\nsrc.gender as g -> tgt.name as m share one, m.text = g;',
    input: ann,
    output: patient({ name: [{ suffix: ['Test', 'Probe'], text: 'female' }] }),
  },
  {
    name: 'share with another name makes another element',
    map: "src -> tgt.name as m share one, m.text = 'a';\nsrc -> tgt.name as m share two, m.text = 'b';",
    output: patient({ name: [{ text: 'a' }, { text: 'b' }] }),
  },
  {
    name: 'first puts its item before the others',
    map: "src -> tgt.name as m, m.text = 'a';\nsrc -> tgt.name as m first, m.text = 'b';",
    output: patient({ name: [{ text: 'b' }, { text: 'a' }] }),
  },
  {
    name: 'last keeps its item after the others',
    map: "src -> tgt.name as m last, m.text = 'a';\nsrc -> tgt.name as m, m.text = 'b';",
    output: patient({ name: [{ text: 'b' }, { text: 'a' }] }),
  },
  {
    name: 'single fills the first item of a list',
    map: "src -> tgt.name as m, m.text = 'a';\nsrc -> tgt.name as m single, m.family = 'b';",
    output: patient({ name: [{ text: 'a', family: 'b' }] }),
  },
  {
    name: 'collate is the R4 name of single',
    map: "src -> tgt.name as m, m.text = 'a';\nsrc -> tgt.name as m collate, m.family = 'b';",
    output: patient({ name: [{ text: 'a', family: 'b' }] }),
  },
  {
    name: 'a second different value for one place stops the map',
    map: 'src.name as n -> tgt.gender = (n.family);',
    input: ann,
    failure: ['mapping-second-value'],
    says: '"gender" has a value already',
  },
  {
    name: 'the same value twice is no contradiction',
    map: "src.name as n -> tgt.gender = 'male';",
    input: ann,
    output: patient({ gender: 'male' }),
  },
  {
    name: 'first on one place keeps the first value',
    map: 'src.name as n -> tgt.maritalStatus as m, m.text = (n.family) first;',
    input: ann,
    output: patient({ maritalStatus: { text: 'Test' } }),
  },
  {
    name: 'last on one place keeps the last value',
    map: 'src.name as n -> tgt.maritalStatus as m, m.text = (n.family) last;',
    input: ann,
    output: patient({ maritalStatus: { text: 'Probe' } }),
  },
  {
    name: 'a copied object is a copy: filling it leaves the input as it is',
    map: 'src.maritalStatus as m -> tgt.maritalStatus = m as t then { src.gender as g -> t.id = g; };',
    input: ann,
    output: patient({ maritalStatus: { text: 'M', id: 'female' } }),
  },
  {
    name: 'the identity form copies an element with all that is in it',
    map: 'src.name -> tgt.name;',
    input: ann,
    output: patient({ name: ann.name }),
  },
  {
    name: 'the identity form for several elements',
    map: 'src -> tgt: gender, birthDate, maritalStatus;',
    input: ann,
    output: patient({ gender: 'female', birthDate: '1980-02-03', maritalStatus: { text: 'M' } }),
  },
  {
    name: 'the identity form of a choice keeps the type',
    from: 'Observation',
    to: 'Observation',
    map: 'src.value -> tgt.value;',
    input: { resourceType: 'Observation', valueString: 'x' },
    output: { resourceType: 'Observation', valueString: 'x' },
  },
  {
    name: 'the identity form runs the default group of its types',
    map: `map "http://example.org/m" = "m"
group g(source src : Patient, target tgt : Patient) { src.name -> tgt.name; }
group n(source s : HumanName, target t : HumanName) <<types>> { s.family as f -> t.text = f; }`,
    input: ann,
    output: patient({ name: [{ text: 'Test' }, { text: 'Probe' }] }),
  },
  {
    name: 'a default group for primitives sets their value',
    map: `map "http://example.org/m" = "m"
group g(source src : Patient, target tgt : Patient) { src.gender -> tgt.gender; }
group n(source s : code, target t : code) <<types>> { s.value as v -> t.value = append(v, '!'); }`,
    input: ann,
    output: patient({ gender: 'female!' }),
  },
  {
    name: 'type+ serves a choice by the source type',
    map: `map "http://example.org/m" = "m"
group g(source src : Patient, target tgt : Patient) { src.extension as e -> tgt.extension as f then { e.value -> f.value; }; }
group n(source s : Quantity, target t : string) <<type+>> { s.code as c -> t.value = c; }`,
    input: patient({ extension: [{ valueQuantity: { code: '{score}' } }, { valueCode: 'x' }] }),
    output: patient({ extension: [{ valueString: '{score}' }, { valueCode: 'x' }] }),
  },
  {
    name: 'types does not serve a choice',
    map: `map "http://example.org/m" = "m"
group g(source src : Patient, target tgt : Patient) { src.extension as e -> tgt.extension as f then { e.value -> f.value; }; }
group n(source s : Quantity, target t : string) <<types>> { s.code as c -> t.value = c; }`,
    input: patient({ extension: [{ valueQuantity: { code: 'a' } }] }),
    output: patient({ extension: [{ valueQuantity: { code: 'a' } }] }),
  },
  {
    name: 'something made first is put into its place later',
    to: 'Bundle',
    map: "src -> create('Patient') as p, tgt.entry as e, e.resource = p, p.gender = 'male';",
    output: { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', gender: 'male' } }] },
  },
  {
    name: 'an expression fills a variable',
    map: "src -> ('http://example.org/') as base then { src.gender as g -> tgt.name as n, n.text = (base & g); };",
    input: ann,
    output: patient({ name: [{ text: 'http://example.org/female' }] }),
  },
  {
    name: 'an empty expression sets nothing',
    map: 'src -> tgt.gender = (src.photo.title);',
    input: ann,
    output: patient({}),
  },
  {
    name: 'an expression with several values fills a list',
    map: 'src -> tgt.name as n, n.given = (src.name.given);',
    input: ann,
    output: patient({ name: [{ given: ['Ann', 'Bea'] }] }),
  },
  {
    name: 'an expression with several values for one place stops the map',
    map: 'src -> tgt.gender = (src.name.given);',
    input: ann,
    failure: ['mapping-many-values'],
  },
  {
    name: 'values that the caller hands in are seen by name',
    map: 'src -> tgt.identifier as i, i.system = (%partnerSystem);',
    output: patient({ identifier: [{ system: 'http://partner.example' }] }),
  },
  {
    name: 'an untyped target keeps every value: the second makes a list',
    map: 'map "http://example.org/m" = "m"\ngroup g(source src : Patient, target tgt) { src.name as n -> tgt.names = (n.family); src.gender as g -> tgt.sex = g; }',
    input: ann,
    output: { names: ['Test', 'Probe'], sex: 'female' },
  },
  {
    name: 'an untyped target keeps every result of an expression on a list that stands for one value',
    map: 'map "http://example.org/m" = "m"\ngroup g(source src : Patient, target tgt) { src.name as n -> tgt.names = (n.family); }',
    input: { resourceType: 'Patient', name: [{ family: ['Test', 'Probe'] }] },
    output: { names: ['Test', 'Probe'] },
  },
  {
    name: 'a text for a number stops the map',
    to: 'Observation',
    map: "src.gender as g -> tgt.value = create('Quantity') as q, q.value = (g);",
    input: ann,
    issues: ['mapping-wrong-type:3', 'mapping-missing-required:2'],
    says: 'decimal',
  },
  {
    name: 'the text of a number is read as the number that the type wants',
    from: 'Extension',
    to: 'Extension',
    map: 'src.value as v -> tgt.value = v;',
    input: { valuePositiveInt: '7' },
    output: { valuePositiveInt: 7 },
  },
  {
    name: 'a resource made where any may stand is filled as its model says, by a group without types too',
    map: `map "http://example.org/m" = "m"
group g(source src : Patient, target tgt : Bundle) {
  src -> tgt.entry as e, e.resource = create('Observation') as o then fill(src, o);
}
group fill(source a, target b) { a -> b.status = 'final'; a.name as n -> b.note as t, t.text = (n.family); }`,
    input: ann,
    output: {
      resourceType: 'Bundle',
      entry: [
        { resource: { resourceType: 'Observation', status: 'final', note: [{ text: 'Test' }, { text: 'Probe' }] } },
      ],
    },
  },
  {
    name: 'a slip in a resource made where any may stand is an error',
    to: 'Bundle',
    map: "src -> tgt.type = 'batch', tgt.entry as e, e.resource = create('Patient') as p, p.gendre = 'male';",
    issues: ['mapping-unknown-element:3'],
    says: 'Patient has no element "gendre". Did you mean "gender"?',
  },
  {
    name: 'a slip in a resource that was copied to where any may stand is an error',
    to: 'Bundle',
    map: "src -> tgt.type = 'batch', tgt.entry as e, e.resource = src as p, p.gendre = 'male';",
    issues: ['mapping-unknown-element:3'],
  },
];

describe('targets of a rule', () => testCases(cases));
