import { randomUUID } from 'node:crypto';
import type { Delivery, NewReferral, OutboxEntry, PlanRecord, SessionRecord } from '../../../src/flows/records.ts';

/** Records with invented content; only what the store looks at is meant. */

export const start = '2026-11-26T09:00:00.000Z';

/** `start` plus so many seconds. */
export function at(seconds: number): string {
  return new Date(Date.parse(start) + seconds * 1000).toISOString();
}

export function referral(changes: Partial<NewReferral> = {}): NewReferral {
  const id = changes.id ?? randomUUID();
  const resource = changes.resource ?? { resourceType: 'ServiceRequest', id, status: 'active', intent: 'order' };
  return {
    id,
    partner: 'north',
    placer: { system: 'https://north.example/orders', value: id },
    version: 1,
    resource,
    context: null,
    bytes: new TextEncoder().encode(JSON.stringify(resource)),
    bytesHash: `bytes-${id}`,
    contentHash: `content-${id}`,
    receivedAt: start,
    updatedAt: start,
    correlationId: null,
    ...changes,
  };
}

export interface PlanChanges extends Partial<Omit<PlanRecord, 'plan'>> {
  readonly planId?: string;
  readonly status?: PlanRecord['plan']['status'];
  readonly patients?: PlanRecord['plan']['patient']['identifiers'];
  readonly payloadHash?: string;
}

export function plan(changes: PlanChanges = {}): PlanRecord {
  const { planId = randomUUID(), status = 'accepted', patients = [], payloadHash = 'bytes-0', ...record } = changes;
  return {
    plan: {
      planId,
      schemaVersion: '1',
      mappingVersion: '1',
      ruleSetVersion: '1',
      status,
      source: {
        serverBase: 'https://north.example/fhir',
        resourceId: '1',
        identifiers: [],
        profile: 'https://tactus.example/referral',
        payloadHash,
        receivedAt: start,
      },
      patient: { identifiers: patients },
      prescriber: { identifiers: [] },
      authoredOn: '2026-11-26',
      validFrom: '2026-11-26',
      priority: 'routine',
      service: { codings: [], category: 'medical', technique: [] },
      indications: [{ codings: [], phase: 'unknown' }],
      scope: 'unknown',
      bodySites: [],
      dosage: {},
      modifications: [],
      screening: { completeness: 'absent', checkedAt: start, findings: [] },
      performerRequirement: { kinds: [], qualifications: [] },
      goals: [],
      reporting: { perSession: true, finalSummary: true, feedbackRequested: false },
      progress: { delivered: 0, notDone: 0 },
      notes: [],
    },
    referralId: randomUUID(),
    partner: 'north',
    version: 1,
    reasons: [],
    questions: [],
    createdAt: start,
    updatedAt: start,
    ...record,
  };
}

export function session(planId: string, seq = 1, sessionId: string = randomUUID()): SessionRecord {
  return {
    session: {
      sessionId,
      planId,
      seq,
      status: 'completed',
      start: '2026-11-26T08:00:00Z',
      performer: { reference: 'Practitioner/7', kind: 'massage-therapist', qualifications: [] },
      consent: { given: true },
      treatments: [],
      modificationsApplied: [],
      measurements: [],
      adverseEvents: { assessed: true, items: [] },
      recordedBy: 'clinic',
      recordedAt: start,
    },
    planId,
    contentHash: `content-${sessionId}`,
    recordedAt: start,
  };
}

export function delivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    id: randomUUID(),
    kind: 'outcome',
    partner: 'north',
    planId: 'plan-1',
    sessionId: null,
    state: 'pending',
    attempts: 0,
    dueAt: start,
    priority: 10,
    wantedVersion: 0,
    body: null,
    proof: [],
    issues: [],
    createdAt: start,
    sentAt: null,
    ...changes,
  };
}

export function wake(queue: OutboxEntry['queue'], subject: string, changes: Partial<OutboxEntry> = {}): OutboxEntry {
  return { queue, subject, dueAt: start, priority: 10, ...changes };
}

export const nothing = { history: [], outbox: [] } as const;
