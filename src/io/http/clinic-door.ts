import type { TSchema } from '@sinclair/typebox';
import type { EndingsWorld } from './clinic-endings.ts';
import type { PlansWorld } from './clinic-plans.ts';
import { clinicRoutes } from './clinic-routes.ts';
import type { SessionsWorld } from './clinic-sessions.ts';
import type { Door, Route } from './door.ts';
import { openApiDocument } from './openapi.ts';

/** A route with what the OpenAPI document tells of it. */
export interface ClinicRoute extends Route {
  readonly operationId: string;
  readonly summary: string;
  readonly query?: readonly { readonly name: string; readonly description: string }[];
  readonly body?: TSchema;
  /** By status; every route may besides answer with what `commonRefusals` of openapi.ts lists. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: TSchema }>>;
  /** Takes If-Match with the version that was read. */
  readonly conditional?: boolean;
}

export interface ClinicWorld extends PlansWorld, SessionsWorld, EndingsWorld {
  readonly store: PlansWorld['store'] & SessionsWorld['store'];
}

/** The door of the practice's own system: plans and sessions as JSON below /clinic. */
export function clinicDoor(world: ClinicWorld): Door {
  const routes = clinicRoutes(world);
  return {
    prefix: '/clinic',
    audience: 'clinic',
    contentType: 'application/json',
    routes: [
      {
        method: 'GET',
        path: '/openapi.json',
        open: true,
        handle: (call) => ({ status: 200, body: openApiDocument(routes, call.base) }),
      },
      ...routes,
    ],
    tell: (refusal) => ({ issues: refusal.issues }),
  };
}
