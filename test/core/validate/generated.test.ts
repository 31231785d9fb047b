import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { choiceKey } from '../../../src/core/validate/shape.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { createGenerator } from './generate.ts';
import { isBrokenToo } from './invariant-oracle.ts';
import { examples, resourceProfiles } from './profiles.ts';
import { createRandom, type Random } from './random.ts';

const definitions = loadDefinitions();
const validator = createValidator(definitions);
const generator = createGenerator(definitions);
const wanted = process.env.CI ? 10_000 : 1000;
const baseTypes =
  'ServiceRequest Procedure Observation Patient Practitioner PractitionerRole Organization Task Goal Condition Encounter Location Device Appointment Coverage DiagnosticReport AllergyIntolerance MedicationStatement CarePlan Specimen'.split(
    ' ',
  );
const profiles = [...resourceProfiles(), ...baseTypes.map((type) => `http://hl7.org/fhir/StructureDefinition/${type}`)];

describe('resources made from the snapshots', () => {
  const each = Math.ceil(wanted / profiles.length);
  let accepted = 0;
  let sure = 0;
  it.each(profiles)(`are accepted: ${each} of %s`, (profile) => {
    let made = 0;
    for (let seed = 1; made < each && seed < each * 10; seed += 1) {
      const random = createRandom(seed);
      const resource = make(profile, random);
      const faults = validator.validate(resource, { profiles: [profile] }).filter(isFault);
      // The generator knows no invariants of resources: what breaks one, by another engine's judgement too, is no valid resource.
      if (faults.length > 0 && faults.every((issue) => issue.code === 'invariant')) {
        expect(faults.filter((issue) => isBrokenToo(issue, resource, definitions) === false)).toEqual([]);
        continue;
      }
      expect(faults, `seed ${seed}`).toEqual([]);
      expect(validator.accepts(resource, [profile])).toBe(true);
      if (validator.acceptsFast(resource, [profile])) sure += 1;
      made += 1;
      accepted += 1;
    }
    expect(made).toBeGreaterThan(0);
  });

  it('are enough, and the fast tier alone is sure of 19 in 20', () => {
    expect(accepted).toBeGreaterThanOrEqual(wanted * 0.8);
    expect(sure / accepted).toBeGreaterThan(0.95);
  });
});

/** Our profiles have many invariants between elements: what an example has of them is kept, the rest is made. */
function make(profile: string, random: Random): Record<string, unknown> {
  const made = generator.resource(profile, random, random.pick([0, 0.2, 0.4]));
  const own = examples().filter((example) => example.profile === profile);
  if (own.length === 0) return made;
  const { resource } = random.pick(own);
  const root = generator.registry.profile(profile);
  for (const child of root?.children?.values() ?? []) {
    const keys = child.isChoice ? child.baseTypes.map((type) => choiceKey(child, type)) : [child.name];
    if (keys.some((key) => key in resource)) for (const key of keys) delete made[key];
  }
  return { ...made, ...resource };
}
