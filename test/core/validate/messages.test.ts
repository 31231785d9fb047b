import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/core/fhir/json.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { r4Definitions } from './r4-definitions.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'cases');
const lines = (end: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl') && name.endsWith('.definitions.jsonl') === (end === '.definitions.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { name: string; profiles?: readonly string[]; resource: unknown });
const validator = createValidator(r4Definitions(lines('.definitions.jsonl')), { now: () => '2026-11-26T09:00:00Z' });
const issues = lines('.jsonl').flatMap(({ name, profiles, resource }) => {
  const parsed = parseJson(JSON.stringify(resource, null, 1));
  if (!parsed.ok) return [];
  const found = validator.validate(parsed.value, { profiles, locate: parsed.locate });
  return found.map((issue) => ({ name, ...issue }));
});

describe('each issue of our cases', () => {
  it('is one of hundreds, of more than fifty codes', () => {
    expect(issues.length).toBeGreaterThan(500);
    expect(new Set(issues.map((issue) => issue.code)).size).toBeGreaterThan(50);
  });

  it('says where: an expression, a line and a column', () => {
    expect(issues.filter(({ expression, line, column }) => !expression || !line || !column)).toEqual([]);
  });

  it('says whose rule it is: a profile and an element of it', () => {
    expect(issues.filter(({ profile, element }) => !profile || !element)).toEqual([]);
  });

  it('is a sentence, and one that ends', () => {
    expect(issues.filter(({ message }) => !/^[A-Z#'a-z].{15,1000}[.)]$/s.test(message))).toEqual([]);
  });

  it('says what to do, unless it is an invariant, whose author has spoken, or a remark', () => {
    const told = issues.filter(({ severity, code }) => severity === 'error' && code !== 'invariant');
    const advice =
      /add|remove|correct|use |write|put|give|keep|leave|choose|refer|fill|may be meant|should be|load|make|lift|move|shorten|change|name|the order is|cannot be ignored|number/i;
    expect([...new Set(told.filter(({ message }) => !advice.test(message)).map(({ message }) => message))]).toEqual([]);
  });

  it('of a slice says what tells the slice, and where something else is there, what', () => {
    const missing = issues.find(({ name, code }) => name === 'valcode closed' && code === 'slice-closed');
    expect(missing?.message).toContain('Tried a: discriminator value code.coding.code should be "a" and is \'z\'');
    const lacking = issues.find(({ name, code }) => name === 'val missing' && code === 'slice-min');
    expect(lacking?.message).toContain('It is told by code {"coding":[{"system":"http://a.b/s","code":"a"}]}.');
    expect(lacking?.message).toContain(
      'should be {"coding":[{"system":"http://a.b/s","code":"a"}]} and is http://a.b/s#b',
    );
  });

  it('of what does not conform says the first reason', () => {
    const target = issues.find(({ name, code }) => name === 'tgt' && code === 'reference-profile');
    expect(target?.message).toContain('birthDate must occur at least once');
  });

  it.each([
    ['birthdate', "'birthDate' may be meant"],
    ['value', 'it names its type, as in value'],
    ['foo', 'correct its spelling or remove it'],
  ])('of the unknown element %s says %s', (key, advice) => {
    const told = issues.filter(({ code, message }) => code === 'unknown-property' && message.includes(`'${key}'`));
    expect(told.map(({ message }) => message).join()).toContain(advice);
  });
});

it('the worst are told first, and at most 200: what is only a remark gives way to faults that come later', () => {
  const resource = {
    resourceType: 'Patient',
    meta: { profile: ['https://example.com/unknown'] },
    name: Array.from({ length: 250 }, () => ({ extension: [{ url: 'https://example.com/x', valueString: 'x' }] })),
    telecom: Array.from({ length: 150 }, () => ({ use: 'wrong', system: 'phone', value: '1' })),
  };
  const severities = validator.validate(resource).map(({ severity }) => severity);
  expect(severities).toHaveLength(200);
  expect(severities.slice(0, 150)).toEqual(Array(150).fill('error'));
  expect(severities.slice(150).filter((severity) => severity === 'error')).toEqual([]);
  expect(severities.indexOf('information')).toBeGreaterThan(severities.lastIndexOf('warning'));
});

it('all are told at once: faults of structure, of codes, of references and of rules', () => {
  const resource = {
    resourceType: 'Patient',
    active: 'yes',
    gender: 'x',
    contact: [{ gender: 'male' }],
    managingOrganization: { reference: '#o' },
    birthdate: '2000',
  };
  const codes = validator
    .validate(resource)
    .filter(({ severity }) => severity === 'error')
    .map(({ code }) => code);
  expect(codes.sort()).toEqual([
    'binding-required',
    'invariant',
    'primitive-type',
    'reference-unresolved',
    'unknown-property',
  ]);
});
