import { describe } from 'vitest';
import { type LanguageCase, testCases } from './case-table.ts';

const patient = (more: object): object => ({ resourceType: 'Patient', ...more });
const observation = (more: object): object => ({ resourceType: 'Observation', ...more });
const ann = {
  resourceType: 'Patient',
  id: 'p1',
  gender: 'female',
  birthDate: '1980-02-03',
  name: [{ family: 'Test', given: ['Ann', 'Bea'] }],
  telecom: [{ value: '5' }],
};

/** A transform on the family name of a patient, into the text of a name. */
const text = (name: string, transform: string, family: string, result: string | undefined): LanguageCase => ({
  name,
  map: `src.name as s then { s.family as v -> tgt.name as n, n.text = ${transform}; };`,
  input: patient({ name: [{ family }] }),
  output: patient(result === undefined ? {} : { name: [{ text: result }] }),
});
/** A transform that gives some datatype, into Observation.value. */
const value = (name: string, transform: string, output: object): LanguageCase => ({
  name,
  to: 'Observation',
  map: `src -> tgt.value = ${transform};`,
  input: ann,
  output: observation(output),
});
const refused = (name: string, transform: string, family: string, failure: string): LanguageCase => ({
  name,
  map: `src.name as s then { s.family as v -> tgt.name as n, n.text = ${transform}; };`,
  input: patient({ name: [{ family }] }),
  failure: [failure],
});

const cases: readonly LanguageCase[] = [
  text('copy by name copies', 'copy(v)', 'abc', 'abc'),
  text('truncate keeps so many characters', 'truncate(v, 3)', 'abcdef', 'abc'),
  text('truncate leaves a shorter text as it is', 'truncate(v, 10)', 'abc', 'abc'),
  text('truncate counts characters, not halves of them', 'truncate(v, 2)', 'a😀b', 'a😀'),
  text('escape writes a text for HTML', "escape(v, 'html')", 'a<b', 'a&lt;b'),
  text('escape goes from one format to another', "escape(v, 'xml', 'json')", 'a&quot;b', 'a\\"b'),
  text('append joins texts', "append('<', v, '>')", 'x', '<x>'),
  text('evaluate with a context', 'evaluate(v, $this.upper())', 'x', 'X'),
  text('evaluate in brackets knows the source as $this', '($this.upper())', 'x', 'X'),
  text('an expression in quotes is only a text', "evaluate(v, 'upper()')", 'x', 'upper()'),
  text('cast to string', "cast(v, 'string')", 'x', 'x'),
  text('dateOp reads a date by its format', "dateOp(v, 'dd.MM.yyyy')", '24.12.2026', '2026-12-24'),
  text('toDate reads a date without separators', "toDate(v, 'yyyyMMdd')", '20261224', '2026-12-24'),
  text('toDate without a format takes a FHIR date', 'toDate(v)', '2026-12-24', '2026-12-24'),
  text(
    'toDateTime keeps the time zone',
    "toDateTime(v, 'yyyyMMddHHmmssZ')",
    '20261224183000+0100',
    '2026-12-24T18:30:00+01:00',
  ),
  text('toTime understands the afternoon', "toTime(v, 'hh:mm a')", '06:30 PM', '18:30:00'),
  text('toTime understands midnight', "toTime(v, 'hh:mm a')", '12:05 AM', '00:05:00'),
  text('29 February of a leap year is a day', "toDate(v, 'yyyy-MM-dd')", '2028-02-29', '2028-02-29'),
  text('unixToDateTime with a time zone', "unixToDateTime(v, '+10:00')", '0', '1970-01-01T10:00:00+10:00'),
  refused('29 February of another year is none', "toDate(v, 'yyyy-MM-dd')", '2026-02-29', 'mapping-date'),
  refused('a text of another format is no date', "toDate(v, 'yyyy-MM-dd')", '24.12.2026', 'mapping-date'),
  refused(
    'a time without a zone is no dateTime',
    "toDateTime(v, 'yyyy-MM-dd HH:mm')",
    '2026-12-24 18:30',
    'mapping-date',
  ),
  {
    name: 'cast makes a number of a text',
    to: 'Observation',
    map: "src.telecom as t then { t.value as v -> tgt.value = cast(v, 'integer'); };",
    input: ann,
    output: observation({ valueInteger: 5 }),
  },
  {
    name: 'cast without a type takes that of the target',
    from: 'ContactPoint',
    to: 'Patient',
    map: 'src.value as v -> tgt.active = cast(v);',
    input: { value: 'true' },
    output: patient({ active: true }),
  },
  {
    name: 'cast to positiveInt refuses 0',
    from: 'ContactPoint',
    to: 'Observation',
    map: "src.value as v -> tgt.value = cast(v, 'integer');",
    input: { value: '1.5' },
    failure: ['mapping-cast'],
  },
  {
    name: 'cast to boolean refuses other words',
    from: 'ContactPoint',
    to: 'Patient',
    map: "src.value as v -> tgt.active = cast(v, 'boolean');",
    input: { value: 'yes' },
    failure: ['mapping-cast'],
  },
  {
    name: 'cast of a dateTime to a date takes the day',
    from: 'Observation',
    map: "src.effective : dateTime as v -> tgt.birthDate = cast(v, 'date');",
    input: observation({ effectiveDateTime: '2026-12-24T18:30:00Z' }),
    output: patient({ birthDate: '2026-12-24' }),
  },
  value('cc with one argument is a text', "cc('pain')", { valueCodeableConcept: { text: 'pain' } }),
  value('cc with system and code is a coding', "cc('s', 'c')", {
    valueCodeableConcept: { coding: [{ system: 's', code: 'c' }] },
  }),
  value('cc with a display', "cc('s', 'c', 'd')", {
    valueCodeableConcept: { coding: [{ system: 's', code: 'c', display: 'd' }] },
  }),
  value('qty with four arguments', "qty(7, 'points', 'http://unitsofmeasure.org', '{score}')", {
    valueQuantity: { value: 7, unit: 'points', system: 'http://unitsofmeasure.org', code: '{score}' },
  }),
  value('qty with value and unit', "qty(1.5, 'cm')", { valueQuantity: { value: 1.5, unit: 'cm' } }),
  value('qty of a text with a comparator', "qty('<5 mg')", {
    valueQuantity: { value: 5, comparator: '<', unit: 'mg' },
  }),
  value('a negative number is a constant', "qty(-30, 'deg')", { valueQuantity: { value: -30, unit: 'deg' } }),
  {
    name: 'qty of a text that is none stops the map',
    to: 'Observation',
    map: "src -> tgt.value = qty('much');",
    failure: ['mapping-transform-failed'],
  },
  {
    name: 'c makes a Coding',
    to: 'Observation',
    map: "src -> tgt.code as k, k.coding = c('s', 'c', 'd');",
    output: observation({ code: { coding: [{ system: 's', code: 'c', display: 'd' }] } }),
  },
  {
    name: 'id makes an Identifier',
    map: "src -> tgt.identifier = id('s', '1');",
    output: patient({ identifier: [{ system: 's', value: '1' }] }),
  },
  {
    name: 'id with a type',
    map: "src -> tgt.identifier = id('s', '1', 'MR');",
    output: patient({
      identifier: [
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          system: 's',
          value: '1',
        },
      ],
    }),
  },
  {
    name: 'cp with a system',
    map: "src -> tgt.telecom = cp('phone', '555');",
    output: patient({ telecom: [{ system: 'phone', value: '555' }] }),
  },
  {
    name: 'cp finds the system of a mail address',
    map: "src -> tgt.telecom = cp('a@b.example');",
    output: patient({ telecom: [{ system: 'email', value: 'a@b.example' }] }),
  },
  {
    name: 'cp leaves open what it cannot tell',
    map: "src -> tgt.telecom = cp('behind the mill');",
    output: patient({ telecom: [{ value: 'behind the mill' }] }),
  },
  {
    name: 'uuid gives the next id of the caller',
    map: "src -> tgt.id = uuid() as u, tgt.identifier = id('s', u);",
    output: patient({
      id: '00000000-0000-4000-8000-000000000001',
      identifier: [{ system: 's', value: '00000000-0000-4000-8000-000000000001' }],
    }),
  },
  {
    name: 'reference gives type and id',
    to: 'Observation',
    map: 'src -> tgt.subject as s, s.reference = reference(src);',
    input: ann,
    output: observation({ subject: { reference: 'Patient/p1' } }),
  },
  {
    name: 'reference into a Reference fills its reference',
    to: 'Observation',
    map: 'src -> tgt.subject = reference(src);',
    input: ann,
    output: observation({ subject: { reference: 'Patient/p1' } }),
  },
  {
    name: 'reference to something without id stops the map',
    to: 'Observation',
    map: 'src -> tgt.subject = reference(src);',
    failure: ['mapping-reference'],
  },
  {
    name: 'pointer to a resource with a UUID is its URN',
    to: 'Bundle',
    map: "src -> create('Patient') as p, p.id = uuid(), tgt.entry as e, e.resource = p, e.fullUrl = pointer(p);",
    output: {
      resourceType: 'Bundle',
      entry: [
        {
          resource: { resourceType: 'Patient', id: '00000000-0000-4000-8000-000000000001' },
          fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
        },
      ],
    },
  },
  {
    name: 'a date is reckoned with',
    map: 'src.birthDate as value -> tgt.birthDate = (%value + 5 days);',
    input: ann,
    output: patient({ birthDate: '1980-02-08' }),
  },
  {
    name: 'evaluate takes a date as it is written',
    map: 'src -> tgt.birthDate = evaluate(src, @2024-12-01);',
    output: patient({ birthDate: '2024-12-01' }),
  },
  {
    name: 'now is what the caller says',
    map: 'src -> tgt.birthDate = (today());',
    output: patient({ birthDate: '2026-11-26' }),
  },
  {
    name: 'a constant of the map is used by name',
    map: `map "http://example.org/m" = "m"
let system = 'http://s.example';
let full = system & '/x';
group g(source src : Patient, target tgt : Patient) { src -> tgt.identifier as i, i.system = (full); src -> tgt.id = truncate(system, 4); }`,
    output: patient({ id: 'http', identifier: [{ system: 'http://s.example/x' }] }),
  },
  {
    name: 'a variable hides a constant of the same name',
    map: `map "http://example.org/m" = "m"
let g = 'constant';
group g(source src : Patient, target tgt : Patient) { src.gender as g -> tgt.name as n, n.text = g; }`,
    input: ann,
    output: patient({ name: [{ text: 'female' }] }),
  },
];

describe('transforms', () => testCases(cases));
