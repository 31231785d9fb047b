import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fhir/issue.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { choiceKey } from '../../../src/core/validate/shape.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { createGenerator } from './generate.ts';
import { examples, resourceProfiles } from './profiles.ts';
import { createRandom, type Random } from './random.ts';
import { settle } from './settle.ts';

type Made = Record<string, unknown>;

const definitions = loadDefinitions();
const validator = createValidator(definitions);
const generator = createGenerator(definitions);
const wanted = 10_000;
const baseTypes =
  'ServiceRequest Procedure Observation Patient Practitioner PractitionerRole Organization Task Goal Condition Encounter Location Device Appointment Coverage DiagnosticReport AllergyIntolerance MedicationStatement CarePlan Specimen'.split(
    ' ',
  );
/**
 * Contained resources would have to be referred to; modifier extensions and implicitRules change the meaning of a resource,
 * and nobody here defines any. Beside primitives, and deeper than three levels unless it must be there, nothing is made.
 */
const notMade = ['contained', 'implicitRules', 'modifierExtension'];
const profiles = [...resourceProfiles(), ...baseTypes.map((type) => `http://hl7.org/fhir/StructureDefinition/${type}`)];

describe('resources made from the snapshots', () => {
  const each = Math.ceil(wanted / profiles.length);
  let accepted = 0;
  let sure = 0;
  const neverMade: string[] = [];

  it.each(profiles)(`are all accepted, by both tiers: ${each} of %s`, (profile) => {
    const missing = new Set(elementsOf(profile));
    for (let seed = 1; seed <= each; seed += 1) {
      const resource = make(profile, createRandom(seed));
      const faults = validator.validate(resource, { profiles: [profile] }).filter(isFault);
      expect(faults, `seed ${seed}`).toEqual([]);
      expect(validator.accepts(resource, [profile])).toBe(true);
      if (validator.acceptsFast(resource, [profile])) sure += 1;
      accepted += 1;
      for (const key of Object.keys(resource)) missing.delete(key);
    }
    const name = profile.slice(profile.lastIndexOf('/') + 1);
    for (const element of missing) if (!notMade.includes(element)) neverMade.push(`${name}.${element}`);
  });

  it('are 10,000 and more, none of them dropped, and the fast tier alone is sure of 19 in 20', () => {
    expect(accepted).toBe(each * profiles.length);
    expect(accepted).toBeGreaterThanOrEqual(wanted);
    expect(sure / accepted).toBeGreaterThan(0.95);
  });

  it('have every element of each profile somewhere, but where the examples of a measurement all have a value', () => {
    const valued = ['adverse-event', 'function', 'limb-size', 'rom'];
    expect(neverMade.sort()).toEqual(valued.map((name) => `massage-${name}-observation.dataAbsentReason`));
  });
});

/** JSON keys of what a profile allows at its top; of a choice those of its types count as one. */
function elementsOf(profile: string): readonly string[] {
  const root = generator.registry.profile(profile);
  if (root === undefined) throw new Error(`No definition of ${profile}.`);
  return [...generator.registry.children(root).values()]
    .filter((child) => child.max > 0 && !child.isChoice)
    .map((child) => child.name);
}

/** Our profiles have many invariants between elements: what an example has of them is kept, the rest is made. */
function make(profile: string, random: Random): Made {
  const made = generator.resource(profile, random, random.pick([0, 0.2, 0.4]));
  const own = examples().filter((example) => example.profile === profile);
  if (own.length === 0) return settle(made);
  const { resource } = random.pick(own);
  const root = generator.registry.profile(profile);
  for (const child of root?.children?.values() ?? []) {
    const keys = child.isChoice ? child.baseTypes.map((type) => choiceKey(child, type)) : [child.name];
    if (keys.some((key) => key in resource)) for (const key of keys) delete made[key];
  }
  // A measurement has a value or the reason why it has none: the example has decided.
  if ('dataAbsentReason' in resource)
    for (const key of Object.keys(made)) if (/^value[A-Z]/.test(key)) delete made[key];
  return settle({ ...made, ...resource });
}
