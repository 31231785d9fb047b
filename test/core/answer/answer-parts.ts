import { loadAnchors } from '../../../src/core/answer/anchor.ts';
import { type AnchorId, loadPartners, type Partner } from '../../../src/core/answer/partner.ts';
import type { AnswerRequest } from '../../../src/core/answer/task.ts';
import { loadRules } from '../../../src/core/plan/screening/load.ts';
import type { TreatmentPlan } from '../../../src/core/plan/treatment-plan.ts';
import { mappingsFolder, readDataFiles, readRules } from '../../../src/io/rules/read-rules.ts';

/** An invented order of Mrs Muster, its plan, and the parts that an answer is made of. */

export const now = '2026-11-26T10:00:00.000Z';

const loadedRules = loadRules(readRules());
const loadedAnchors = loadAnchors(readDataFiles(`${mappingsFolder}/anchors`));
export const anchorIssues = loadedAnchors.issues;
export const anchors = loadedAnchors.anchors;
const loadedPartners = loadPartners(readDataFiles(`${mappingsFolder}/partners`));

function present<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`${name} is missing or faulty.`);
  return value;
}
export const rules = present(loadedRules.ruleSet, 'mappings/rules');
export const partner: Partner = present(
  loadedPartners.partners.get('demo-hospital'),
  'mappings/partners/demo-hospital.json',
);
export const anchor = (id: AnchorId) => present(anchors.get(id), `mappings/anchors/${id}.json`);

export const plan: TreatmentPlan = {
  planId: 'plan-1',
  schemaVersion: '1',
  mappingVersion: 'm',
  ruleSetVersion: rules.version,
  status: 'accepted',
  source: {
    serverBase: partner.baseUrl,
    resourceId: 'order-1',
    identifiers: [{ system: 'https://demo-hospital.example/sid/referral', value: 'R-1' }],
    profile: partner.profile,
    payloadHash: 'h',
    receivedAt: '2026-11-26T09:00:00.000Z',
  },
  patient: {
    reference: 'Patient/7',
    identifiers: [{ system: 'https://demo-hospital.example/sid/patient', value: 'P-7' }],
  },
  prescriber: { reference: 'Practitioner/3', name: 'Dr. Ada Beispiel', identifiers: [] },
  authoredOn: '2026-11-26',
  validFrom: '2026-11-26',
  priority: 'routine',
  service: {
    codings: [{ system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '25' }],
    category: 'medical',
    technique: ['classic'],
  },
  indications: [{ codings: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'M54.5' }], phase: 'unknown' }],
  scope: 'local',
  bodySites: [{ site: 'lumbar', laterality: 'none' }],
  dosage: { sessions: 6, frequency: { times: 2, period: 1, unit: 'wk' } },
  modifications: [],
  screening: { completeness: 'absent', checkedAt: now, findings: [] },
  performerRequirement: { kinds: [], qualifications: [] },
  goals: [],
  reporting: { perSession: true, finalSummary: true, feedbackRequested: false },
  progress: { delivered: 0, notDone: 0 },
  notes: [],
};

export const referral: Readonly<Record<string, unknown>> = {
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '25' }] },
  subject: { reference: 'Patient/7' },
  reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'M54.5' }] }],
};

export const answer: AnswerRequest = {
  plan,
  referral: { id: 'referral-1', placer: { system: 'https://demo-hospital.example/sid/referral', value: 'R-1' } },
  partner,
  anchor: anchor('own'),
  reasons: [],
  questions: [],
  outcomes: [],
  at: 'hospital',
  rules,
  now,
};
