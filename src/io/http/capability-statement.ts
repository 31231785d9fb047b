import type { CapabilityStatement, CapabilityStatementRest, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import type { FhirRoute } from './fhir-door.ts';

/** When the list of interactions last changed; a test fails when it changes and this does not. */
export const statementDate = '2026-11-26';

/**
 * What the FHIR door can do, made of the routes that really serve it, so that nothing is promised that does not work.
 *
 * @param profiles By resource type, the profiles that are supported.
 * @see https://hl7.org/fhir/R4/capabilitystatement.html
 */
export function capabilityStatement(
  routes: readonly FhirRoute[],
  base: string,
  profiles: Readonly<Record<string, readonly string[]>>,
): CapabilityStatement {
  const types = [...new Set(routes.flatMap((route) => route.type ?? []))];
  return {
    resourceType: 'CapabilityStatement',
    name: 'Tactus',
    title: 'Tactus: referrals for medical massage',
    status: 'active',
    date: statementDate,
    publisher: 'Tactus',
    description:
      'Takes ServiceRequests for medical massage and tells by a Task what became of each. A partner sees only what it sent.',
    kind: 'instance',
    software: { name: 'Tactus' },
    implementation: { description: 'Tactus', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: false,
          description: 'Each request carries the bearer token that the partner was given; GET metadata needs none.',
        },
        resource: types.map((type) => describe(type, routes, profiles[type] ?? [])),
        ...ofSystem(routes.filter((route) => route.type === undefined)),
      },
    ],
  };
}

/** Interactions and operations that are of no resource type. */
function ofSystem(routes: readonly FhirRoute[]): Pick<CapabilityStatementRest, 'interaction' | 'operation'> {
  const interactions = routes.flatMap((route) => route.systemInteractions ?? []);
  const operations = routes.flatMap((route) => route.operation ?? []);
  return {
    ...(interactions.length === 0 ? {} : { interaction: interactions.map((code) => ({ code })) }),
    ...(operations.length === 0 ? {} : { operation: operations.map(({ name, definition }) => ({ name, definition })) }),
  };
}

function describe(
  type: string,
  routes: readonly FhirRoute[],
  profiles: readonly string[],
): CapabilityStatementRestResource {
  const own = routes.filter((route) => route.type === type);
  const interactions = own.flatMap((route) => route.interaction ?? []);
  const operations = own.flatMap((route) => route.operation ?? []);
  const parameters = own.flatMap((route) => route.searchParameters ?? []);
  const creates = interactions.includes('create');
  return {
    type: type as CapabilityStatementRestResource['type'],
    ...(profiles.length === 0 ? {} : { supportedProfile: [...profiles] }),
    interaction: interactions.map((code) => ({ code })),
    versioning: interactions.includes('update')
      ? 'versioned-update'
      : interactions.includes('vread')
        ? 'versioned'
        : 'no-version',
    readHistory: interactions.includes('vread'),
    ...(creates ? { updateCreate: false, conditionalCreate: true } : {}),
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    ...(parameters.length === 0 ? {} : { searchParam: parameters.map(({ name, type }) => ({ name, type })) }),
    ...(operations.length === 0 ? {} : { operation: operations.map(({ name, definition }) => ({ name, definition })) }),
  };
}
