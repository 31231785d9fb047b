import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Task } from '@medplum/fhirtypes';
import { Registry } from 'prom-client';
import { planNumberSystem } from '../../../src/core/answer/codes.ts';
import { readInboundTask } from '../../../src/core/answer/inbound-kind.ts';
import type { Partner } from '../../../src/core/answer/partner.ts';
import type { ScreeningResult } from '../../../src/core/plan/screening.ts';
import { createValidator } from '../../../src/core/validate/create.ts';
import { amendReferral } from '../../../src/flows/amend.ts';
import { updateTask } from '../../../src/flows/answer-questions.ts';
import { briefTherapist } from '../../../src/flows/brief-therapist.ts';
import { decideCancellation, requestCancellation } from '../../../src/flows/cancel.ts';
import { answerMissing, assess, decideFinding, retryDelivery } from '../../../src/flows/clinic.ts';
import { dryRun } from '../../../src/flows/dry-run.ts';
import type { Drafting, PlanDecision } from '../../../src/flows/plan.ts';
import { receiveReferral } from '../../../src/flows/receive.ts';
import { recordSession } from '../../../src/flows/record-session.ts';
import type { PlanRecord, Referral } from '../../../src/flows/records.ts';
import { keepRefused } from '../../../src/flows/refused.ts';
import { stopCourse } from '../../../src/flows/stop.ts';
import type { Store } from '../../../src/flows/store.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { createServer, type RequestDone } from '../../../src/io/http/server.ts';
import { bindWaysIn } from '../../../src/start/ways-in.ts';
import { examplePlan } from '../../core/plan/examples.ts';
import { fakeStore } from '../../flows/fake-store.ts';

/** The real app on a store of the test's choice, listening on loopback. */
export interface TestApp<S extends Store = Store> {
  readonly url: string;
  readonly store: S;
  readonly server: Server;
  /** Every request that ended, and every fault of ours. */
  readonly requests: RequestDone[];
  readonly faults: unknown[];
  /** The clock; requests read it. */
  now: string;
  /** What planFaults says of the next referrals. */
  planFaults: Drafting['makePlan'] | undefined;
  decision: PlanDecision;
  findings: ScreeningResult['findings'];
  close(): Promise<void>;
}

export const tokens = {
  demo: 'token-of-demo',
  other: 'token-of-other',
  lost: 'token-of-lost',
  clinic: 'token-of-clinic',
};

const validator = createValidator(loadDefinitions(join(import.meta.dirname, '../../../profiles/generated')));
export const profile = 'https://tactus.example/fhir/StructureDefinition/massage-service-request';

export const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** `demo` is held to the strict profile; `other` to the tolerant one, and its orders may be known by their ids. */
export const partners: ReadonlyMap<string, Partner> = new Map<string, Partner & { placerFromId?: boolean }>([
  ['demo', aPartner('demo')],
  ['other', { ...aPartner('other'), profile: `${profile}-intake`, placerFromId: true }],
]);

export async function startApp(): Promise<TestApp<ReturnType<typeof fakeStore>>> {
  return startAppOn(fakeStore());
}

export async function startAppOn<S extends Store>(store: S): Promise<TestApp<S>> {
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const state = { now: '2026-11-26T10:00:00.000Z' };
  const now = () => app.now;
  const drafting: Drafting = {
    makePlan: (referral, planId) =>
      app.planFaults?.(referral, planId) ?? { ok: true, plan: planOf(referral, planId), reports: [] },
    screen: () => screening(app.findings),
    decide: () => app.decision,
  };
  const planFaults = (referral: Referral) => {
    const made = drafting.makePlan(referral, 'draft');
    return made.ok ? [] : made.issues;
  };
  const clinic = { store, now, drafting };
  const changing = {
    ...clinic,
    validator,
    hash: sha256,
    newId,
    taskOf: (record: PlanRecord, referral: Referral) => taskOf(referral, record),
    checkTask: () => [],
    applyAnswers: (plan: PlanRecord['plan']) => ({ ok: true, plan, answered: [], isDeclined: false }) as const,
  };
  const requests: RequestDone[] = [];
  const faults: unknown[] = [];
  const server = createServer({
    store,
    partners,
    hash: sha256,
    newId,
    now,
    receive: (incoming) => receiveReferral({ store, validator, hash: sha256, newId, now, planFaults }, incoming),
    dryRun: (sender, text) =>
      dryRun(
        {
          store,
          validator,
          hash: sha256,
          newId,
          now,
          drafting,
          makeTask: (record, referral) => taskOf(referral, record),
        },
        sender,
        text,
      ),
    taskOf: (_, referral, record) => taskOf(referral, record),
    amend: (incoming) => amendReferral(changing, incoming),
    ...bindWaysIn({
      ...changing,
      planFaults,
      planNumberSystem,
      readTask: (task) => readInboundTask(task, new Map()),
      call: async () => ({ kind: 'broken', reason: 'connection' }),
      cancel: (request) => requestCancellation(changing, request),
      amend: (incoming) => amendReferral(changing, incoming),
    }),
    updateTask: (update) => updateTask(changing, update),
    checkR4: (resource, locate) => validator.validate(resource, { locate }),
    stop: (...given) => stopCourse(clinic, ...given),
    decideCancellation: (...given) => decideCancellation(clinic, ...given),
    assess: (...given) => assess(clinic, ...given),
    decideFinding: (...given) => decideFinding(clinic, ...given),
    answerMissing: (...given) => answerMissing(clinic, ...given),
    briefing: (record) => briefTherapist({ store, drafting }, record),
    recordSession: (...given) => recordSession({ store, now, newId, hash: sha256 }, ...given),
    retryDelivery: (...given) => retryDelivery(clinic, ...given),
    onRecorded: () => {},
    onReceived: () => {},
    pings: { store: () => store.ping() },
    registry: new Registry(),
    onRequest: (done) => requests.push(done),
    onFault: (error) => faults.push(error),
    keepRefused: (refused) => keepRefused({ store, hash: sha256, now }, refused),
  });
  const app: TestApp<S> = {
    url: '',
    store,
    server,
    requests,
    faults,
    now: state.now,
    planFaults: undefined,
    decision: { state: 'accepted', reasons: [], questions: [] },
    findings: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await store.addToken({ hash: sha256(tokens.demo), audience: 'partner', owner: 'demo' }, state.now);
  await store.addToken({ hash: sha256(tokens.other), audience: 'partner', owner: 'other' }, state.now);
  await store.addToken({ hash: sha256(tokens.lost), audience: 'partner', owner: 'lost' }, state.now);
  await store.addToken({ hash: sha256(tokens.clinic), audience: 'clinic', owner: 'practice' }, state.now);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return Object.assign(app, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** A ServiceRequest that conforms to the strict profile; all data invented. */
export function order(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  return {
    resourceType: 'ServiceRequest',
    meta: { profile: [profile] },
    identifier: [
      {
        type: coding('http://terminology.hl7.org/CodeSystem/v2-0203', 'PLAC'),
        system: 'https://hospital.example/orders',
        value: 'O-1',
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

export function numbered(value: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return order({ identifier: [{ system: 'https://hospital.example/orders', value }], ...changes });
}

export function planOf(referral: Referral, planId: string): PlanRecord['plan'] {
  return { ...examplePlan, planId, source: { ...examplePlan.source, payloadHash: referral.bytesHash } };
}

/** The shape of an answer, enough for the door's own tests; core/answer has its own. */
function taskOf(referral: Referral, record: PlanRecord | undefined): Task {
  const { subject } = referral.resource as { readonly subject?: NonNullable<Task['for']> };
  return {
    resourceType: 'Task',
    id: referral.id,
    meta: { versionId: String(record?.version ?? 0), lastUpdated: record?.updatedAt ?? referral.updatedAt },
    identifier: [{ ...referral.placer }],
    status: record === undefined ? 'received' : 'accepted',
    intent: 'order',
    focus: { reference: `ServiceRequest/${referral.id}` },
    ...(subject === undefined ? {} : { for: subject }),
  };
}

function screening(findings: ScreeningResult['findings']): ScreeningResult {
  return {
    completeness: 'complete',
    disposition: 'none',
    findings,
    modifications: [],
    duties: [],
    qualifications: [],
    shown: [],
    missing: [],
    checkedAt: '2026-11-26T10:00:00.000Z',
    ruleSetVersion: '1',
  };
}

function aPartner(id: string): Partner {
  return {
    id,
    name: `Hospital ${id}`,
    baseUrl: `https://${id}.example/fhir`,
    profile,
    identifierSystems: { placer: [], patient: [], practitioner: [] },
    delivery: 'transaction',
    answers: 'keep',
    anchor: 'own',
    policy: {
      intents: { otherwise: 'accept' },
      notMassage: 'reject',
      expired: 'reject',
      unknownCode: 'hold',
      asks: [],
    },
  };
}

/** POST a referral as a hospital does. */
export function post(
  app: Pick<TestApp, 'url'>,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = '/fhir/ServiceRequest',
): Promise<Response> {
  return fetch(app.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json', ...bearer(tokens.demo), ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
}

export function get(
  app: Pick<TestApp, 'url'>,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(app.url + path, { headers: { ...bearer(tokens.demo), ...headers } });
}

export function bearer(token: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

/** What answers hold, as far as tests look at it. */
export interface Told {
  readonly resourceType: string;
  readonly id: string;
  readonly total?: number;
  readonly issue: readonly ToldIssue[];
  readonly parameter: readonly { readonly valueString: string; readonly resource: Told }[];
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: Told }[];
}

export interface ToldIssue {
  readonly severity: string;
  readonly code: string;
  readonly details: { readonly coding: readonly { readonly code: string }[]; readonly text: string };
  readonly diagnostics: string;
  readonly expression?: readonly string[];
  readonly extension?: readonly { readonly valueInteger: number }[];
}

export async function told(answer: Response): Promise<Told> {
  return (await answer.json()) as Told;
}
