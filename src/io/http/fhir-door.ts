import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import type { Answer } from './answer.ts';
import { capabilityStatement } from './capability-statement.ts';
import * as changes from './changes.ts';
import type { Call, Door, Route } from './door.ts';
import { moreRoutes, type WaysInWorld } from './more-ways.ts';
import { fhirJson } from './negotiate.ts';
import * as referrals from './service-request.ts';
import * as tasks from './task.ts';

/** A route with what the CapabilityStatement tells of it. */
export interface FhirRoute extends Route {
  /** Absent: the route is of the whole system. */
  readonly type?: 'ServiceRequest' | 'Task' | 'MessageDefinition';
  readonly interaction?: 'read' | 'vread' | 'history-instance' | 'search-type' | 'create' | 'update';
  readonly systemInteractions?: readonly ('transaction' | 'batch')[];
  readonly operation?: { readonly name: string; readonly definition: string };
  readonly searchParameters?: readonly { readonly name: string; readonly type: 'token' | 'reference' | 'date' }[];
}

export interface FhirWorld extends referrals.ReferralWorld, tasks.TaskWorld, changes.ChangesWorld, WaysInWorld {
  readonly store: referrals.ReferralWorld['store'] &
    tasks.TaskWorld['store'] &
    changes.ChangesWorld['store'] &
    WaysInWorld['store'];
  /** SHA-256 as hex. */
  readonly hash: (data: string) => string;
}

/** https://hl7.org/fhir/R4/http.html#mime-type; plain JSON is what many clients send. */
const bodies = [fhirJson, 'application/json'] as const;
const forms = ['application/x-www-form-urlencoded'] as const;

/** The door of hospitals and portals: FHIR R4 below /fhir. */
export function fhirDoor(world: FhirWorld): Door {
  const ofResources = [...referralRoutes(world), ...taskRoutes(world)];
  const routes: FhirRoute[] = [...ofResources, ...moreRoutes(world, bodies, ofResources)];
  return {
    prefix: '/fhir',
    audience: 'partner',
    contentType: fhirJson,
    routes: [
      { method: 'GET', path: '/metadata', open: true, handle: (call) => metadata(world, routes, call) },
      ...routes,
    ],
    tell: (refusal) => toOperationOutcome(refusal.issues),
  };
}

function referralRoutes(world: FhirWorld): FhirRoute[] {
  const type = 'ServiceRequest';
  const on = (handler: (world: referrals.ReferralWorld, call: Call) => Answer | Promise<Answer>) => (call: Call) =>
    handler(world, call);
  const searchParameters = referrals.searchNames.map((name) => ({ name, type: 'token' as const }));
  return [
    {
      type,
      method: 'POST',
      path: '/ServiceRequest',
      interaction: 'create',
      takes: bodies,
      handle: on(referrals.create),
    },
    {
      type,
      method: 'GET',
      path: '/ServiceRequest',
      interaction: 'search-type',
      searchParameters,
      handle: on(referrals.search),
    },
    {
      type,
      method: 'POST',
      path: '/ServiceRequest/_search',
      takes: forms,
      onlyAsks: true,
      handle: bySearchBody(on(referrals.search)),
    },
    {
      type,
      method: 'POST',
      path: '/ServiceRequest/$validate',
      operation: { name: 'validate', definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate' },
      takes: bodies,
      onlyAsks: true,
      handle: on(referrals.validate),
    },
    { type, method: 'GET', path: '/ServiceRequest/:id', interaction: 'read', handle: on(referrals.read) },
    {
      type,
      method: 'PUT',
      path: '/ServiceRequest/:id',
      interaction: 'update',
      takes: bodies,
      handle: (call) => changes.updateReferral(world, call),
    },
    {
      type,
      method: 'GET',
      path: '/ServiceRequest/:id/_history',
      interaction: 'history-instance',
      handle: on(referrals.history),
    },
    {
      type,
      method: 'GET',
      path: '/ServiceRequest/:id/_history/:version',
      interaction: 'vread',
      handle: on(referrals.readVersion),
    },
  ];
}

function taskRoutes(world: FhirWorld): FhirRoute[] {
  const type = 'Task';
  const kinds = { 'based-on': 'reference', focus: 'reference', patient: 'reference', _lastUpdated: 'date' } as const;
  const searchParameters = tasks.searchNames
    .filter((name) => !name.includes(':'))
    .map((name) => ({ name, type: kinds[name as keyof typeof kinds] ?? ('token' as const) }));
  const search = (call: Call) => tasks.searchTasks(world, call);
  return [
    { type, method: 'GET', path: '/Task', interaction: 'search-type', searchParameters, handle: search },
    { type, method: 'POST', path: '/Task/_search', takes: forms, onlyAsks: true, handle: bySearchBody(search) },
    { type, method: 'GET', path: '/Task/:id', interaction: 'read', handle: (call) => tasks.readTask(world, call) },
    {
      type,
      method: 'PUT',
      path: '/Task/:id',
      interaction: 'update',
      takes: bodies,
      handle: (call) => changes.updateTask(world, call),
    },
  ];
}

/** A search whose parameters stand in the body, so that no number of a patient or an order stands in a URL. */
function bySearchBody(search: (call: Call) => Answer | Promise<Answer>) {
  return (call: Call) =>
    search({ ...call, query: new URLSearchParams([...call.query, ...new URLSearchParams(call.body.text)]) });
}

function metadata(world: FhirWorld, routes: readonly FhirRoute[], call: Call): Answer {
  const profiles = [...new Set([...world.partners.values()].map((partner) => partner.profile))];
  const body = capabilityStatement(routes, call.base, { ServiceRequest: profiles });
  return { status: 200, headers: { ETag: `W/"${world.hash(JSON.stringify(body)).slice(0, 16)}"` }, body };
}
