import { describe, expect, it } from 'vitest';
import { compileFhirPath } from '../../../src/core/fhirpath/compile.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { compileCondition } from '../../../src/core/validate/fast-expression.ts';
import { notSure } from '../../../src/core/validate/fast-path.ts';
import { Source } from '../../../src/core/validate/fast-source.ts';
import { createExpressions, refuseInvariant } from '../../../src/core/validate/invariant.ts';
import { isObject } from '../../../src/core/validate/json.ts';
import { createRegistry } from '../../../src/core/validate/registry.ts';
import { createShapes } from '../../../src/core/validate/shape.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { examples } from './profiles.ts';
import { createRandom, type Random } from './random.ts';
import { element, urlOf, withProfiles } from './small-profiles.ts';

const expressions = createExpressions(compileFhirPath);
const registry = createRegistry(loadDefinitions(), (rule) => refuseInvariant(expressions, rule));
const shapes = createShapes(registry);

type Verdict = 'holds' | 'not sure' | 'outside the subset';

/** What generated code says of an expression on a resource of a profile or base type. */
function generated(expression: string, url: string): (resource: object) => Verdict {
  const node = registry.profile(url) ?? registry.type(url);
  if (node === undefined) throw new Error(`${url} is unknown.`);
  const condition = compileCondition(expression, { node, type: node.name }, registry);
  if (condition === undefined) return () => 'outside the subset';
  const source = new Source();
  source.line(`return ${source.helper('v,s', (frame) => `return ${condition(frame, 'v')};`)}(v,s);`);
  const test = source.compile<(value: unknown, scope: object) => boolean>('v,s');
  return (resource) => {
    try {
      return test(resource, { hasExtras: JSON.stringify(resource).includes('"_') }) ? 'holds' : 'not sure';
    } catch (error) {
      if (error !== notSure) throw error;
      return 'not sure';
    }
  };
}

function engine(expression: string, resource: object): boolean {
  try {
    return expressions.of(expression).holds(resource, { resource, rootResource: resource });
  } catch {
    return false;
  }
}

const patient = { resourceType: 'Patient', active: true, birthDate: '2000-01-01', multipleBirthInteger: 2 };
const names = { ...patient, name: [{ family: 'A', given: ['B', 'C'] }, { text: 'D' }] };
const lived = (start: string, end: string) => ({ ...patient, name: [{ text: 'A', period: { start, end } }] });
const beside = { ...patient, _birthDate: { extension: [{ url: 'https://example.com/x', valueString: 'x' }] } };

describe('invariants as generated code', () => {
  it.each<[string, object, Verdict]>([
    ['active', patient, 'holds'],
    ['active.not()', patient, 'not sure'],
    ['active = true and gender.empty()', patient, 'holds'],
    ['gender.exists() or name.exists()', patient, 'not sure'],
    ["gender = 'male'", patient, 'not sure'],
    ["gender = 'male' or active", patient, 'holds'],
    ["gender = 'male' and active", patient, 'not sure'],
    ["gender = 'male' implies active", patient, 'holds'],
    ['gender.exists() = name.exists()', patient, 'holds'],
    ['gender.exists() != active.exists()', patient, 'holds'],
    ['active xor gender.exists()', patient, 'holds'],
    ['multipleBirth.exists()', patient, 'holds'],
    ['multipleBirth.ofType(integer) > 1', patient, 'holds'],
    ['multipleBirth.ofType(integer) mod 2 = 0', patient, 'holds'],
    ['multipleBirth.ofType(integer) mod 2 = 1', patient, 'not sure'],
    ['multipleBirth.ofType(boolean).empty()', patient, 'holds'],
    ['birthDate.exists()', beside, 'not sure'],
    ['gender.empty()', beside, 'holds'],
    ["name.given = 'B'", names, 'not sure'],
    ["name.first().family = 'A'", names, 'holds'],
    ["name.where(family = 'A').given.count() = 2", names, 'holds'],
    ["name.given.where($this = 'C').exists()", names, 'holds'],
    ["name.exists(text.startsWith('D'))", names, 'holds'],
    ["name.exists(text.endsWith('E'))", names, 'not sure'],
    ['name.first().period.start <= name.first().period.end', lived('2024-05', '2024-05'), 'holds'],
    ['name.first().period.start < name.first().period.end', lived('2024-05', '2024-05'), 'not sure'],
    ['name.first().period.start < name.first().period.end', lived('2024', '2024-05'), 'not sure'],
    [
      'name.first().period.start < name.first().period.end',
      lived('2024-05-01T10:00:00+01:00', '2024-05-01T10:00:01+01:00'),
      'holds',
    ],
    [
      'name.first().period.start < name.first().period.end',
      lived('2024-05-01T10:00:00+02:00', '2024-05-01T09:30:00+01:00'),
      'holds',
    ],
    [
      'name.first().period.start < name.first().period.end',
      lived('2024-05-01T10:00:59Z', '2024-05-01T10:00:60Z'),
      'not sure',
    ],
    [`multipleBirth.ofType(integer) < ${'9'.repeat(400)}`, patient, 'outside the subset'],
    ['(name | contact.name).family.exists()', names, 'holds'],
    ['name.family.length() > 0', names, 'outside the subset'],
    ['active.(', patient, 'outside the subset'],
  ])('%s', (expression, resource, expected) => {
    expect(generated(expression, 'Patient')(resource)).toBe(expected);
    if (expected === 'holds') expect(engine(expression, resource)).toBe(true);
  });

  const rules = new Map<string, { readonly url: string; readonly expression: string }>();
  for (const { profile } of examples()) {
    const root = registry.profile(profile);
    for (const rule of root === undefined ? [] : shapes.of(root).invariants)
      rules.set(`${profile} ${rule.key}`, { url: profile, expression: rule.expression });
  }

  it.each([...rules])('say nothing that the FHIRPath engine does not say: %s', (_name, { url, expression }) => {
    const verdict = generated(expression, url);
    const random = createRandom(7);
    for (const { profile, resource } of examples()) {
      if (profile !== url) continue;
      for (let round = 0; round < 40; round += 1) {
        const changed = round === 0 ? resource : change(resource, random);
        if (verdict(changed) === 'holds') expect(engine(expression, changed), JSON.stringify(changed)).toBe(true);
      }
      expect(['outside the subset', engine(expression, resource) ? 'holds' : 'not sure']).toContain(verdict(resource));
    }
  });
});

/** The same resource with some elements gone, some texts and numbers changed, and something beside some primitives. */
function change(value: object, random: Random): object {
  const changed: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key !== 'resourceType' && random.next() < 0.1) continue;
    changed[key] = changeValue(inner, random);
    if (typeof inner === 'string' && key !== 'resourceType' && random.next() < 0.02)
      changed[`_${key}`] = { extension: [{ url: 'https://example.com/x', valueString: 'x' }] };
  }
  return changed;
}

function changeValue(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) {
    const kept = value.filter((_, at) => at === 0 || random.next() < 0.8);
    return kept.map((item) => changeValue(item, random));
  }
  if (isObject(value)) return change(value, random);
  if (random.next() > 0.1) return value;
  if (typeof value === 'number') return random.pick([0, 1, 2, 60, 61, 0.5]);
  return typeof value === 'boolean' ? !value : value;
}

describe('what a definition says is never code', () => {
  const strings = [
    '"];throw 1;//',
    "'+x+'",
    ['`$', '{x}`'].join(''),
    '\\\\"',
    '\u2028throw 1\u2029',
    '</script>',
    '*/x/*',
    'k0',
  ];

  it.each(strings)('whatever it wants a value to be: %j', (text) => {
    const validator = createValidator(
      withProfiles({
        fixed: ['Patient', [element('Patient.language', {}), element('Patient.name.text', { fixedString: text })]],
        pattern: ['Patient', [element('Patient.name', { patternHumanName: { text, family: text } })]],
        rule: [
          'Patient',
          [
            element('Patient', {
              constraint: [
                {
                  key: text.replace(/[^A-Za-z]/g, '') || 'x',
                  severity: 'error',
                  human: text,
                  expression: `name.text = '${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
                },
              ],
            }),
          ],
        ],
        sliced: [
          'Patient',
          [
            element('Patient.name', { slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'text' }] } }),
            element('Patient.name:own', { min: 1, max: '1' }),
            element('Patient.name:own.text', { min: 1, fixedString: text }),
          ],
        ],
      }),
    );
    for (const profile of ['fixed', 'pattern', 'rule', 'sliced']) {
      const right = { resourceType: 'Patient', name: [{ text, family: text }] };
      const wrong = { resourceType: 'Patient', name: [{ text: 'other', family: text }] };
      expect(validator.acceptsFast(right, [urlOf(profile)]), profile).toBe(true);
      expect(validator.accepts(wrong, [urlOf(profile)]), profile).toBe(false);
      expect(validator.acceptsFast(wrong, [urlOf(profile)]), profile).toBe(false);
    }
  });
});
