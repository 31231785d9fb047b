import { afterEach } from 'vitest';
import { loadExamplesCatalog, openHouse, type RunningHouse } from '../../conformance/referrals/house.ts';

/** Real doors, mappings, rules and profiles on a store in memory; the hospital's resources are the test's. */
const catalog = loadExamplesCatalog();
const opened: RunningHouse[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((house) => house.close()));
});

export type Json = Record<string, unknown>;

export async function house(hospital: (path: string) => unknown = () => undefined): Promise<RunningHouse> {
  const found = await openHouse(catalog, hospital);
  opened.push(found);
  return found;
}

export const placerSystem = 'https://placer.example/sid/order';
const coding = (system: string, code: string) => ({ coding: [{ system, code }] });

/** An order for massage that leaves nothing open; all data invented. */
export function massageOrder(number: string, changes: Json = {}): Json {
  return {
    resourceType: 'ServiceRequest',
    identifier: [{ system: placerSystem, value: number }],
    status: 'active',
    intent: 'order',
    code: coding('http://terminology.hl7.org/CodeSystem/service-type', '25'),
    subject: { reference: 'Patient/invented' },
    quantityQuantity: { value: 6 },
    authoredOn: '2026-11-20',
    requester: { reference: 'Practitioner/invented' },
    reasonCode: [coding('http://snomed.info/sct', '279039007')],
    bodySite: [coding('http://snomed.info/sct', '37822005')],
    ...changes,
  };
}

export function patient(number: string): Json {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'https://placer.example/sid/patient', value: number }],
    name: [{ family: 'Muster', given: ['Maxi'] }],
  };
}

/** A deep vein thrombosis: massage is rejected. */
export function thrombosis(subject: string): Json {
  return {
    resourceType: 'Condition',
    clinicalStatus: coding('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    verificationStatus: coding('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
    code: coding('http://hl7.org/fhir/sid/icd-10', 'I80.2'),
    subject: { reference: subject },
  };
}

export const urn = (digit: number) => `urn:uuid:00000000-0000-4000-8000-00000000000${digit}`;

/** An entry of a transaction that creates a resource. */
export function creating(resource: Json, fullUrl?: string, request: Json = {}): Json {
  return {
    ...(fullUrl === undefined ? {} : { fullUrl }),
    resource,
    request: { method: 'POST', url: resource.resourceType, ...request },
  };
}

export function bundle(type: string, entry: readonly Json[]): Json {
  return { resourceType: 'Bundle', type, ...(entry.length === 0 ? {} : { entry }) };
}

export interface Said {
  readonly status: number;
  readonly body: {
    readonly resourceType: string;
    readonly id: string;
    readonly type: string;
    readonly status: string;
    readonly code: unknown;
    readonly focus: unknown;
    readonly businessStatus?: unknown;
    readonly statusReason?: unknown;
    readonly total?: number;
    readonly issue: readonly {
      readonly severity: string;
      readonly code: string;
      readonly diagnostics: string;
      readonly expression?: readonly string[];
      readonly details: { readonly coding: readonly { readonly code: string }[] };
    }[];
    readonly entry: readonly {
      readonly resource?: Said['body'];
      readonly response: {
        readonly status: string;
        readonly location: string;
        readonly etag: string;
        readonly outcome: Said['body'];
      };
    }[];
  };
  readonly headers: Headers;
}

export async function say(to: RunningHouse, path: string, body: unknown): Promise<Said> {
  const answer = await to.send('POST', path, typeof body === 'string' ? body : JSON.stringify(body));
  return { status: answer.status, body: (await answer.json()) as Said['body'], headers: answer.headers };
}

export async function look(at: RunningHouse, path: string): Promise<Said> {
  const answer = await at.send('GET', path);
  return { status: answer.status, body: (await answer.json()) as Said['body'], headers: answer.headers };
}

/** Our codes of what was refused. */
export function codes({ body }: Pick<Said, 'body'>): string[] {
  return body.issue.map(({ details }) => details.coding[0]?.code ?? '');
}
