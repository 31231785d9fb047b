import { Fault, kindOf } from './fault.ts';

function identity(resource: unknown): { readonly resourceType: string; readonly id: string } {
  const { resourceType, id } = (typeof resource === 'object' && resource !== null ? resource : {}) as Record<
    string,
    unknown
  >;
  if (typeof resourceType !== 'string')
    throw new Fault(
      'mapping-reference',
      `Only a resource can be referred to, not ${kindOf(resource)} without resourceType.`,
    );
  if (typeof id !== 'string' || id === '')
    throw new Fault(
      'mapping-reference',
      `The ${resourceType} has no id, so nothing can refer to it: set its id first.`,
    );
  return { resourceType, id };
}

export function referenceTo(resource: unknown): string {
  const { resourceType, id } = identity(resource);
  return `${resourceType}/${id}`;
}

/** What a Reference inside a transaction holds: the full URL of the entry, which is the id as URN where it is a UUID. */
export function pointerTo(resource: unknown): string {
  const { resourceType, id } = identity(resource);
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
    ? `urn:uuid:${id.toLowerCase()}`
    : `${resourceType}/${id}`;
}
