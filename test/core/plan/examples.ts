import type { Session } from '../../../src/core/plan/session.ts';
import type { TreatmentPlan } from '../../../src/core/plan/treatment-plan.ts';

/** A plan that permits sessions: six of 20 minutes for low back pain, twice a week. All names are invented. */
export const examplePlan: TreatmentPlan = {
  planId: 'plan-1',
  schemaVersion: '1',
  mappingVersion: 'sha256:0',
  ruleSetVersion: '1',
  status: 'accepted',
  source: {
    serverBase: 'https://hospital.example/fhir',
    resourceId: 'sr-1',
    identifiers: [{ system: 'https://hospital.example/orders', value: 'A-1' }],
    profile: 'https://tactus.example/fhir/StructureDefinition/massage-service-request',
    payloadHash: '00',
    receivedAt: '2026-03-01T08:00:00Z',
  },
  patient: { reference: 'Patient/p1', identifiers: [] },
  prescriber: { reference: 'Practitioner/d1', identifiers: [] },
  authoredOn: '2026-03-01',
  validFrom: '2026-03-01',
  validUntil: '2026-05-31',
  priority: 'routine',
  service: { codings: [{ code: '25' }], category: 'medical', technique: ['classic'] },
  indications: [{ codings: [{ code: '279039007' }], concept: 'low-back-pain', phase: 'unknown' }],
  scope: 'local',
  bodySites: [{ site: 'lumbar', laterality: 'none' }],
  dosage: { sessions: 6, durationMin: 20, frequency: { times: 2, period: 1, unit: 'wk' }, pattern: 'series' },
  modifications: [],
  screening: { completeness: 'complete', checkedAt: '2026-03-01T08:00:01Z', findings: [] },
  performerRequirement: { kinds: [], qualifications: [] },
  assessment: { performedAt: '2026-03-03', by: 'Practitioner/t1' },
  goals: [{ goalId: 'g1', measure: 'pain-nrs' }],
  reporting: { perSession: true, finalSummary: true, feedbackRequested: false },
  progress: { delivered: 0, notDone: 0 },
  notes: [],
};

/** The first session of `examplePlan`, completed. */
export const exampleSession: Session = {
  sessionId: 'session-1',
  planId: 'plan-1',
  seq: 1,
  status: 'completed',
  start: '2026-03-04T09:00:00+01:00',
  end: '2026-03-04T09:25:00+01:00',
  durationMin: 20,
  performer: { reference: 'PractitionerRole/t1', kind: 'massage-therapist', qualifications: [] },
  preScreen: { askedAt: '2026-03-04T08:55:00+01:00', changedSinceLast: false, findings: [], decision: 'proceed' },
  consent: { given: true },
  treatments: [{ technique: 'classic', bodySite: 'lumbar', durationMin: 20, pressure: 'moderate', medium: 'oil' }],
  modificationsApplied: [],
  measurements: [pain('pre', 6), pain('post', 4)],
  adverseEvents: { assessed: true, items: [] },
  recordedBy: 'Practitioner/t1',
  recordedAt: '2026-03-04T09:30:00+01:00',
};

/** One pain score of the lumbar region. */
export function pain(phase: 'pre' | 'post' | 'interval', value: number): Session['measurements'][number] {
  return {
    measure: 'pain-nrs',
    phase,
    value,
    unit: '{score}',
    bodySite: 'lumbar',
    at: '2026-03-04T09:00:00+01:00',
    reportedBy: 'patient',
  };
}
