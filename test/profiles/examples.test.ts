import { describe, expect, test } from 'vitest';
import { type Issue, isFault } from '../../src/core/fhir/issue.ts';
import { createValidator } from '../../src/core/validate/create.ts';
import { loadDefinitions } from '../../src/io/definitions/definitions.ts';
import { type BrokenExample, brokenExamples, examples, profiles } from './guide.ts';
import { patched } from './json-patch.ts';
import { type ProfileRule, rulesOf } from './rules.ts';

const definitions = loadDefinitions();
const validator = createValidator(definitions);

describe('each profile has a smallest and a complete example, and both conform', () => {
  for (const { id, url, type, abstract } of profiles) {
    if (abstract || type === 'Extension') continue;
    test.each(['minimal', 'maximal'])(`${id}-%s`, (size) => {
      const example = examples.get(`${id}-${size}`);
      expect(example?.meta?.profile).toEqual([url]);
      expect(validator.validate(example).filter(isFault)).toEqual([]);
      expect(validator.accepts(example)).toBe(true);
    });
  }
});

test.each(['minimal', 'maximal'])('a complete prescription (%s) is a referral that the intake takes', (size) => {
  const intake = 'https://tactus.example/fhir/StructureDefinition/massage-service-request-intake';
  const example = examples.get(`massage-service-request-${size}`);
  expect(validator.validate(example, { profiles: [intake] }).filter(isFault)).toEqual([]);
});

describe('each rule has an example that breaks it', () => {
  test.each(profiles.map((profile) => [profile.id ?? '', profile] as const))('%s', (id, profile) => {
    const rules = rulesOf(profile, definitions).filter((rule) => !cannotBreakAlone(rule));
    const named = new Set(Object.keys(brokenExamples(id)));
    expect(named).toEqual(new Set(rules.map(({ name }) => name)));
  });
});

for (const profile of profiles) {
  const rules = new Map(rulesOf(profile, definitions).map((rule) => [rule.name, rule]));
  describe(`an example that breaks one rule of ${profile.id} is refused at its place by that rule`, () => {
    test.each(Object.entries(brokenExamples(profile.id ?? '')))('%s', (name, broken) => {
      const resource = patched(examples.get(broken.base), broken.patch);
      const { found, others } = sorted(validator.validate(resource), rules.get(name), broken);
      expect(found.map(({ expression, code }) => ({ at: expression, code }))).toEqual([broken.breaks]);
      expect(others.map(({ code, rule }) => rule ?? code)).toEqual(broken.also ?? []);
      expect(validator.accepts(resource)).toBe(!isFault(found[0] as Issue));
    });
  });
}

// The url is what the extension is known by, and a value beside parts is refused by R4's own ext-1.
function cannotBreakAlone({ name, element }: ProfileRule): boolean {
  const ofExtension = element.startsWith('Extension.');
  return ofExtension && (name === 'url.pattern' || name === 'value.max' || /(^|\.)extension\.max$/.test(name));
}

// Faults, or the warnings where the rule is only a warning; R4's advice to add a narrative (dom-6) is of no interest.
function sorted(issues: readonly Issue[], rule: ProfileRule | undefined, broken: BrokenExample) {
  const faults = issues.filter(isFault);
  const warnings = issues.filter(({ severity, rule: key }) => severity === 'warning' && key !== 'dom-6');
  const told = faults.length > 0 ? faults : warnings;
  const isFound = (issue: Issue): boolean =>
    issue.code === broken.breaks.code &&
    (issue.code === 'invariant' ? issue.rule === rule?.name : issue.element === rule?.element);
  return { found: told.filter(isFound), others: told.filter((issue) => !isFound(issue)) };
}
