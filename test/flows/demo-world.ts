import { join } from 'node:path';
import type { Task } from '@medplum/fhirtypes';
import type { Partner } from '../../src/core/answer/partner.ts';
import type { Session } from '../../src/core/plan/session.ts';
import { type Amended, amendReferral, type IncomingAmendment } from '../../src/flows/amend.ts';
import { answering } from '../../src/flows/answer.ts';
import { makePlans } from '../../src/flows/plan.ts';
import { receiveReferral } from '../../src/flows/receive.ts';
import { recordSession } from '../../src/flows/record-session.ts';
import type { PlanRecord } from '../../src/flows/records.ts';
import { bind } from '../../src/start/bindings.ts';
import { loadCatalog } from '../../src/start/catalog.ts';
import { changeWorld, expireWorld } from '../../src/start/change-world.ts';
import { hash } from '../../src/start/outside.ts';
import { makeSummary } from '../../src/start/summaries.ts';
import { exampleSession } from '../core/plan/examples.ts';
import { fakeStore } from './fake-store.ts';

const home = join(import.meta.dirname, '../..');
const catalog = loadCatalog({ mappings: join(home, 'mappings'), profiles: join(home, 'profiles/generated') });
const sender = catalog.partners.get('demo-hospital') as Partner;

/** The real maps, rules, profiles and partner of the demonstration, on a store in memory and a clock of the test's. */
export function demoWorld() {
  const store = fakeStore();
  const clock = { now: '2026-12-01T08:00:00.000Z' };
  const now = () => clock.now;
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const bindings = bind({ catalog, publicUrl: 'https://tactus.example', now });
  const told = answering(store, (id) => catalog.partners.get(id));
  const changing = { ...changeWorld({ store: told, catalog, bindings }), now, newId };
  const baseUrl = (partner: string) => catalog.partners.get(partner)?.baseUrl;
  const planning = { ...bindings, store: told, newId, now, baseUrl, made: () => {}, failed: () => {} };
  const incoming = (resource: unknown): Omit<IncomingAmendment, 'expected'> => {
    const text = JSON.stringify(resource);
    return { sender, bytes: new TextEncoder().encode(text), text, correlationId: null };
  };
  const planOf = async (referralId: string): Promise<PlanRecord> => {
    const record = await store.planOfReferral(referralId);
    if (record === undefined) throw new Error(`Referral ${referralId} has no plan.`);
    return record;
  };
  return {
    store,
    clock,
    catalog,
    sender,
    changing,
    expiring: { ...expireWorld({ store: told, catalog }), now },
    bindings,
    makeSummary: makeSummary({ catalog }),
    planOf,
    /** As by POST. */
    receive: (resource: unknown) =>
      receiveReferral(
        { store: told, validator: catalog.validator, planFaults: bindings.planFaults, hash, newId, now },
        incoming(resource),
      ),
    /** As by PUT with `id`, as by a message without. */
    amend: (resource: unknown, more: Partial<IncomingAmendment> = {}): Promise<Amended> =>
      amendReferral(changing, { ...incoming(resource), expected: 'any', ...more }),
    plan: (...referralIds: string[]) => makePlans(planning, referralIds),
    /** A received referral with its plan. */
    async order(resource: unknown): Promise<PlanRecord> {
      const received = await this.receive(resource);
      if (!('referral' in received)) throw new Error(JSON.stringify(received.issues));
      await this.plan(received.referral.id);
      return planOf(received.referral.id);
    },
    /** A session that was done, after an assessment where there is none yet. */
    async session(planId: string, changes: Partial<Session> = {}) {
      const record = store.planRecords.get(planId);
      if (record !== undefined && record.plan.assessment === undefined) {
        const plan = { ...record.plan, assessment: { performedAt: '2026-12-01', by: 'Grete Beispiel' }, goals: [goal] };
        await told.commit({
          plan: { record: { ...record, plan, version: record.version + 1 }, expect: record.version },
          history: [],
          outbox: [],
        });
      }
      const seq = changes.seq ?? 1;
      const session = { ...exampleSession, sessionId: `${planId}-s${seq}`, planId, seq, ...onDay(seq), ...changes };
      return recordSession({ store: told, now, newId, hash }, planId, session, 'clinic');
    },
    async task(referralId: string): Promise<Task> {
      const referral = await store.referral(referralId);
      if (referral === undefined) throw new Error(`No referral ${referralId}.`);
      return bindings.taskHere(sender, referral, await store.planOfReferral(referralId));
    },
    events: (planId: string) => store.past.filter(({ id }) => id === planId).map(({ event }) => event),
  };
}

const goal = { goalId: 'g1', measure: 'pain-nrs', bodySite: 'lumbar', target: { value: 5, unit: '{score}' } };

function onDay(seq: number): Partial<Session> {
  const day = `2026-12-${String(seq + 1).padStart(2, '0')}`;
  return {
    start: `${day}T09:00:00Z`,
    end: `${day}T09:25:00Z`,
    recordedAt: `${day}T09:30:00Z`,
    preScreen: { askedAt: `${day}T08:55:00Z`, changedSinceLast: false, findings: [], decision: 'proceed' },
    measurements: (['pre', 'post'] as const).map((phase) => ({
      measure: 'pain-nrs',
      phase,
      value: phase === 'pre' ? 7 - seq : 3,
      unit: '{score}',
      bodySite: 'lumbar',
      at: `${day}T09:00:00Z`,
      reportedBy: 'patient' as const,
    })),
  };
}

/** An order of the demonstration's hospital that is accepted; all data invented. */
export function demoOrder(changes: Readonly<Record<string, unknown>> = {}, number = 'R-1'): Record<string, unknown> {
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  return {
    resourceType: 'ServiceRequest',
    identifier: [
      {
        type: coding('http://terminology.hl7.org/CodeSystem/v2-0203', 'PLAC'),
        system: 'https://demo-hospital.example/sid/referral',
        value: number,
      },
    ],
    status: 'active',
    intent: 'order',
    category: [coding('https://tactus.example/fhir/CodeSystem/massage-category', 'medical-massage')],
    code: coding('http://terminology.hl7.org/CodeSystem/service-type', '25'),
    subject: { reference: 'Patient/example-1' },
    occurrenceTiming: { repeat: { count: 6, frequency: 2, period: 1, periodUnit: 'wk' } },
    authoredOn: '2026-11-20',
    requester: { reference: 'Practitioner/example-2' },
    reasonCode: [coding('http://snomed.info/sct', '279039007')],
    bodySite: [coding('http://snomed.info/sct', '37822005')],
    ...changes,
  };
}

/** What makes the example session one to which nobody came. */
export const missed = {
  status: 'not-done',
  statusReason: 'patient-no-show',
  end: undefined,
  durationMin: undefined,
  measurements: [],
  treatments: [],
} as unknown as Partial<Session>;

/** Changes of an order that bring a condition with it. A past deep vein thrombosis (I80.2, resolved) holds. */
export function withCondition(code: string, clinicalStatus: 'active' | 'resolved'): Record<string, unknown> {
  const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
  return {
    contained: [
      {
        resourceType: 'Condition',
        id: 'c1',
        clinicalStatus: { coding: [{ system, code: clinicalStatus }] },
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] },
        subject: { reference: 'Patient/example-1' },
      },
    ],
    supportingInfo: [{ reference: '#c1' }],
  };
}
