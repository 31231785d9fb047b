import type { PlanFacts } from '../../../../src/core/plan/screening/facts.ts';
import { loadRules } from '../../../../src/core/plan/screening/load.ts';
import { type ScreeningRequest, type ScreeningResult, screen } from '../../../../src/core/plan/screening.ts';
import { readRules } from '../../../../src/io/rules/read-rules.ts';

/** Short names for records, so that a row of a table says what matters and nothing else. All people are invented. */

export type Resource = Readonly<Record<string, unknown>>;

const loaded = loadRules(readRules());
if (loaded.ruleSet === undefined) throw new Error(`The rules have faults: ${JSON.stringify(loaded.issues)}`);
export const rules = loaded.ruleSet;
export const ruleIssues = loaded.issues;

export const now = '2026-11-26T10:00:00Z';
export const systems = {
  sct: 'http://snomed.info/sct',
  icd: 'http://hl7.org/fhir/sid/icd-10-cm',
  atc: 'http://www.whocc.no/atc',
  loinc: 'http://loinc.org',
  ucum: 'http://unitsofmeasure.org',
} as const;

export const concept = (system: string, code: string) => ({ coding: [{ system, code }] });

/** A Condition by an ICD-10 code (with a letter) or a SNOMED CT code. */
export function condition(code: string, more: Resource = {}): Resource {
  const system = /^[A-Z]/.test(code) ? systems.icd : systems.sct;
  return { resourceType: 'Condition', subject: { reference: 'Patient/1' }, code: concept(system, code), ...more };
}

export const status = (code: string) => ({ clinicalStatus: { coding: [{ code }] } });
export const onset = (date: string) => ({ onsetDateTime: date });
/** One body site, told by several codings: the region and its side. */
export const at = (...codes: readonly string[]) => ({
  bodySite: [{ coding: codes.map((code) => ({ system: systems.sct, code })) }],
});

export function medicine(atc: string, more: Resource = {}): Resource {
  return {
    resourceType: 'MedicationStatement',
    status: 'active',
    medicationCodeableConcept: concept(systems.atc, atc),
    ...more,
  };
}

export function allergy(code: string, more: Resource = {}): Resource {
  return { resourceType: 'AllergyIntolerance', code: concept(systems.sct, code), ...more };
}

export function observation(loinc: string, value: number, unit: string, more: Resource = {}): Resource {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: concept(systems.loinc, loinc),
    valueQuantity: { value, system: systems.ucum, code: unit },
    effectiveDateTime: '2026-11-26T08:00:00Z',
    ...more,
  };
}

export function coded(loinc: string, snomed: string, more: Resource = {}): Resource {
  const { valueQuantity: _, ...rest } = observation(loinc, 0, '1');
  return { ...rest, valueCodeableConcept: concept(systems.sct, snomed), ...more };
}

/** An order of massage for low back pain with these records contained. */
export function order(contained: readonly Resource[], more: Resource = {}): Resource {
  return {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    code: concept('http://terminology.hl7.org/CodeSystem/service-type', '25'),
    subject: { reference: 'Patient/1' },
    reasonCode: [concept(systems.icd, 'M54.5')],
    contained,
    ...more,
  };
}

export const lumbar: PlanFacts = { bodySites: [{ site: 'lumbar' }], techniques: ['classic'] };
export const mld: PlanFacts = { bodySites: [{ site: 'lower-leg' }], techniques: ['mld'] };
export const treats = (site: string, ...techniques: readonly string[]): PlanFacts => ({
  bodySites: [{ site }],
  techniques: techniques.length > 0 ? techniques : ['classic'],
});

export function screened(
  contained: readonly Resource[],
  facts: PlanFacts = lumbar,
  more: Partial<ScreeningRequest> = {},
): ScreeningResult {
  return screen({ referral: order(contained), facts, rules, now, ...more });
}

/** `rule: disposition` of each finding. */
export function found(result: ScreeningResult): string[] {
  return result.findings.map(({ ruleId, disposition }) => `${ruleId}: ${disposition}`);
}
