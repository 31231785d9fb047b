import type { ClinicRoute } from './clinic-door.ts';
import { RefusalSchema } from './clinic-schemas.ts';

/** Every route may answer with these; their body lists the issues. */
const commonRefusals: Readonly<Record<number, string>> = {
  400: 'The request or its body cannot be read, or has not the shape that it should have',
  401: 'No bearer token that is known here',
  403: 'The token is for another door',
  404: 'There is no such thing here',
  406: 'The answer is JSON, which Accept does not allow',
  503: 'The store does not answer; nothing was changed, try again after Retry-After',
};
const bodyRefusals: Readonly<Record<number, string>> = {
  409: 'It is at odds with what is here: another content under the same id, or another change at the same time',
  412: 'If-Match names another version',
  413: 'The body is larger than 1 MB',
  415: 'The body is not JSON in UTF-8',
  422: 'It breaks a rule; each issue names field, value and rule',
};

type Json = Readonly<Record<string, unknown>>;

/**
 * The clinic door as OpenAPI 3.1, made of the routes that serve it and the schemas that check it.
 * @see https://spec.openapis.org/oas/v3.1.0
 */
export function openApiDocument(routes: readonly ClinicRoute[], base: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tactus, the clinic door',
      version: '1',
      description: 'Treatment plans made of hospital referrals, and the sessions that a practice records on them.',
    },
    servers: [{ url: base }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Refusal: RefusalSchema },
    },
  };
}

function operation(route: ClinicRoute): Json {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => parameter('path', String(name), 'id', true));
  const inQuery = (route.query ?? []).map(({ name, description }) => parameter('query', name, description, false));
  const ifMatch = 'the ETag of the plan as it was read; a plan that changed since is then left alone';
  return {
    operationId: route.operationId,
    summary: route.summary,
    parameters: [
      ...inPath,
      ...inQuery,
      ...(route.conditional ? [parameter('header', 'If-Match', ifMatch, false)] : []),
    ],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: { ...answers(route), ...refusals(route) },
  };
}

function parameter(place: string, name: string, description: string, required: boolean): Json {
  return { name, in: place, description, required, schema: { type: 'string' } };
}

function answers(route: ClinicRoute): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }) },
    ]),
  );
}

function refusals(route: ClinicRoute): Json {
  const possible = { ...commonRefusals, ...(route.body === undefined ? {} : bodyRefusals) };
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } };
  return Object.fromEntries(
    Object.entries(possible).map(([status, description]) => [status, { description, content }]),
  );
}
