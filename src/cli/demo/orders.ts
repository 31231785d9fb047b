/** The orders and sessions of the demonstration. Everybody in them is invented. */

const sites = {
  lumbar: { system: 'http://snomed.info/sct', code: '52612000', display: 'Lumbar region' },
  neck: { system: 'http://snomed.info/sct', code: '45048000', display: 'Neck' },
} as const;
const reasons = {
  lowBackPain: { system: 'http://snomed.info/sct', code: '279039007', display: 'Low back pain' },
  neckPain: { system: 'http://snomed.info/sct', code: '81680005', display: 'Neck pain' },
} as const;

export interface DemoOrder {
  readonly number: string;
  readonly site: keyof typeof sites;
  readonly reason: keyof typeof reasons;
  /** Absent: the doctor did not say; absent stays absent, and Tactus asks. */
  readonly sessions?: number;
  readonly contained?: readonly object[];
}

/** An order as the demo hospital's EHR would send it. */
export function order({
  number,
  site,
  reason,
  sessions,
  contained = [],
}: DemoOrder): Readonly<Record<string, unknown>> {
  return {
    resourceType: 'ServiceRequest',
    id: `order-${number.toLowerCase()}`,
    ...(contained.length === 0 ? {} : { contained, supportingInfo: [{ reference: '#record' }] }),
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] },
        system: 'https://demo-hospital.example/sid/referral',
        value: number,
      },
    ],
    status: 'active',
    intent: 'order',
    category: [
      { coding: [{ system: 'https://tactus.example/fhir/CodeSystem/massage-category', code: 'medical-massage' }] },
    ],
    code: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '25', display: 'Massage Therapy' },
      ],
    },
    ...(sessions === undefined ? {} : { quantityQuantity: { value: sessions } }),
    subject: { reference: 'Patient/demo-patient', display: 'Eve Example' },
    authoredOn: new Date().toISOString().slice(0, 10),
    requester: { reference: 'Practitioner/demo-doctor', display: 'Dr. Ada Sample' },
    reasonCode: [{ coding: [reasons[reason]] }],
    bodySite: [{ coding: [sites[site]] }],
  };
}

/** What forbids massage: an active deep vein thrombosis in the record that came with the order. */
export const thrombosis = {
  resourceType: 'Condition',
  id: 'record',
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  code: { coding: [{ system: 'http://snomed.info/sct', code: '128053003', display: 'Deep venous thrombosis' }] },
  subject: { reference: 'Patient/demo-patient' },
} as const;

export interface DemoSession {
  readonly planId: string;
  readonly seq: number;
  readonly site: string;
  readonly painBefore: number;
  readonly painAfter: number;
  /** When it ended. */
  readonly end: Date;
}

/** A session as the practice's system would record it: pain asked before and after, nothing bad happened. */
export function session({
  planId,
  seq,
  site,
  painBefore,
  painAfter,
  end,
}: DemoSession): Readonly<Record<string, unknown>> {
  const minutesBefore = (minutes: number) => new Date(end.getTime() - minutes * 60_000).toISOString();
  const pain = (phase: 'pre' | 'post', value: number, at: string) => ({
    measure: 'pain-nrs',
    phase,
    value,
    unit: '{score}',
    bodySite: site,
    at,
    reportedBy: 'patient',
  });
  return {
    sessionId: `${planId}-${seq}`,
    planId,
    seq,
    status: 'completed',
    start: minutesBefore(30),
    end: end.toISOString(),
    durationMin: 25,
    performer: {
      reference: 'PractitionerRole/demo-therapist',
      name: 'Tom Therapist',
      kind: 'massage-therapist',
      qualifications: [],
    },
    preScreen: { askedAt: minutesBefore(32), changedSinceLast: false, findings: [], decision: 'proceed' },
    consent: { given: true, at: minutesBefore(31) },
    treatments: [{ technique: 'classic', bodySite: site, durationMin: 25, pressure: 'moderate', medium: 'oil' }],
    modificationsApplied: [],
    measurements: [pain('pre', painBefore, minutesBefore(30)), pain('post', painAfter, end.toISOString())],
    adverseEvents: { assessed: true, items: [] },
    outcome: 'successful',
    recordedBy: 'Tom Therapist',
    recordedAt: end.toISOString(),
  };
}
